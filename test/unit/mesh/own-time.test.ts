import { expect, it } from 'vitest';
import { advance, createOwnTime } from '../../../agent/core/mesh/own-time.ts';

it('own time runs with the clock, but neither a stall nor a clock that was set moves it by more than a tick', () => {
  const time = createOwnTime();
  const steps = [
    { wallMs: 1_000_000, ms: 100, isLate: false },
    { wallMs: 1_000_110, ms: 210, isLate: false },
    { wallMs: 1_000_500, ms: 600, isLate: false },
    { wallMs: 1_009_000, ms: 700, isLate: true },
    { wallMs: 1_009_100, ms: 800, isLate: false },
    { wallMs: 400_000, ms: 900, isLate: false },
    { wallMs: 400_100, ms: 1_000, isLate: false },
  ];
  for (const { wallMs, ms, isLate } of steps) {
    expect(advance(time, wallMs)).toBe(isLate);
    expect(time.ms).toBe(ms);
  }
});
