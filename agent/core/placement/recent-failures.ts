/** A failure counts against a host for this long. */
export const FAILURE_WINDOW_MS = 5 * 60_000;
/** From this many failures on a host comes after every other, whatever else speaks for it. */
export const FAILURES_TO_COME_LAST = 5;
/** Times kept per app: more would change no decision. */
const FAILURES_KEPT = 16;
const APPS_KEPT = 1_000;

/** When containers of each app failed on this host, by app uid; oldest time first, app that failed longest ago first. */
export type RecentFailures = Map<string, number[]>;

/** Notes that a container of the app failed here. Forgets the app that failed longest ago when there are too many. */
export function recordFailure(failures: RecentFailures, appUid: string, nowMs: number): void {
  const times = [...recent(failures.get(appUid) ?? [], nowMs), nowMs].slice(-FAILURES_KEPT);
  failures.delete(appUid);
  failures.set(appUid, times);
  for (const oldest of failures.keys()) {
    if (failures.size <= APPS_KEPT) break;
    failures.delete(oldest);
  }
}

/** Failures of the app on this host in the last {@link FAILURE_WINDOW_MS}. */
export const countFailures = (failures: RecentFailures, appUid: string, nowMs: number): number =>
  recent(failures.get(appUid) ?? [], nowMs).length;

const recent = (times: readonly number[], nowMs: number): number[] =>
  times.filter((atMs) => nowMs - atMs < FAILURE_WINDOW_MS);
