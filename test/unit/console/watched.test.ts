import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { watchedOf } from '../../../console/store/watched.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Shows that a tab in the background for long holds no connection, and one that is looked at again does at once. */
it('a tab counts as watched until it was hidden for a minute on end', () => {
  let look = (): void => undefined;
  const tab = {
    hidden: false,
    addEventListener: (_name: string, listener: () => void) => {
      look = listener;
    },
  };
  const isWatched = watchedOf(tab);
  const turn = (hidden: boolean): void => {
    tab.hidden = hidden;
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
