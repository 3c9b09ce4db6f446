/** Ticks this far apart mean that the event loop stood still, or that somebody set the clock. Milliseconds. */
const LATE_TICK_MS = 500;
/** The shell calls `tick` this often. Milliseconds. */
export const TICK_MS = 100;

/**
 * A member's own time, for deadlines: wall clock time that can't be set. It advances with the ticks; a tick that is late, or
 * whose clock went backwards, counts as one period. So a stall does not eat up the time that others have to answer.
 */
export interface OwnTime {
  ms: number;
  lastWallMs: number | undefined;
}

export const createOwnTime = (): OwnTime => ({ ms: 0, lastWallMs: undefined });

/** Moves own time on by one tick. True when the tick was late. */
export function advance(time: OwnTime, wallMs: number): boolean {
  const passedMs = time.lastWallMs === undefined ? TICK_MS : wallMs - time.lastWallMs;
  time.lastWallMs = wallMs;
  const isLate = passedMs > LATE_TICK_MS;
  time.ms += isLate || passedMs < 0 ? TICK_MS : passedMs;
  return isLate;
}
