import { createHash } from 'node:crypto';
import type { Digest } from '../../../protocol/digest.ts';
import type { MemoryHost } from '../../framework/memory-host.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';

export const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const { signal } = new AbortController();

/** An image of a test: what a client would send. */
export interface TestImage {
  readonly manifest: Uint8Array;
  readonly digest: Digest;
  readonly config: Uint8Array;
  readonly layers: readonly Uint8Array[];
}

export const sha256 = (bytes: Uint8Array): Digest =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;

/** Layers of these sizes; the same name is the same image. */
export function testImage(name: string, ...layerBytes: readonly number[]): TestImage {
  const layers = layerBytes.map((size, index) => noise(`${name}/${index}`, size));
  const config = Buffer.from(JSON.stringify({ os: 'linux', name }));
  const describe = (bytes: Uint8Array) => ({
    mediaType: 'application/octet-stream',
    digest: sha256(bytes),
    size: bytes.length,
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: MANIFEST_TYPE,
      config: describe(config),
      layers: layers.map(describe),
    }),
  );
  return { manifest, digest: sha256(manifest), config, layers };
}

/** What `docker push` does, through one host. */
export async function push(
  mesh: MemoryMesh,
  via: number,
  image: TestImage,
  repository: string,
  tag: string,
): Promise<void> {
  await mesh.settle(pushing(mesh.host(via), image, repository, tag));
}

export async function pushing(host: MemoryHost, image: TestImage, repository: string, tag: string): Promise<void> {
  const { registry } = host.services;
  for (const bytes of [image.config, ...image.layers]) {
    if ((await registry.blobSize(repository, sha256(bytes))) === undefined) await pushingBlob(host, repository, bytes);
  }
  const { manifest: bytes, digest } = image;
  await registry.putManifest({ repository, tag, digest, mediaType: MANIFEST_TYPE, bytes });
}

export async function pushingBlob({ services, layers }: MemoryHost, repository: string, bytes: Uint8Array) {
  await services.registry.admitUpload(repository, bytes.length);
  const { id } = await layers.beginUpload();
  await layers.append(id, once(bytes), undefined);
  const { digest, sizeBytes } = await layers.finishUpload(id, sha256(bytes));
  await services.registry.uploaded(repository, digest, sizeBytes);
}

/** What `docker pull` does on one host; resolves when every byte is there. */
export async function pulling(host: MemoryHost, repository: string, reference: string): Promise<void> {
  const { registry } = host.services;
  const resolved = await registry.resolve(repository, reference, signal);
  if (resolved === undefined) throw new Error(`${repository}:${reference} is unknown on ${host.name}`);
  const manifest: { config: { digest: Digest }; layers: { digest: Digest }[] } = JSON.parse(
    Buffer.from(await registry.manifest(repository, resolved.digest, signal)).toString(),
  );
  await Promise.all([manifest.config, ...manifest.layers].map(({ digest }) => readBlob(host, repository, digest)));
}

async function readBlob(host: MemoryHost, repository: string, digest: Digest): Promise<void> {
  const sizeBytes = await host.services.registry.wantBlob(repository, digest, signal);
  if (sizeBytes === undefined) throw new Error(`${digest} is unknown on ${host.name}`);
  const hash = createHash('sha256');
  for await (const chunk of host.layers.read(digest, { start: 0, end: sizeBytes }, signal)) hash.update(chunk);
  const got = `sha256:${hash.digest('hex')}`;
  if (got !== digest) throw new Error(`${host.name} got ${got} for ${digest}`);
}

/** Puts an image into another registry, `registry.test` over plain HTTP unless said otherwise. */
export function putUpstream(
  mesh: MemoryMesh,
  image: TestImage,
  repository: string,
  tag: string,
  url = 'https://registry.test',
): void {
  for (const bytes of [image.config, ...image.layers]) mesh.upstream.addBlob(bytes);
  mesh.upstream.addManifest(url, repository, tag, image.manifest, MANIFEST_TYPE);
}

/** Numbers of the hosts that hold every blob of an image whole. */
export const holdersOf = (mesh: MemoryMesh, image: TestImage): number[] =>
  mesh.hosts
    .filter(({ layers }) => blobsOf(image).every((digest) => layers.stat(digest)?.isComplete))
    .map(({ number }) => number);

export const blobsOf = ({ manifest, config, layers }: TestImage): Digest[] => [manifest, config, ...layers].map(sha256);

/** Cheap bytes that differ everywhere. */
function noise(seed: string, size: number): Uint8Array {
  const bytes = Buffer.alloc(size);
  const block = createHash('sha512').update(seed).digest();
  for (let at = 0; at < size; at += block.length) {
    block.writeUInt32LE(at, 0);
    block.copy(bytes, at);
  }
  return bytes;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
