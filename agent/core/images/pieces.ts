const KiB = 1024;
const MiB = 1024 * KiB;
const PIECE_BYTES_MIN = 256 * KiB;
const PIECE_BYTES_MAX = 4 * MiB;
/** Pieces that a blob of middling size is cut into. */
const PIECES_WANTED = 256;
/** A huge blob gets larger pieces rather than more than this. */
const PIECES_MAX = 16_384;

/**
 * Size of a blob's pieces: the power of two next to `sizeBytes / 256`, within 256 KiB and 4 MiB, larger only for blobs of more
 * than 64 GiB. N hosts need (1 + log2(N) / pieces) times as long as one (Mundinger, Weber, Weiss 2008), so few pieces are
 * slow; each costs messages, so many are dear. A function of the size alone: all members cut alike.
 */
export function pieceBytesOf(sizeBytes: number): number {
  const wanted = 2 ** Math.round(Math.log2(Math.max(1, sizeBytes / PIECES_WANTED)));
  let bytes = Math.min(PIECE_BYTES_MAX, Math.max(PIECE_BYTES_MIN, wanted));
  while (sizeBytes / bytes > PIECES_MAX) bytes *= 2;
  return bytes;
}

/** At least one: an empty blob has one empty piece. */
export const pieceCountOf = (sizeBytes: number): number => Math.max(1, Math.ceil(sizeBytes / pieceBytesOf(sizeBytes)));

/** Where a piece lies in its blob: `[start, end)`. */
export function pieceRange(sizeBytes: number, piece: number): { readonly start: number; readonly end: number } {
  const pieceBytes = pieceBytesOf(sizeBytes);
  const start = piece * pieceBytes;
  return { start, end: Math.min(sizeBytes, start + pieceBytes) };
}

/** A set of pieces, one bit each, the lowest piece in the lowest bit of the first byte. */
export class PieceSet {
  readonly count: number;
  readonly bits: Uint8Array;
  #size = 0;

  constructor(count: number, bits?: Uint8Array) {
    this.count = count;
    this.bits = new Uint8Array(Math.ceil(count / 8));
    if (bits === undefined) return;
    for (let piece = 0; piece < count; piece++) {
      if (((bits[piece >> 3] ?? 0) >> (piece & 7)) & 1) this.add(piece);
    }
  }

  static full(count: number): PieceSet {
    const all = new PieceSet(count);
    for (let piece = 0; piece < count; piece++) all.add(piece);
    return all;
  }

  get size(): number {
    return this.#size;
  }

  get isFull(): boolean {
    return this.#size === this.count;
  }

  has(piece: number): boolean {
    // Shifts see 32 bits of a number only.
    if (!(piece >= 0 && piece < this.count)) return false;
    return (((this.bits[piece >> 3] ?? 0) >> (piece & 7)) & 1) === 1;
  }

  /** Whether it was not there before. Pieces out of bounds are ignored. */
  add(piece: number): boolean {
    if (!Number.isInteger(piece) || piece < 0 || piece >= this.count || this.has(piece)) return false;
    this.bits[piece >> 3] = (this.bits[piece >> 3] ?? 0) | (1 << (piece & 7));
    this.#size += 1;
    return true;
  }

  delete(piece: number): boolean {
    if (!this.has(piece)) return false;
    this.bits[piece >> 3] = (this.bits[piece >> 3] ?? 0) & ~(1 << (piece & 7));
    this.#size -= 1;
    return true;
  }

  *[Symbol.iterator](): Generator<number> {
    for (let piece = 0; piece < this.count; piece++) if (this.has(piece)) yield piece;
  }
}
