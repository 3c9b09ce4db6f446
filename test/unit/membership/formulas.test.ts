import { describe, expect, it } from 'vitest';
import { confirmationsWanted, suspicionMinMs, suspicionTimeoutMs } from '../../../agent/core/membership/formulas.ts';

describe('the least time to refute grows with the logarithm of the mesh', () => {
  it.each([
    { members: 0, ms: 3_000 },
    { members: 1, ms: 3_000 },
    { members: 10, ms: 3_000 },
    { members: 100, ms: 6_000 },
    { members: 1_000, ms: 9_000 },
  ])('$members members: $ms ms', ({ members, ms }) => {
    expect(suspicionMinMs(members)).toBeCloseTo(ms, 6);
  });
});

describe('confirmations are wanted only where there are enough members to give them', () => {
  it.each([
    { members: 2, wanted: 0 },
    { members: 5, wanted: 0 },
    { members: 7, wanted: 0 },
    { members: 8, wanted: 3 },
    { members: 30, wanted: 3 },
  ])('$members members: $wanted', ({ members, wanted }) => {
    expect(confirmationsWanted(members)).toBe(wanted);
  });
});

describe('a suspicion falls from its maximum to its minimum with the logarithm of confirmations', () => {
  // The table of memberlist's TestSuspicion_remainingSuspicionTime (k = 3, 2 s to 30 s), which counts whole milliseconds.
  it.each([
    { confirmed: 0, ms: 30_000 },
    { confirmed: 1, ms: 16_000 },
    { confirmed: 2, ms: 7_810 },
    { confirmed: 3, ms: 2_000 },
    { confirmed: 4, ms: 2_000 },
    { confirmed: 9, ms: 2_000 },
  ])('$confirmed of 3: $ms ms', ({ confirmed, ms }) => {
    expect(Math.abs(suspicionTimeoutMs(2_000, 30_000, 3, confirmed) - ms)).toBeLessThan(1);
  });

  it('is at its minimum at once where nobody could confirm', () => {
    expect(suspicionTimeoutMs(3_000, 18_000, 0, 0)).toBe(3_000);
  });
});
