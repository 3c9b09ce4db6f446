const FIRST_MS = 500;
const MOST_MS = 15_000;

/**
 * How long to wait before the next try: doubling up to 15 s, the second half of it by chance, so that tabs do not come back
 * together. Milliseconds.
 *
 * @param chance 0 to 1
 */
export function retryDelayMs(tries: number, chance: number): number {
  const fullMs = Math.min(MOST_MS, FIRST_MS * 2 ** Math.min(tries, 10));
  return fullMs / 2 + (fullMs / 2) * chance;
}
