import type { Clock } from '../../ports/clock.ts';

/** Calls a step at a steady pace while it has something to do, and rests otherwise: an agent at rest wakes for nothing. */
export class Ticks {
  readonly #clock: Clock;
  readonly #periodMs: number;
  readonly #isActive: () => boolean;
  readonly #onTick: () => void;
  #cancel: (() => void) | undefined;

  constructor(options: { clock: Clock; periodMs: number; isActive: () => boolean; onTick: () => void }) {
    this.#clock = options.clock;
    this.#periodMs = options.periodMs;
    this.#isActive = options.isActive;
    this.#onTick = options.onTick;
  }

  /** There may be something to do now. */
  wake(): void {
    if (this.#cancel !== undefined || !this.#isActive()) return;
    this.#cancel = this.#clock.every(this.#periodMs, () => {
      if (this.#isActive()) this.#onTick();
      else this.stop();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
