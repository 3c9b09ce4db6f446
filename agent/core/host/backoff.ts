/** Delay before the first restart. */
const BACKOFF_FIRST_MS = 100;
export const BACKOFF_CAP_MS = 60_000;
/** A run at least this long starts the delays from the beginning again. */
export const BACKOFF_RESET_MS = 10_000;
/** Delays are spread by this share both ways, so that containers that fell together don't rise together. */
const JITTER = 0.2;

/** Doublings after which the delay has reached its cap. */
const STEPS_MAX = Math.ceil(Math.log2(BACKOFF_CAP_MS / BACKOFF_FIRST_MS));

/**
 * Delay before a restart: `min(cap, first * 2^steps)`, spread by +-20 %. Milliseconds.
 *
 * @param steps restarts since the last run of {@link BACKOFF_RESET_MS}
 * @param rng returns a number in [0, 1)
 */
export function backoffMs(steps: number, rng: () => number): number {
  const delayMs = Math.min(BACKOFF_CAP_MS, BACKOFF_FIRST_MS * 2 ** Math.min(steps, STEPS_MAX));
  return Math.round(delayMs * (1 - JITTER + 2 * JITTER * rng()));
}
