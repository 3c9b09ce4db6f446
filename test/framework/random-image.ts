import { createCipheriv, createHash } from 'node:crypto';
import type { Digest } from '../../protocol/digest.ts';

const BLOCK = 512;
const CHUNK_BYTES = 1024 ** 2;
/** A header before the content, and two empty blocks at the end (POSIX.1-1988 ustar). */
const FRAME_BYTES = 3 * BLOCK;

/** Content of a registry: what it is called, and its bytes again and again. */
export interface Blob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly chunks: () => Iterable<Buffer>;
}

/** One image, ready to be pushed. */
export interface Image {
  readonly manifest: Blob;
  readonly config: Blob;
  readonly layers: readonly Blob[];
}

export const IMAGE_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const CONFIG_TYPE = 'application/vnd.oci.image.config.v1+json';
/** Not compressed: random bytes get no smaller, and an engine that unpacks them would be measured too. */
const LAYER_TYPE = 'application/vnd.oci.image.layer.v1.tar';

/**
 * A layer with one file of incompressible bytes; the same seed is the same layer.
 *
 * @param sizeBytes of the whole blob, rounded up to a multiple of 512; at least 2048
 */
export function randomLayer(seed: string, sizeBytes: number): Blob {
  const contentBytes = Math.max(1, Math.ceil(sizeBytes / BLOCK) - FRAME_BYTES / BLOCK) * BLOCK;
  return blobOf(contentBytes + FRAME_BYTES, function* () {
    yield tarHeader(`noise-${seed}`, contentBytes);
    yield* noise(seed, contentBytes);
    yield Buffer.alloc(2 * BLOCK);
  });
}

/** An image of uncompressed layers, bottom first, that runs `command`. */
export function imageOf(layers: readonly Blob[], command: readonly string[] = [], env: readonly string[] = []): Image {
  const config = json({
    architecture: { x64: 'amd64' }[process.arch as string] ?? process.arch,
    os: 'linux',
    created: '1970-01-01T00:00:00Z',
    config: { Cmd: command, Env: ['PATH=/bin', ...env] },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created: '1970-01-01T00:00:00Z', created_by: 'noise' })),
  });
  const describe = (mediaType: string, { digest, sizeBytes }: Blob) => ({ mediaType, digest, size: sizeBytes });
  const manifest = json({
    schemaVersion: 2,
    mediaType: IMAGE_TYPE,
    config: describe(CONFIG_TYPE, config),
    layers: layers.map((layer) => describe(LAYER_TYPE, layer)),
  });
  return { manifest, config, layers };
}

/** Bytes of the image's config and layers, which is what a pull of nothing known moves. */
export const imageBytes = ({ config, layers }: Image): number =>
  layers.reduce((sum, layer) => sum + layer.sizeBytes, config.sizeBytes);

export const wholeBlob = (bytes: Buffer): Blob => blobOf(bytes.length, () => [bytes]);

const json = (value: unknown): Blob => wholeBlob(Buffer.from(JSON.stringify(value)));

function blobOf(sizeBytes: number, chunks: () => Iterable<Buffer>): Blob {
  const hash = createHash('sha256');
  for (const chunk of chunks()) hash.update(chunk);
  return { digest: `sha256:${hash.digest('hex')}` as Digest, sizeBytes, chunks };
}

/** The key stream of a cipher: random to whoever compresses it, made at memory speed. */
function* noise(seed: string, sizeBytes: number): Iterable<Buffer> {
  const key = createHash('sha256').update(seed).digest().subarray(0, 16);
  const cipher = createCipheriv('aes-128-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(CHUNK_BYTES);
  for (let left = sizeBytes; left > 0; left -= CHUNK_BYTES) {
    yield cipher.update(left < CHUNK_BYTES ? zeros.subarray(0, left) : zeros);
  }
}

function tarHeader(name: string, sizeBytes: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const put = (text: string, at: number) => header.write(text, at, 'ascii');
  put(name, 0);
  put('0000644\0', 100);
  put('0000000\0', 108);
  put('0000000\0', 116);
  put(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
  put('00000000000\0', 136);
  put('        ', 148);
  put('0', 156);
  put('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
