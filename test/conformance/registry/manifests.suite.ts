import { describe, expect, it } from 'vitest';
import {
  type Answer,
  descriptorOf,
  digestOf,
  errorCode,
  layerOf,
  locationOf,
  type Manifest,
  manifestOf,
  newImage,
  newRepository,
  OCI_EMPTY,
  OCI_INDEX,
  type RegistryClient,
  randomBlob,
} from './client.ts';

const EMPTY = Buffer.from('{}');
const MANIFEST_BYTES_LEAST = 4 * 1024 * 1024;

/** Manifests of all kinds, what they name pushed before. */
const kinds: readonly {
  readonly name: string;
  readonly make: (client: RegistryClient, repository: string) => Promise<Manifest>;
}[] = [
  { name: 'an image', make: newImage },
  {
    name: "an image of Docker's media types",
    make: async (client, repository) => {
      const { config, layers } = JSON.parse((await newImage(client, repository)).bytes.toString());
      return manifestOf({ config, layers }, 'application/vnd.docker.distribution.manifest.v2+json');
    },
  },
  {
    name: 'an index of an index',
    make: async (client, repository) => {
      const image = await newImage(client, repository);
      await client.pushManifest(repository, image.digest, image);
      const inner = manifestOf({ manifests: [descriptorOf(image)] }, OCI_INDEX);
      await client.pushManifest(repository, inner.digest, inner);
      return manifestOf({ manifests: [descriptorOf(inner), descriptorOf(image)] }, OCI_INDEX);
    },
  },
  { name: 'an empty index', make: async () => manifestOf({ manifests: [] }, OCI_INDEX) },
  { name: 'an artifact', make: (client, repository) => artifact(client, repository, 'application/vnd.example.sbom') },
  {
    name: 'one with data and fields that nobody knows',
    make: async (client, repository) => {
      await client.pushBlob(repository, EMPTY);
      const config = { ...layerOf(EMPTY, OCI_EMPTY), data: EMPTY.toString('base64'), 'org.example': [1, 'ü'] };
      return manifestOf({ config, layers: [], 'org.example.custom': { deep: true } });
    },
  },
  {
    name: 'one with a layer that may not be distributed',
    make: async (client, repository) => {
      await client.pushBlob(repository, EMPTY);
      const foreign = layerOf(randomBlob(), 'application/vnd.oci.image.layer.nondistributable.v1.tar');
      return manifestOf({ config: layerOf(EMPTY), layers: [{ ...foreign, urls: ['https://example.com/layer'] }] });
    },
  },
];

export async function artifact(client: RegistryClient, repository: string, artifactType: string, more: object = {}) {
  await client.pushBlob(repository, EMPTY);
  return manifestOf({ artifactType, config: layerOf(EMPTY, OCI_EMPTY), layers: [layerOf(EMPTY, OCI_EMPTY)], ...more });
}

function expectSame(answer: Answer, manifest: Manifest): void {
  expect(answer.status).toBe(200);
  expect(answer.headers).toMatchObject({
    'content-type': manifest.mediaType,
    'docker-content-digest': manifest.digest,
    'content-length': String(manifest.bytes.length),
    etag: `"${manifest.digest}"`,
  });
}

