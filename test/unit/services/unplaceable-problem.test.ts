import { describe, expect, it } from 'vitest';
import type { AuctionOutcome } from '../../../agent/core/placement/auction-types.ts';
import { unplaceableProblem } from '../../../agent/services/controller/problems.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { AppOperationRecord, Decision, Refusal } from '../../../protocol/schemas/operation.ts';

const refusal = (name: string, detail: string): Refusal => ({
  hostId: name as HostId,
  hostName: name,
  rule: 'insufficient-memory',
  detail,
  numbers: {},
  transient: false,
});

/** The end of an auction in which hosts had room for so many replicas, and a reason each to take no more. */
function outcome(missing: number, slots: Readonly<Record<string, number>>): AuctionOutcome {
  const refusals = Object.keys(slots).map((name) => refusal(name, 'full'));
  const offers = Object.entries(slots).filter(([, count]) => count > 0);
  const decision = { offers: offers.map(([hostId, count]) => ({ hostId, slots: count, awarded: 0 })) };
  return {
    kind: 'unplaceable',
    placed: [],
    unknown: [],
    missing: Array.from({ length: missing }, (_, replica) => replica),
    refusals,
    isTransient: false,
    decisions: [decision as unknown as Decision],
  };
}

const detailOf = (replicas: number, end: AuctionOutcome) =>
  unplaceableProblem(end, { id: 'op_1', replicas } as unknown as AppOperationRecord).detail.split('\n');

describe('the problem of a deploy that does not fit', () => {
  it('counts the replicas that are too many, not all of them', () => {
    expect(detailOf(8, outcome(8, { h2: 2, h1: 4, h10: 0 }))).toEqual([
      '2 of 8 replicas fit on no host; nothing was kept.',
      'h1: takes 4 and no more: full',
      'h2: takes 2 and no more: full',
      'h10: full',
    ]);
  });

  it('counts those of a scale that run already as placed', () => {
    expect(detailOf(7, outcome(4, { h1: 0 }))[0]).toBe('4 of 7 replicas fit on no host; nothing was kept.');
  });

  it('says so when there is no host to ask', () => {
    expect(detailOf(1, outcome(1, {}))).toContain('No host is alive in this cluster.');
  });

  it('names some of very many hosts', () => {
    const hosts = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`h${index}`, 0]));
    expect(detailOf(1, outcome(1, hosts)).at(-1)).toBe('and 10 more hosts');
  });
});
