import { type ReadonlySignal, signal } from '@preact/signals';

/** Whoever goes to another tab for a moment finds this one as current as it was. Milliseconds. */
const HIDDEN_MS = 60_000;

/** What a page knows of its tab: `document`. */
interface Tab {
  readonly hidden: boolean;
  addEventListener(name: 'visibilitychange', listener: () => void): void;
}

/**
 * Whether somebody may be looking. A browser has six connections for all tabs of one member: a tab that is hidden for long lets
 * its own go, and reads everything again when it is shown.
 */
export function watchedOf(tab: Tab): ReadonlySignal<boolean> {
  const isWatched = signal(true);
  let timer: ReturnType<typeof setTimeout> | undefined;
  tab.addEventListener('visibilitychange', () => {
    clearTimeout(timer);
    if (!tab.hidden) {
      isWatched.value = true;
      return;
    }
    timer = setTimeout(() => {
      isWatched.value = false;
    }, HIDDEN_MS);
  });
  return isWatched;
}
