import { describe, expect, it } from 'vitest';
import { INCARNATION_MAX, livenessSummary, mergeList, supersedes } from '../../../agent/core/membership/liveness.ts';
import { membershipStep, receiveUpdate } from '../../../agent/core/membership/membership.ts';
import { createMembership, type MembershipState } from '../../../agent/core/membership/state.ts';
import type { LivenessUpdate } from '../../../agent/core/mesh/messages.ts';
import type { HostId } from '../../../protocol/ids.ts';

const [self, a, b, c] = ['self', 'a', 'b', 'c'] as HostId[] as [HostId, HostId, HostId, HostId];
const ctx = { nowMs: 1_000, rng: () => 0.5 };
const said = (hostId: HostId, status: LivenessUpdate['status'], incarnation: number, by = b): LivenessUpdate => ({
  hostId,
  status,
  incarnation,
  by,
});

/** A member of a mesh of four that has heard of `a` under incarnation 3. */
function knowing(...updates: LivenessUpdate[]): MembershipState {
  const state = createMembership(self, 5);
  membershipStep(state, { type: 'members', members: [self, a, b, c].map((hostId) => ({ hostId })) }, ctx);
  for (const update of [said(a, 'alive', 3, a), ...updates]) receiveUpdate(state, update, ctx);
  return state;
}

describe('what replaces what', () => {
  const ordered = (['alive', 'suspect', 'dead', 'left'] as const).flatMap((status) => ({ status, incarnation: 1 }));
  it.each(ordered.flatMap((older, at) => ordered.slice(at + 1).map((newer) => ({ older, newer }))))(
    '$newer.status replaces $older.status of the same incarnation, and never the other way round',
    ({ older, newer }) => {
      expect(supersedes(newer, older)).toBe(true);
      expect(supersedes(older, newer)).toBe(false);
      expect(supersedes({ ...older, incarnation: 2 }, newer)).toBe(true);
      expect(supersedes(newer, newer)).toBe(false);
    },
  );
});

describe('what a broadcast does', () => {
  it.each([
    { name: 'a suspicion', before: [], update: said(a, 'suspect', 3), after: ['suspect', 3], isCurrent: true },
    { name: 'an outdated suspicion', before: [], update: said(a, 'suspect', 2), after: ['alive', 3], isCurrent: false },
    {
      name: 'a refutation',
      before: [said(a, 'suspect', 3)],
      update: said(a, 'alive', 4, a),
      after: ['alive', 4],
      isCurrent: true,
    },
    { name: 'a death', before: [], update: said(a, 'dead', 3), after: ['dead', 3], isCurrent: true },
    {
      name: 'life of a dead one',
      before: [said(a, 'dead', 3)],
      update: said(a, 'alive', 3, a),
      after: ['dead', 3],
      isCurrent: false,
    },
    {
      name: 'a return',
      before: [said(a, 'left', 3)],
      update: said(a, 'alive', 4, a),
      after: ['alive', 4],
      isCurrent: true,
    },
    {
      name: 'the same death again',
      before: [said(a, 'dead', 3)],
      update: said(a, 'dead', 3),
      after: ['dead', 3],
      isCurrent: true,
    },
    {
      name: 'an incarnation that could not be refuted',
      before: [],
      update: said(a, 'dead', INCARNATION_MAX + 1),
      after: ['alive', 3],
      isCurrent: false,
    },
  ])('$name', ({ before, update, after, isCurrent }) => {
    const state = knowing(...before);
    expect(receiveUpdate(state, update, ctx).isCurrent).toBe(isCurrent);
    const member = state.members.get(a);
    expect([member?.status, member?.incarnation]).toEqual(after);
  });

  it('says nothing of hosts that are no members', () => {
    const state = knowing();
    expect(receiveUpdate(state, said('stranger' as HostId, 'alive', 1), ctx)).toEqual({
      isCurrent: false,
      effects: [],
    });
    expect(state.members.has('stranger' as HostId)).toBe(false);
  });
});

describe('what is said of this member itself', () => {
  it.each([
    { name: 'a suspicion of the present incarnation', update: said(self, 'suspect', 5), incarnation: 6 },
    { name: 'a death under a later one', update: said(self, 'dead', 9), incarnation: 10 },
    { name: 'an earlier life with a later incarnation', update: said(self, 'alive', 7), incarnation: 8 },
    { name: 'an outdated suspicion', update: said(self, 'suspect', 4), incarnation: 5 },
    { name: 'its own news coming back', update: said(self, 'alive', 5, self), incarnation: 5 },
  ])('$name: incarnation $incarnation', ({ update, incarnation }) => {
    const state = knowing();
    const { effects } = receiveUpdate(state, update, ctx);
    expect(state.incarnation).toBe(incarnation);
    const broadcasts = effects.filter(({ type }) => type === 'broadcast');
    expect(broadcasts).toHaveLength(incarnation === 5 ? 0 : 1);
  });

  it('is not refuted after leaving', () => {
    const state = knowing();
    membershipStep(state, { type: 'leave' }, ctx);
    expect(receiveUpdate(state, said(self, 'left', 5), ctx).effects).toEqual([]);
    expect(state.incarnation).toBe(5);
  });
});

describe('a death that only a list tells of', () => {
  it('is a suspicion first, so that the member can refute', () => {
    const state = knowing();
    const effects = mergeList(state, b, [said(a, 'dead', 3)], ctx);
    expect(state.members.get(a)?.status).toBe('suspect');
    expect(effects.map(({ type }) => type)).toContain('broadcast');
  });

  it('is believed of a member never heard of since the start', () => {
    const state = knowing();
    mergeList(state, b, [said(c, 'dead', 4)], ctx);
    expect(state.members.get(c)?.status).toBe('dead');
  });
});

describe('the summary', () => {
  it('is equal for equal views whatever came first, and takes a suspicion for life', () => {
    const forth = knowing(said(b, 'dead', 2), said(c, 'alive', 8, c));
    const back = knowing(said(c, 'alive', 8, c), said(b, 'alive', 2, b), said(b, 'dead', 2));
    expect(livenessSummary(back)).toBe(livenessSummary(forth));
    receiveUpdate(back, said(c, 'suspect', 8), ctx);
    expect(livenessSummary(back)).toBe(livenessSummary(forth));
    receiveUpdate(back, said(c, 'dead', 8), ctx);
    expect(livenessSummary(back)).not.toBe(livenessSummary(forth));
  });

  it('forgets the evicted without a trace', () => {
    const state = knowing(said(b, 'dead', 2));
    const reference = createMembership(self, 5);
    for (const known of [state, reference]) {
      membershipStep(known, { type: 'members', members: [{ hostId: a }, { hostId: c }] }, ctx);
    }
    receiveUpdate(reference, said(a, 'alive', 3, a), ctx);
    expect(livenessSummary(state)).toBe(livenessSummary(reference));
    expect([...state.dead]).toEqual([]);
  });
});
