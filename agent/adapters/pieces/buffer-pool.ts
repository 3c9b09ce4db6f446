import type { Clock } from '../../ports/clock.ts';

const MiB = 1_048_576;
/** Buffers that wait for their next use; what is given back beyond that is left to the garbage collector. */
const KEPT_BYTES = 16 * MiB;
/** Nobody took one for this long: they go, so that the process is small at rest. */
const IDLE_MS = 10_000;
const BYTES_MIN = 64 * 1_024;

/** Bytes on loan. Whoever is not sure that nobody uses them any more does not give them back. */
export interface Loan {
  readonly bytes: Buffer;
  giveBack(): void;
}

/**
 * Buffers for pieces, used again. After every 8 MiB of fresh ones V8 marks the whole heap of the thread: with one for each piece
 * that took a quarter of the CPU time of a transfer.
 */
export class BufferPool {
  readonly #clock: Clock;
  #free: Buffer[] = [];
  #freeBytes = 0;
  #wasUsed = false;
  #cancelIdle: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** So many bytes with any content. */
  take(bytes: number): Loan {
    this.#wasUsed = true;
    const room = roomFor(bytes);
    const index = this.#free.findIndex((buffer) => buffer.length === room);
    const [reused] = index === -1 ? [] : this.#free.splice(index, 1);
    if (reused !== undefined) this.#freeBytes -= room;
    const buffer = reused ?? Buffer.allocUnsafeSlow(room);
    let isGivenBack = false;
    return {
      bytes: buffer.subarray(0, bytes),
      giveBack: () => {
        if (!isGivenBack) this.#keep(buffer);
        isGivenBack = true;
      },
    };
  }

  /** What waits for its next use. */
  get freeBytes(): number {
    return this.#freeBytes;
  }

  close(): void {
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    this.#free = [];
    this.#freeBytes = 0;
  }

  #keep(buffer: Buffer): void {
    if (this.#freeBytes + buffer.length > KEPT_BYTES) return;
    this.#free.push(buffer);
    this.#freeBytes += buffer.length;
    this.#cancelIdle ??= this.#clock.after(IDLE_MS, () => this.#dropIfIdle());
  }

  #dropIfIdle(): void {
    this.#cancelIdle = undefined;
    if (!this.#wasUsed) {
      this.close();
      return;
    }
    this.#wasUsed = false;
    this.#cancelIdle = this.#clock.after(IDLE_MS, () => this.#dropIfIdle());
  }
}

/** The next power of two: few sizes, so that one is found again. */
const roomFor = (bytes: number): number => Math.max(BYTES_MIN, 2 ** Math.ceil(Math.log2(Math.max(1, bytes))));
