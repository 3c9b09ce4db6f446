import type { Clock } from './clock.ts';

interface Timer {
  readonly dueMs: number;
  /** Timers due together run in the order they were set. */
  readonly order: number;
  readonly callback: () => void;
}

/** The clock's twin: time stands still until a test moves it, and chance comes from a seed. */
export class VirtualClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  #order = 0;
  #seed: number;
  readonly #timers = new Set<Timer>();

  constructor({ startMs = Date.UTC(2030, 0, 1), seed = 1 } = {}) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
    this.#seed = seed;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  /** mulberry32 (T. Ettinger, public domain). */
  random(): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#seed ^ (this.#seed >>> 15), this.#seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  every(periodMs: number, callback: () => void): () => void {
    let cancel = () => {};
    const again = () => {
      cancel = this.after(periodMs, () => {
        again();
        callback();
      });
    };
    again();
    return () => cancel();
  }

  /** Moves time on, running each timer at its due time and letting all promises settle in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#earliest(untilMs); next !== undefined; next = this.#earliest(untilMs)) {
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  /** Timers that are set; a stopped service leaves none. */
  get pending(): number {
    return this.#timers.size;
  }

  #earliest(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (
        first === undefined ||
        timer.dueMs < first.dueMs ||
        (timer.dueMs === first.dueMs && timer.order < first.order)
      ) {
        first = timer;
      }
    }
    return first;
  }
}

/** A turn of the event loop runs only when no promise callback is waiting any more. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
