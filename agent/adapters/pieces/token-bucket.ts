import type { Clock } from '../../ports/clock.ts';

interface Waiter {
  readonly bytes: number;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
  readonly signal: AbortSignal;
  readonly onAbort: () => void;
}

/** What may flow at once after a pause, as time at the full rate: short, so that a cap is a cap for the link as well. */
const BURST_MS = 100;
/** With so small a share each turn, 32 transfers are served round within two seconds. */
const TURN_MS = 50;
const TURN_BYTES_MIN = 1_024;
const TURN_BYTES_MAX = 256 * 1_024;

/**
 * Spreads bytes over time. Takers are served in the order they came; who takes a turn's bytes at a time shares fairly. A taker
 * needs no more than half a burst's worth to go ahead and owes the rest, so that on the whole the rate is kept exactly.
 *
 * Takers are bounded by who calls: transfers are.
 */
export class TokenBucket {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #ratePerS: number | undefined;
  #tokens = 0;
  #filledAtMs: number;
  #cancelTimer: (() => void) | undefined;

  /** @param bytesPerS above 0; undefined: no bound */
  constructor(clock: Clock, bytesPerS: number | undefined) {
    this.#clock = clock;
    this.#filledAtMs = clock.monotonicMs();
    this.#ratePerS = bytesPerS;
  }

  /** Holds from now on, for those that wait too. What is owed stays owed. */
  setRate(bytesPerS: number | undefined): void {
    this.#fill();
    this.#ratePerS = bytesPerS;
    this.#tokens = Math.min(this.#tokens, this.#burstBytes);
    this.#serve();
  }

  /** How many bytes to take at a time. */
  get turnBytes(): number {
    if (this.#ratePerS === undefined) return TURN_BYTES_MAX;
    const bytes = Math.floor((this.#ratePerS * TURN_MS) / 1_000);
    return Math.min(TURN_BYTES_MAX, Math.max(TURN_BYTES_MIN, bytes));
  }

  /** Takers that wait. */
  get waiting(): number {
    return this.#waiters.size;
  }

  /**
   * Takes bytes. Undefined: go ahead at once; a promise would cost every chunk a turn where there is no bound.
   *
   * @returns a promise that rejects with the signal's reason
   */
  take(bytes: number, signal: AbortSignal): Promise<void> | undefined {
    if (this.#ratePerS === undefined) return undefined;
    this.#fill();
    if (this.#waiters.size === 0 && this.#covers(bytes)) {
      this.#tokens -= bytes;
      return undefined;
    }
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const onAbort = () => {
        this.#waiters.delete(waiter);
        reject(signal.reason);
        this.#serve();
      };
      const waiter: Waiter = { bytes, resolve, reject, signal, onAbort };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiters.add(waiter);
      this.#serve();
    });
  }

  get #burstBytes(): number {
    return this.#ratePerS === undefined ? 0 : Math.max(2 * TURN_BYTES_MIN, (this.#ratePerS * BURST_MS) / 1_000);
  }

  #covers(bytes: number): boolean {
    return this.#tokens >= this.#neededFor(bytes);
  }

  /** Half a burst at most: a full bucket overflows while a timer is late, and the rate would not be reached. */
  #neededFor(bytes: number): number {
    return Math.min(bytes, this.#burstBytes / 2);
  }

  #fill(): void {
    const nowMs = this.#clock.monotonicMs();
    const gained = ((this.#ratePerS ?? 0) * (nowMs - this.#filledAtMs)) / 1_000;
    this.#tokens = Math.min(this.#burstBytes, this.#tokens + gained);
    this.#filledAtMs = nowMs;
  }

  #serve(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#fill();
    for (const waiter of this.#waiters) {
      if (this.#ratePerS !== undefined) {
        if (!this.#covers(waiter.bytes)) {
          this.#wakeFor(waiter.bytes, this.#ratePerS);
          return;
        }
        this.#tokens -= waiter.bytes;
      }
      this.#waiters.delete(waiter);
      waiter.signal.removeEventListener('abort', waiter.onAbort);
      waiter.resolve();
    }
  }

  #wakeFor(bytes: number, ratePerS: number): void {
    const missing = this.#neededFor(bytes) - this.#tokens;
    const delayMs = Math.max(1, Math.ceil((missing * 1_000) / ratePerS));
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#serve());
  }
}
