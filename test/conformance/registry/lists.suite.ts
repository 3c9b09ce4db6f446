import { beforeAll, describe, expect, it } from 'vitest';
import {
  type Answer,
  descriptorOf,
  digestOf,
  errorCode,
  jsonOf,
  type Manifest,
  newImage,
  newRepository,
  OCI_INDEX,
  type RegistryClient,
} from './client.ts';
import { artifact } from './manifests.suite.ts';

const nextOf = (answer: Answer): string | undefined => /^<([^>]+)>; rel="next"$/.exec(String(answer.headers.link))?.[1];

export function listsSuite(clientOf: () => RegistryClient): void {
  tagsSuite(clientOf);
  referrersSuite(clientOf);
  catalogSuite(clientOf);
}

function tagsSuite(clientOf: () => RegistryClient): void {
  describe('the tags of a repository', () => {
    const repository = newRepository();
    const path = `/v2/${repository}/tags/list`;
    const all = ['1.0', 'Z', '_x', 'a', 'b', 'latest'];
    beforeAll(async () => {
      const image = await newImage(clientOf(), repository);
      for (const tag of [...all].reverse()) await clientOf().pushManifest(repository, tag, image);
    });

    it('are listed in lexical order', async () => {
      const answer = await clientOf().ask('GET', path);
      expect(jsonOf(answer)).toEqual({ name: repository, tags: all });
      expect(nextOf(answer)).toBeUndefined();
    });

    it('come page by page, each with a link to the next', async () => {
      const pages: unknown[] = [];
      for (let next: string | undefined = `${path}?n=4`; next !== undefined; ) {
        const answer: Answer = await clientOf().ask('GET', next);
        pages.push(Object(jsonOf(answer)).tags);
        next = nextOf(answer);
      }
      expect(pages).toEqual([all.slice(0, 4), all.slice(4)]);
    });

    it.each([
      { query: 'last=a', tags: ['b', 'latest'], hasNext: false },
      { query: 'n=2&last=_x', tags: ['a', 'b'], hasNext: true },
      { query: 'n=2&last=a', tags: ['b', 'latest'], hasNext: false },
      { query: 'n=100', tags: all, hasNext: false },
      { query: 'n=0', tags: [], hasNext: false },
      { query: 'last=zzz', tags: [], hasNext: false },
    ])('answer $query', async ({ query, tags, hasNext }) => {
      const answer = await clientOf().ask('GET', `${path}?${query}`);
      expect(Object(jsonOf(answer)).tags).toEqual(tags);
      expect(nextOf(answer) !== undefined).toBe(hasNext);
    });

    it('need a number that is one, and a repository that is there', async () => {
      for (const n of ['-1', 'x', '1e3', '']) {
        expect((await clientOf().ask('GET', `${path}?n=${n}`)).status, n).toBe(400);
      }
      const answer = await clientOf().ask('GET', `/v2/${newRepository()}/tags/list`);
      expect([answer.status, errorCode(answer)]).toEqual([404, 'NAME_UNKNOWN']);
    });
  });
}

function referrersSuite(clientOf: () => RegistryClient): void {
  describe('the referrers of a manifest', () => {
    const repository = newRepository();
    const [sbom, signature] = ['application/vnd.example.sbom', 'application/vnd.example.signature'];
    let image: Manifest;
    let made: Manifest[];
    const ask = (query = '') => clientOf().ask('GET', `/v2/${repository}/referrers/${image.digest}${query}`);
    const digestsOf = (answer: Answer): unknown[] =>
      Object(jsonOf(answer)).manifests.map((m: object) => Object(m).digest);

    beforeAll(async () => {
      image = await newImage(clientOf(), repository);
      await clientOf().pushManifest(repository, 'v1', image);
      const subject = descriptorOf(image);
      const annotations = { 'org.example.by': 'a test' };
      made = [
        await artifact(clientOf(), repository, sbom, { subject, annotations }),
        await artifact(clientOf(), repository, signature, { subject }),
      ];
      for (const manifest of made) await clientOf().pushManifest(repository, manifest.digest, manifest);
    });

    it('are an index with their types and annotations', async () => {
      const answer = await ask();
      expect([answer.status, answer.headers['content-type']]).toEqual([200, OCI_INDEX]);
      expect(answer.headers['oci-filters-applied']).toBeUndefined();
      expect(jsonOf(answer)).toMatchObject({ schemaVersion: 2, mediaType: OCI_INDEX });
      expect(digestsOf(answer).sort()).toEqual(made.map(({ digest }) => digest).sort());
      const found = Object(jsonOf(answer)).manifests.find((m: object) => Object(m).artifactType === sbom);
      expect(found).toMatchObject({ size: made[0]?.bytes.length, annotations: { 'org.example.by': 'a test' } });
    });

    it('can be had of one type only', async () => {
      const answer = await ask(`?artifactType=${encodeURIComponent(signature)}`);
      expect(answer.headers['oci-filters-applied']).toBe('artifactType');
      expect(digestsOf(answer)).toEqual([made[1]?.digest]);
      expect(digestsOf(await ask('?artifactType=application/x'))).toEqual([]);
    });

    it('are none of a manifest that nobody knows, and no answer to what is no digest', async () => {
      const none = await clientOf().ask('GET', `/v2/${newRepository()}/referrers/${digestOf('nobody')}`);
      expect([none.status, none.headers['content-type'], digestsOf(none)]).toEqual([200, OCI_INDEX, []]);
      const wrong = await clientOf().ask('GET', `/v2/${repository}/referrers/latest`);
      expect([wrong.status, errorCode(wrong)]).toEqual([400, 'DIGEST_INVALID']);
    });

    it('are fewer once one was deleted', async () => {
      const [first, second] = made;
      await clientOf().ask('DELETE', `/v2/${repository}/manifests/${first?.digest}`);
      expect(digestsOf(await ask())).toEqual([second?.digest]);
    });
  });
}

function catalogSuite(clientOf: () => RegistryClient): void {
  it('lists the repositories, page by page', async () => {
    const client = clientOf();
    const made = [newRepository(), newRepository()].sort();
    for (const repository of made) {
      await client.pushManifest(repository, 'v1', await newImage(client, repository));
    }
    const seen: string[] = [];
    for (let next: string | undefined = '/v2/_catalog?n=1'; next !== undefined; ) {
      const answer: Answer = await client.ask('GET', next);
      expect(answer.status).toBe(200);
      seen.push(...Object(jsonOf(answer)).repositories);
      next = nextOf(answer);
    }
    expect(seen).toEqual([...seen].sort());
    expect(seen.filter((name) => made.includes(name))).toEqual(made);
    expect(Object(jsonOf(await client.ask('GET', '/v2/_catalog?n=0'))).repositories).toEqual([]);
  });
}
