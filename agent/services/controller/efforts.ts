import type { Deployment } from '../../../protocol/schemas/model.ts';
import type { Clock } from '../../ports/clock.ts';

/** Bounds of the pause after an attempt in vain to keep an app as it is wanted; it doubles each time. Milliseconds. */
const PAUSE_MIN_MS = 1_000;
const PAUSE_MAX_MS = 60_000;
/** Auctions of one operation that may end because others held what was needed. */
const CONTENDED_MAX = 4;

interface Effort {
  attempts: number;
  /** By the monotonic clock. */
  notBeforeMs: number;
  /** What people were told last. */
  told: string;
  contended: { readonly operationId: string; times: number } | undefined;
}

/** How hard one deployment was tried so far: for patience, and so that nobody is told the same again and again. */
export class Efforts {
  readonly #clock: Clock;
  #effort: Effort = none();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long to wait before the next attempt. Milliseconds. */
  waitMs(): number {
    return Math.max(0, this.#effort.notBeforeMs - this.#clock.monotonicMs());
  }

  /** An attempt was in vain. Returns how long to wait now. Milliseconds. */
  failed(): number {
    const baseMs = Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** this.#effort.attempts);
    const pauseMs = Math.round(baseMs * (0.75 + this.#clock.random() / 2));
    this.#effort.attempts += 1;
    this.#effort.notBeforeMs = this.#clock.monotonicMs() + pauseMs;
    return pauseMs;
  }

  /** Whether people have not just been told exactly this. */
  isNews(text: string): boolean {
    const isNews = this.#effort.told !== text;
    this.#effort.told = text;
    return isNews;
  }

  /** Counts an auction that others were in the way of. False when that was one too many. */
  mayContend({ operationId }: Pick<Deployment, 'operationId'>): boolean {
    if (this.#effort.contended?.operationId !== operationId) this.#effort.contended = { operationId, times: 0 };
    this.#effort.contended.times += 1;
    return this.#effort.contended.times < CONTENDED_MAX;
  }

  /** What is wanted is there: everything is forgotten. */
  reached(): void {
    this.#effort = none();
  }
}

const none = (): Effort => ({ attempts: 0, notBeforeMs: 0, told: '', contended: undefined });
