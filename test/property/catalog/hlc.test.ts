import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareHlc, formatHlc, newClock, parseHlc, receive, tick } from '../../../agent/core/catalog/hlc.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';

const NOW_MS = 1_750_000_000_000;
const author = fc.constantFrom('12D3KooWanna', '12D3KooWbert', '12D3KooWcleo') as fc.Arbitrary<HostId>;
const parts = fc.record({ ms: fc.nat({ max: 2 ** 48 - 1 }), counter: fc.nat({ max: 0xffff }), author });
/** A wall clock that jumps both ways. */
const wall = fc.integer({ min: NOW_MS - 3_600_000, max: NOW_MS + 3_600_000 });

describe('hybrid logical clock', () => {
  it('reads what it writes', () => {
    fc.assert(
      fc.property(parts, (stamp) => {
        expect(parseHlc(formatHlc(stamp))).toEqual(stamp);
      }),
    );
  });

  it('orders texts as it orders time, counter and author', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        const expected =
          a.ms - b.ms || a.counter - b.counter || (a.author < b.author ? -1 : a.author > b.author ? 1 : 0);
        expect(Math.sign(compareHlc(formatHlc(a), formatHlc(b)))).toBe(Math.sign(expected));
      }),
    );
  });

  it('makes ever later stamps, though the wall clock jumps back', () => {
    fc.assert(
      fc.property(fc.array(wall, { minLength: 2, maxLength: 50 }), author, (times, who) => {
        const clock = newClock();
        const stamps = times.map((nowMs) => tick(clock, nowMs, who));
        for (const [i, stamp] of stamps.slice(1).entries()) expect(stamp > (stamps[i] ?? '')).toBe(true);
      }),
    );
  });

  it('makes stamps later than any it has received', () => {
    fc.assert(
      fc.property(parts, wall, author, (remote, nowMs, who) => {
        const clock = newClock();
        const isFuture = remote.ms > nowMs + limits.clockAheadMs;
        expect(receive(clock, remote, nowMs).ok).toBe(!isFuture);
        if (!isFuture) expect(tick(clock, nowMs, who) > formatHlc(remote)).toBe(true);
      }),
    );
  });

  it('goes on when the counter is full', () => {
    const clock = { ms: NOW_MS, counter: 0xffff };
    const stamp = tick(clock, NOW_MS - 1, '12D3KooWanna' as HostId);
    expect(parseHlc(stamp)).toEqual({ ms: NOW_MS + 1, counter: 0, author: '12D3KooWanna' });
  });

  it('is not moved by a stamp from the future', () => {
    const clock = newClock();
    const remote = { ms: NOW_MS + limits.clockAheadMs + 1, counter: 0, author: '12D3KooWanna' as HostId };
    expect(receive(clock, remote, NOW_MS)).toEqual({ ok: false, reason: 'from-the-future' });
    expect(clock).toEqual(newClock());
  });

  it.each([
    '',
    '-',
    '0197fd6f0c00-0000-',
    '0197FD6F0C00-0000-a',
    '197fd6f0c00-0000-a',
    '0197fd6f0c00-00000-a',
    '0197fd6f0c00-0000-a/b',
    ' 0197fd6f0c00-0000-a',
    '0197fd6f0c00-0000-a\n',
    `0197fd6f0c00-0000-${'a'.repeat(129)}`,
  ])('refuses %j', (text) => {
    expect(parseHlc(text)).toBeUndefined();
  });

  it('refuses or reads any text without throwing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const stamp = parseHlc(text);
        if (stamp !== undefined) expect(formatHlc(stamp)).toBe(text);
      }),
    );
  });
});
