import { signal } from '@preact/signals';

/** Whoever goes to another tab for a moment finds this one as current as it was. Milliseconds. */
const HIDDEN_MS = 60_000;

/**
 * Whether somebody may be looking. A browser has six connections for all tabs of one member: a tab that is hidden for long lets
 * its own go, and reads everything again when it is shown.
 */
export const isWatched = signal(true);

let timer: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(timer);
  if (!document.hidden) isWatched.value = true;
  else
    timer = setTimeout(() => {
      isWatched.value = false;
    }, HIDDEN_MS);
});
