import { createHash } from 'node:crypto';
import { pieceCountOf, pieceRange } from '../../agent/core/images/pieces.ts';
import type { BlobStore, PutPiece, StoredBlob } from '../../agent/ports/blob-store.ts';
import type { Digest } from '../../protocol/digest.ts';
import { ShoalError } from '../../protocol/errors.ts';

/** As much of a blob store as the exchange of pieces needs, in memory, with faults on demand. */
export class PieceShelf implements Pick<BlobStore, 'stat' | 'readPiece' | 'putPiece'> {
  readonly #blobs = new Map<Digest, { readonly sizeBytes: number; readonly pieces: Map<number, Uint8Array> }>();
  /** Nothing more can be written. */
  isFull = false;

  /** Makes room for a blob. */
  open(digest: Digest, sizeBytes: number): void {
    if (!this.#blobs.has(digest)) this.#blobs.set(digest, { sizeBytes, pieces: new Map() });
  }

  /** A blob that is here whole. */
  fill(digest: Digest, bytes: Uint8Array): void {
    this.open(digest, bytes.length);
    for (let piece = 0; piece < pieceCountOf(bytes.length); piece++) this.set(digest, piece, bytes);
  }

  /** One piece, cut from the whole blob, unchecked. */
  set(digest: Digest, piece: number, whole: Uint8Array): void {
    this.open(digest, whole.length);
    const { start, end } = pieceRange(whole.length, piece);
    this.#blobs.get(digest)?.pieces.set(piece, whole.subarray(start, end));
  }

  /** What is there, in order of pieces. */
  bytes(digest: Digest): Buffer {
    const pieces = [...(this.#blobs.get(digest)?.pieces ?? [])].sort(([a], [b]) => a - b);
    return Buffer.concat(pieces.map(([, bytes]) => bytes));
  }

  pieces(digest: Digest): readonly number[] {
    return [...(this.#blobs.get(digest)?.pieces.keys() ?? [])].sort((a, b) => a - b);
  }

  stat(digest: Digest): StoredBlob | undefined {
    const blob = this.#blobs.get(digest);
    if (blob === undefined) return undefined;
    const heldBytes = [...blob.pieces.values()].reduce((sum, piece) => sum + piece.length, 0);
    const isComplete = heldBytes === blob.sizeBytes;
    return { digest, sizeBytes: blob.sizeBytes, isComplete, isPinned: false, heldBytes, usedAtMs: 0, addedAtMs: 0 };
  }

  async readPiece(digest: Digest, piece: number, into?: Uint8Array): Promise<Uint8Array | undefined> {
    const bytes = this.#blobs.get(digest)?.pieces.get(piece);
    if (bytes === undefined || (into !== undefined && into.length !== bytes.length)) return undefined;
    into?.set(bytes);
    return into ?? bytes;
  }

  async putPiece(digest: Digest, piece: number, bytes: Uint8Array, sha256: string): Promise<PutPiece> {
    if (this.isFull) throw new ShoalError('not-stored', 'the disk is full');
    const blob = this.#blobs.get(digest);
    if (blob === undefined) throw new ShoalError('not-found', 'no such blob');
    if (createHash('sha256').update(bytes).digest('hex') !== sha256) return { ok: false, reason: 'corrupt' };
    blob.pieces.set(piece, bytes.slice());
    return { ok: true };
  }
}
