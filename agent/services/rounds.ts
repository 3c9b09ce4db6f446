import { ShoalError } from '../../protocol/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

export interface RoundsParts {
  readonly clock: Clock;
  readonly log: Log;
  /** From a wake to the round, so that many changes make one. Milliseconds, as all below. */
  readonly soonMs: number;
  /** From one round to the next when nobody wakes it: what changes without anybody telling. */
  readonly everyMs: number;
  /** From a round that failed to the next one. */
  readonly retryMs: number;
  /** What is done, for the log. */
  readonly what: string;
  /** Does what there is to do. A ShoalError ends this round only; any other error is a defect, and thrown. */
  readonly round: () => Promise<void>;
}

/** Work that is looked for again and again, never twice at once: soon after somebody wakes it, and now and then anyway. */
export class Rounds {
  readonly #parts: RoundsParts;
  #cancelNext: (() => void) | undefined;
  #dueMs = Number.POSITIVE_INFINITY;
  #isRunning = false;
  #isWanted = false;
  #isStopped = false;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#next(this.#parts.soonMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelNext?.();
  }

  wake(): void {
    this.#isWanted = true;
    if (!this.#isRunning) this.#next(this.#parts.soonMs);
  }

  #next(delayMs: number): void {
    // What changes all the time must not put the next round off all the time.
    const dueMs = this.#parts.clock.monotonicMs() + delayMs;
    if (this.#isStopped || this.#dueMs <= dueMs) return;
    this.#cancelNext?.();
    this.#dueMs = dueMs;
    this.#cancelNext = this.#parts.clock.after(delayMs, () => {
      this.#dueMs = Number.POSITIVE_INFINITY;
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    const { round, log, what, soonMs, everyMs, retryMs } = this.#parts;
    this.#isRunning = true;
    this.#isWanted = false;
    let nextMs = everyMs;
    try {
      await round();
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      log.debug({ error }, `${what} ended early; it is tried again`);
      nextMs = retryMs;
    } finally {
      this.#isRunning = false;
      this.#next(this.#isWanted ? Math.min(soonMs, nextMs) : nextMs);
    }
  }
}
