import type { Digest } from '../../../protocol/digest.ts';
import type { DiskBlob } from './disk-blob.ts';

/** All blobs of the store by digest, with their sums at hand. */
export class BlobIndex {
  readonly #blobs = new Map<Digest, DiskBlob>();
  #totalBytes = 0;

  get size(): number {
    return this.#blobs.size;
  }

  /** A partial blob counts with all that it will need. */
  get totalBytes(): number {
    return this.#totalBytes;
  }

  get(digest: Digest): DiskBlob | undefined {
    return this.#blobs.get(digest);
  }

  add(blob: DiskBlob): void {
    this.delete(blob.digest);
    this.#blobs.set(blob.digest, blob);
    this.#totalBytes += blob.sizeBytes;
  }

  delete(digest: Digest): DiskBlob | undefined {
    const blob = this.#blobs.get(digest);
    if (blob === undefined) return undefined;
    this.#blobs.delete(digest);
    this.#totalBytes -= blob.sizeBytes;
    return blob;
  }

  [Symbol.iterator](): Iterator<DiskBlob> {
    return this.#blobs.values();
  }
}
