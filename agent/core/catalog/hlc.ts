import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { compareText } from '../order.ts';
import type { Hlc } from './record.ts';

/** The latest stamp this member made or saw. Owned by the catalog's state, updated in place, never goes back. */
export interface HlcClock {
  /** Milliseconds since the Unix epoch. */
  ms: number;
  counter: number;
}

export interface HlcParts {
  readonly ms: number;
  readonly counter: number;
  readonly author: HostId;
}

const COUNTER_MAX = 0xffff;
const PATTERN = /^([0-9a-f]{12})-([0-9a-f]{4})-([A-Za-z0-9_-]{1,128})$/;

export const newClock = (): HlcClock => ({ ms: 0, counter: 0 });

/** The stamp as text whose order is the clock's order. */
export const formatHlc = ({ ms, counter, author }: HlcParts): Hlc =>
  `${ms.toString(16).padStart(12, '0')}-${counter.toString(16).padStart(4, '0')}-${author}` as Hlc;

/** Whether `parseHlc` can read it. */
export const isHlc = (text: string): text is Hlc => PATTERN.test(text);

/** Undefined for anything that `formatHlc` does not write. */
export function parseHlc(text: string): HlcParts | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, ms = '', counter = '', author = ''] = match;
  return { ms: Number.parseInt(ms, 16), counter: Number.parseInt(counter, 16), author: author as HostId };
}

/** Milliseconds of a stamp that was parsed before. */
export const hlcMs = (hlc: Hlc): number => Number.parseInt(hlc.slice(0, 12), 16);

/** Negative when `a` is the earlier. Total: only equal stamps compare as 0. */
export const compareHlc: (a: Hlc, b: Hlc) => number = compareText;

/** A new stamp, later than every stamp made or received before, whatever the wall clock does. */
export function tick(clock: HlcClock, nowMs: number, author: HostId): Hlc {
  const now = Math.max(0, Math.floor(nowMs));
  if (now > clock.ms) {
    clock.ms = now;
    clock.counter = 0;
  } else if (clock.counter < COUNTER_MAX) {
    clock.counter += 1;
  } else {
    clock.ms += 1;
    clock.counter = 0;
  }
  return formatHlc({ ms: clock.ms, counter: clock.counter, author });
}

/**
 * Moves the clock past a stamp, unless that is more than `limits.clockAheadMs` ahead of our wall clock. A stamp that the
 * clock has passed already moves nothing and is fine: a member whose wall clock was set back goes on with its own.
 */
export function receive(
  clock: HlcClock,
  stamp: HlcParts,
  nowMs: number,
): { readonly ok: true } | { readonly ok: false; readonly reason: 'from-the-future' } {
  if (!isAfter(stamp, clock)) return { ok: true };
  if (stamp.ms > nowMs + limits.clockAheadMs) return { ok: false, reason: 'from-the-future' };
  advance(clock, stamp);
  return { ok: true };
}

/** Moves the clock past a stamp that is trusted, such as one from this member's own disk. */
export function advance(clock: HlcClock, stamp: HlcParts): void {
  if (!isAfter(stamp, clock)) return;
  clock.ms = stamp.ms;
  clock.counter = stamp.counter;
}

const isAfter = (stamp: HlcParts, clock: HlcClock): boolean =>
  stamp.ms > clock.ms || (stamp.ms === clock.ms && stamp.counter > clock.counter);
