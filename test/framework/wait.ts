import { setTimeout as delay } from 'node:timers/promises';

const PERIOD_MS = 50;

/**
 * Waits until `condition` gives something other than undefined or false.
 *
 * @param what completes the sentence "waited in vain for ..."
 * @param deadlineMs generous: it bounds a failing test, it measures nothing
 * @throws Error with the last error or value seen
 */
export async function waitFor<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  deadlineMs = 30_000,
): Promise<T> {
  const endMs = performance.now() + deadlineMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain for ${what}`, { cause: last });
    await delay(PERIOD_MS);
  }
}
