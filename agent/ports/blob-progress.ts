import { type PieceSet, pieceBytesOf, pieceRange } from '../core/images/pieces.ts';

/**
 * How far a blob has come, and who reads it: gives readers the stretches that may be read by now and lets them wait for more.
 * The last piece of a partial blob is held back until the whole was checked. Shared by the store and its twin, so that their
 * readers can not differ.
 */
export class BlobProgress {
  readonly sizeBytes: number;
  readonly have: PieceSet;
  #isComplete: boolean;
  #readers = 0;
  #failures = 0;
  #failure: Error | undefined;
  /** It failed, and nobody has tried again since. */
  #isFailed = false;
  #end: Error | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(sizeBytes: number, have: PieceSet, isComplete: boolean) {
    this.sizeBytes = sizeBytes;
    this.have = have;
    this.#isComplete = isComplete;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  get isBeingRead(): boolean {
    return this.#readers > 0;
  }

  /** Bytes of the pieces that are there. */
  get heldBytes(): number {
    if (this.have.isFull) return this.sizeBytes;
    const lastPiece = this.have.count - 1;
    const { start, end } = pieceRange(this.sizeBytes, lastPiece);
    const pieceBytes = pieceBytesOf(this.sizeBytes);
    return this.have.has(lastPiece) ? (this.have.size - 1) * pieceBytes + end - start : this.have.size * pieceBytes;
  }

  /** Keeps the blob from being evicted while `action` runs. */
  async whileRead<T>(action: () => Promise<T>): Promise<T> {
    this.#readers++;
    try {
      return await action();
    } finally {
      this.#readers--;
    }
  }

  /** Stretches `[start, end)` of at most `chunkBytes`, in order, each given once it may be read. */
  async *walk(
    range: { readonly start: number; readonly end: number },
    chunkBytes: number,
    signal: AbortSignal,
  ): AsyncGenerator<{ readonly start: number; readonly end: number }> {
    const failures = this.#failures;
    this.#readers++;
    try {
      let start = range.start;
      while (start < range.end) {
        signal.throwIfAborted();
        if (this.#end !== undefined) throw failures === this.#failures ? this.#end : this.#failure;
        const end = Math.min(range.end, start + chunkBytes, this.#readableEnd(start));
        if (end > start) {
          yield { start, end };
          start = end;
        } else {
          // Also a failure that came while this reader was busy with what was there, or before it began.
          if (this.#isFailed || failures !== this.#failures) throw this.#failure;
          await this.#change(signal);
        }
      }
    } finally {
      this.#readers--;
    }
  }

  /** Whether it was not there before. */
  add(piece: number): boolean {
    const isNew = this.have.add(piece);
    if (isNew) this.#wake();
    return isNew;
  }

  /** The whole was checked. */
  complete(): void {
    for (let piece = 0; piece < this.have.count; piece++) this.have.add(piece);
    this.#isComplete = true;
    this.#wake();
  }

  /** Its pieces are wanted, maybe again: readers from now on may wait for them. */
  wanted(): void {
    this.#isFailed = false;
  }

  /** Readers end with this error as soon as they have to wait; later ones too, until it is wanted again. */
  fail(error: Error): void {
    this.#isFailed = true;
    this.#failures++;
    this.#failure = error;
    this.#wake();
  }

  /** The blob is gone: all readers end. */
  end(error: Error): void {
    this.#end = error;
    this.#wake();
  }

  #readableEnd(start: number): number {
    if (this.#isComplete) return this.sizeBytes;
    const piece = Math.floor(start / pieceBytesOf(this.sizeBytes));
    const isReadable = this.have.has(piece) && piece < this.have.count - 1;
    return isReadable ? pieceRange(this.sizeBytes, piece).end : start;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #change(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake);
    });
  }
}
