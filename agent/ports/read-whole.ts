import type { Digest } from '../../protocol/digest.ts';
import { ShoalError } from '../../protocol/errors.ts';
import type { BlobStore } from './blob-store.ts';

/** A complete blob in memory, as `Blobs.readAll`. @throws ShoalError not-found, too-large */
export async function readWhole(
  store: Pick<BlobStore, 'stat' | 'read'>,
  digest: Digest,
  maxBytes: number,
): Promise<Uint8Array> {
  const stored = store.stat(digest);
  if (stored?.isComplete !== true) throw new ShoalError('not-found', 'There is no such blob on this host.');
  const { sizeBytes } = stored;
  if (sizeBytes > maxBytes) throw new ShoalError('too-large', `The blob has more than ${maxBytes} bytes.`);
  const bytes = new Uint8Array(sizeBytes);
  let at = 0;
  for await (const chunk of store.read(digest, { start: 0, end: sizeBytes }, new AbortController().signal)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
