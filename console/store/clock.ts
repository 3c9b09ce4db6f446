import { signal } from '@preact/signals';

const TICK_MS = 1_000;

/** How far the mesh's clock is ahead of this browser's, which may be wrong by years. Milliseconds. */
let aheadMs = 0;

/** The time of the serving member, as far as its answers tell. Milliseconds since 1970; moves once a second. */
export const nowMs = signal(Date.now());

/** `Date` of an HTTP answer, exact to a second. A smaller difference is the way the answer took. */
export function noteServerTime(date: string | null): void {
  const serverMs = Date.parse(date ?? '');
  if (Number.isNaN(serverMs)) return;
  const differenceMs = serverMs - Date.now();
  if (Math.abs(differenceMs - aheadMs) > 2 * TICK_MS) aheadMs = Math.abs(differenceMs) > 2 * TICK_MS ? differenceMs : 0;
}

setInterval(() => {
  if (!document.hidden) nowMs.value = Date.now() + aheadMs;
}, TICK_MS);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) nowMs.value = Date.now() + aheadMs;
});
