/** A file of a spool. Numbers grow; lines are counted so that what is dropped can be told. */
export interface Segment {
  readonly number: number;
  sizeBytes: number;
  lines: number;
}

/** A new file is begun when one is so large. Bytes. */
export const SEGMENT_BYTES = 1024 * 1024;

/** The files of a spool, oldest first, and how far the oldest was sent. */
export class Segments {
  readonly #maxBytes: number;
  #all: Segment[];
  /** Bytes and lines of the oldest that were sent. */
  #sentBytes = 0;
  #sentLines = 0;
  /** The last line that an earlier agent wrote may be half a line: nothing is appended to it. */
  #isNewestOurs = false;

  constructor(maxBytes: number, found: readonly Segment[]) {
    this.#maxBytes = maxBytes;
    this.#all = [...found].sort((a, b) => a.number - b.number);
  }

  get oldest(): Segment | undefined {
    return this.#all[0];
  }

  get sentBytes(): number {
    return this.#sentBytes;
  }

  /** Bytes that wait. */
  get waitingBytes(): number {
    return this.#all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) - this.#sentBytes;
  }

  /** Where so many lines are to be appended. */
  room(): Segment {
    const newest = this.#all.at(-1);
    if (newest !== undefined && this.#isNewestOurs && newest.sizeBytes < SEGMENT_BYTES) return newest;
    this.#isNewestOurs = true;
    const segment: Segment = { number: (newest?.number ?? 0) + 1, sizeBytes: 0, lines: 0 };
    this.#all.push(segment);
    return segment;
  }

  /** Takes out the oldest while there is too much. Returns those, with how many of their lines had not been sent. */
  overflow(): readonly { readonly number: number; readonly lostLines: number }[] {
    const dropped: { number: number; lostLines: number }[] = [];
    while (this.waitingBytes > this.#maxBytes && this.#all.length > 1) {
      const { number, lines } = this.#all.shift() ?? { number: 0, lines: 0 };
      dropped.push({ number, lostLines: Math.max(0, lines - this.#sentLines) });
      [this.#sentBytes, this.#sentLines] = [0, 0];
    }
    return dropped;
  }

  /** So much of segment `number` is at the collector. Returns its number when all of it is, and it can go. */
  sent(number: number, bytes: number, lines: number): number | undefined {
    const oldest = this.#all[0];
    // It was dropped while it was on its way.
    if (oldest?.number !== number) return undefined;
    this.#sentBytes += bytes;
    this.#sentLines += lines;
    if (this.#sentBytes < oldest.sizeBytes) return undefined;
    this.#all.shift();
    [this.#sentBytes, this.#sentLines] = [0, 0];
    return number;
  }

  /** Where an earlier agent was. */
  resume(number: number, bytes: number): void {
    if (this.#all[0]?.number === number) this.#sentBytes = Math.min(bytes, this.#all[0].sizeBytes);
  }
}
