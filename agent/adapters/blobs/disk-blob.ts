import type { Digest } from '../../../protocol/digest.ts';
import { PieceSet, pieceCountOf } from '../../core/images/pieces.ts';
import { BlobProgress } from '../../ports/blob-progress.ts';
import type { BlobPieces, StoredBlob } from '../../ports/blob-store.ts';
import { HASH_BYTES } from './file-bytes.ts';
import type { Metadata } from './metadata.ts';
import type { PartialFile } from './partial-file.ts';

/** What the store knows of one blob without asking the disk. */
export class DiskBlob {
  readonly digest: Digest;
  readonly progress: BlobProgress;
  readonly addedAtMs: number;
  usedAtMs: number;
  isPinned = false;
  /** Undefined once it is complete. */
  partial: PartialFile | undefined;
  completing: Promise<{ readonly ok: boolean }> | undefined;
  /** Counts up when its bytes moved to another file: a push brought the whole of a partial blob. */
  fileNumber = 0;
  #sha256: Buffer;

  constructor(digest: Digest, progress: BlobProgress, addedAtMs: number) {
    this.digest = digest;
    this.progress = progress;
    this.addedAtMs = addedAtMs;
    this.usedAtMs = addedAtMs;
    this.#sha256 = Buffer.alloc(progress.have.count * HASH_BYTES);
  }

  static missing(digest: Digest, sizeBytes: number, addedAtMs: number): DiskBlob {
    return new DiskBlob(digest, new BlobProgress(sizeBytes, new PieceSet(pieceCountOf(sizeBytes)), false), addedAtMs);
  }

  static complete(digest: Digest, { sizeBytes, addedAtMs, isPinned, pieces }: Metadata): DiskBlob {
    const have = PieceSet.full(pieceCountOf(sizeBytes));
    const blob = new DiskBlob(digest, new BlobProgress(sizeBytes, have, true), addedAtMs);
    blob.#sha256 = pieces;
    blob.isPinned = isPinned;
    return blob;
  }

  get sizeBytes(): number {
    return this.progress.sizeBytes;
  }

  get isComplete(): boolean {
    return this.progress.isComplete;
  }

  /** The hashes of all pieces are in place. */
  get metadata(): Metadata {
    const { sizeBytes, addedAtMs, isPinned } = this;
    return { sizeBytes, addedAtMs, isPinned, pieces: this.#sha256 };
  }

  get stored(): StoredBlob {
    const { digest, sizeBytes, isComplete, isPinned, usedAtMs, addedAtMs } = this;
    return { digest, sizeBytes, isComplete, isPinned, heldBytes: this.progress.heldBytes, usedAtMs, addedAtMs };
  }

  get pieces(): BlobPieces {
    const { sizeBytes, isComplete } = this;
    const { have } = this.progress;
    const sha256 = Array.from({ length: have.count }, (_, piece) => (have.has(piece) ? this.pieceHash(piece) : ''));
    return { sizeBytes, isComplete, have: have.bits.slice(), sha256 };
  }

  pieceHash(piece: number): string {
    return this.#sha256.toString('hex', piece * HASH_BYTES, (piece + 1) * HASH_BYTES);
  }

  setPieceHash(piece: number, sha256: string): void {
    this.#sha256.write(sha256, piece * HASH_BYTES, 'hex');
  }

  setPieceHashes(sha256: Buffer): void {
    this.#sha256 = sha256;
  }
}
