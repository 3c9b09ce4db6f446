import { createHash, randomFillSync } from 'node:crypto';
import { pieceCountOf, pieceRange } from '../../../agent/core/images/pieces.ts';
import type { BlobStore } from '../../../agent/ports/blob-store.ts';
import { type Digest, isDigest } from '../../../protocol/digest.ts';

export const MiB = 1024 * 1024;

export const randomBytes = (size: number): Buffer => randomFillSync(Buffer.alloc(size));

export function digestOf(bytes: Uint8Array, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest {
  const digest = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (!isDigest(digest)) throw new Error('not a digest');
  return digest;
}

export const sha256Of = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The pieces that all members cut these bytes into. */
export function cut(bytes: Uint8Array): { piece: number; part: Uint8Array; sha256: string }[] {
  return Array.from({ length: pieceCountOf(bytes.length) }, (_, piece) => {
    const { start, end } = pieceRange(bytes.length, piece);
    const part = bytes.subarray(start, end);
    return { piece, part, sha256: sha256Of(part) };
  });
}

/** Opens the blob and puts all of its pieces, or those named. */
export async function fill(
  store: BlobStore,
  digest: Digest,
  bytes: Uint8Array,
  only?: readonly number[],
): Promise<void> {
  await store.open(digest, bytes.length);
  const pieces = cut(bytes);
  for (const number of only ?? pieces.keys()) {
    const { piece, part, sha256 } = pieces[number] ?? { piece: -1, part: bytes, sha256: '' };
    const put = await store.putPiece(digest, piece, part, sha256);
    if (!put.ok) throw new Error(put.reason);
  }
}

/** All bytes of a blob that is complete. */
export async function readAll(store: BlobStore, digest: Digest): Promise<Buffer> {
  const end = store.stat(digest)?.sizeBytes ?? 0;
  return Buffer.concat(await Array.fromAsync(store.read(digest, { start: 0, end }, new AbortController().signal)));
}

/** The body of a request, in chunks like those of a socket. */
export async function* bodyOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += 65_536) yield bytes.subarray(start, start + 65_536);
}
