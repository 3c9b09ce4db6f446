/** A failure counts against a host for this long. */
export const failureWindowMs = 5 * 60_000;
/** From this many failures on a host comes after every other, whatever else speaks for it. */
export const failuresToComeLast = 5;
/** Times kept per app: more would change no decision. */
const failuresKept = 16;
const appsKept = 1_000;

/** When containers of each app failed on this host, by app uid; oldest time first, app that failed longest ago first. */
export type RecentFailures = Map<string, number[]>;

/** Notes that a container of the app failed here. Forgets the app that failed longest ago when there are too many. */
export function recordFailure(failures: RecentFailures, appUid: string, nowMs: number): void {
  const times = [...recent(failures.get(appUid) ?? [], nowMs), nowMs].slice(-failuresKept);
  failures.delete(appUid);
  failures.set(appUid, times);
  for (const oldest of failures.keys()) {
    if (failures.size <= appsKept) break;
    failures.delete(oldest);
  }
}

/** Failures of the app on this host in the last {@link failureWindowMs}. */
export const countFailures = (failures: RecentFailures, appUid: string, nowMs: number): number =>
  recent(failures.get(appUid) ?? [], nowMs).length;

const recent = (times: readonly number[], nowMs: number): number[] =>
  times.filter((atMs) => nowMs - atMs < failureWindowMs);