export function manifestsSuite(clientOf: () => RegistryClient): void {
  describe.each(kinds)('$name', ({ make }) => {
    it('comes back byte by byte, by its tag and by its digest', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const manifest = await make(client, repository);
      const put = await client.pushManifest(repository, 'v1.0', manifest);
      expect([put.status, put.headers['docker-content-digest']]).toEqual([201, manifest.digest]);
      for (const path of [locationOf(put), `/v2/${repository}/manifests/v1.0`]) {
        const get = await client.ask('GET', path);
        expectSame(get, manifest);
        expect(get.body.equals(manifest.bytes)).toBe(true);
        const head = await client.ask('HEAD', path);
        expectSame(head, manifest);
        expect(head.body.length).toBe(0);
      }
    });
  });

  describe('a manifest', () => {
    it('can be pushed without a tag', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const image = await newImage(client, repository);
      expect((await client.pushManifest(repository, image.digest, image)).status).toBe(201);
      expectSame(await client.ask('GET', `/v2/${repository}/manifests/${image.digest}`), image);
    });

    it('stays where it is when its tag goes to another', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const [one, two] = [await newImage(client, repository), await newImage(client, repository)];
      for (const image of [one, two]) await client.pushManifest(repository, 'latest', image);
      expectSame(await client.ask('HEAD', `/v2/${repository}/manifests/latest`), two);
      expectSame(await client.ask('HEAD', `/v2/${repository}/manifests/${one.digest}`), one);
    });

    it('says whom it refers to, who need not be there', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const subject = descriptorOf(manifestOf({ config: layerOf(EMPTY), layers: [], missing: repository }));
      const signature = await artifact(client, repository, 'application/vnd.example.signature', { subject });
      const put = await client.pushManifest(repository, signature.digest, signature);
      expect([put.status, put.headers['oci-subject']]).toEqual([201, subject.digest]);
    });

    it('is refused under a digest that it does not have', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const image = await newImage(client, repository);
      for (const digest of [digestOf('another'), 'sha256:abc', `sha384:${'0'.repeat(96)}`]) {
        const put = await client.pushManifest(repository, digest, image);
        expect([put.status, errorCode(put)], digest).toEqual([400, 'DIGEST_INVALID']);
      }
      expect((await client.ask('HEAD', `/v2/${repository}/manifests/${image.digest}`)).status).toBe(404);
    });

    it('is refused when a blob is missing', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const put = await client.pushManifest(
        repository,
        'v1',
        manifestOf({ config: layerOf(randomBlob()), layers: [] }),
      );
      expect([put.status, errorCode(put)]).toEqual([404, 'MANIFEST_BLOB_UNKNOWN']);
      expect((await client.ask('HEAD', `/v2/${repository}/manifests/v1`)).status).toBe(404);
    });

    it('is refused when it is none', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const image = await newImage(client, repository);
      const broken = { ...image, bytes: image.bytes.subarray(0, 40) };
      const put = await client.pushManifest(repository, 'v1', broken);
      expect([put.status, errorCode(put)]).toEqual([400, 'MANIFEST_INVALID']);
      for (const reference of ['-v1', 'a%20b', 'x'.repeat(129)]) {
        const refused = await client.pushManifest(repository, reference, image);
        expect([refused.status, errorCode(refused)], reference).toEqual([400, 'MANIFEST_INVALID']);
      }
    });

    it('may be as large as the specification asks for, and is refused when it is larger', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      await client.pushBlob(repository, EMPTY);
      const sized = (bytes: number): Manifest => {
        const content = (padding: number) =>
          manifestOf({ config: layerOf(EMPTY), layers: [], annotations: { padding: 'x'.repeat(padding) } });
        return content(bytes - content(0).bytes.length);
      };
      expect((await client.pushManifest(repository, 'large', sized(MANIFEST_BYTES_LEAST))).status).toBe(201);
      const larger = await client.pushManifest(repository, 'larger', sized(MANIFEST_BYTES_LEAST + 1));
      expect([larger.status, errorCode(larger)]).toEqual([413, 'SIZE_INVALID']);
    });

    it('that is not there is unknown', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      for (const reference of ['latest', '.no-tag', digestOf(randomBlob())]) {
        const path = `/v2/${repository}/manifests/${reference}`;
        const get = await client.ask('GET', path);
        expect([get.status, errorCode(get)], reference).toEqual([404, 'MANIFEST_UNKNOWN']);
        const head = await client.ask('HEAD', path);
        expect([head.status, head.body.length]).toEqual([404, 0]);
        expect((await client.ask('DELETE', path)).status).toBe(404);
      }
    });

    it('goes with all its tags; a tag goes alone', async () => {
      const [client, repository] = [clientOf(), newRepository()];
      const image = await newImage(client, repository);
      for (const tag of ['a', 'b', 'c']) await client.pushManifest(repository, tag, image);
      const path = (reference: string) => `/v2/${repository}/manifests/${reference}`;
      const status = async (method: string, reference: string) => (await client.ask(method, path(reference))).status;
      expect(await status('DELETE', 'a')).toBe(202);
      expect(await status('HEAD', 'a')).toBe(404);
      expect(await status('HEAD', 'b')).toBe(200);
      expect(await status('DELETE', image.digest)).toBe(202);
      for (const reference of ['b', 'c', image.digest]) expect(await status('GET', reference), reference).toBe(404);
      expect(await status('DELETE', image.digest)).toBe(404);
    });
  });
}
