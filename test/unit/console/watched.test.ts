import { afterEach, beforeEach, expect, it, vi } from 'vitest';

let hidden = false;
let look: () => void = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('document', {
    get hidden() {
      return hidden;
    },
    addEventListener: (_name: string, listener: () => void) => {
      look = listener;
    },
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Shows that a tab in the background for long holds no connection, and one that is looked at again does at once. */
it('a tab counts as watched until it was hidden for a minute on end', async () => {
  const { isWatched } = await import('../../../console/store/watched.ts');
  const turn = (to: boolean): void => {
    hidden = to;
    look();
  };
  turn(true);
  vi.advanceTimersByTime(59_000);
  turn(false);
  turn(true);
  vi.advanceTimersByTime(59_000);
  expect(isWatched.value).toBe(true);
  vi.advanceTimersByTime(2_000);
  expect(isWatched.value).toBe(false);
  turn(false);
  expect(isWatched.value).toBe(true);
});
