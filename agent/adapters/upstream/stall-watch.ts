import type { Clock } from '../../ports/clock.ts';

/** A body that brings less than this in one window has stalled: a trickle keeps everybody waiting as silence does. */
const STALL_MS = 15_000;
const STALL_BYTES = 64 * 1_024;

/** Watches that bytes keep coming while they are waited for. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #cancel: () => void;
  #sinceMs: number;
  #bytes = 0;
  #heldSinceMs: number | undefined;

  constructor(clock: Clock, onStall: (timeoutMs: number) => void) {
    this.#clock = clock;
    this.#sinceMs = clock.monotonicMs();
    this.#cancel = clock.every(STALL_MS / 5, () => {
      if (this.#heldSinceMs !== undefined || clock.monotonicMs() - this.#sinceMs < STALL_MS) return;
      this.stop();
      onStall(STALL_MS);
    });
  }

  /** Bytes came; until `release` the wait is ours. */
  hold(bytes: number): void {
    this.#heldSinceMs = this.#clock.monotonicMs();
    this.#bytes += bytes;
  }

  release(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#bytes >= STALL_BYTES) {
      this.#bytes = 0;
      this.#sinceMs = nowMs;
    } else {
      this.#sinceMs += nowMs - (this.#heldSinceMs ?? nowMs);
    }
    this.#heldSinceMs = undefined;
  }

  stop(): void {
    this.#cancel();
  }
}
