import type { HostId } from '../../../protocol/ids.ts';
import type { Context } from '../context.ts';
import { countRunning, type MembershipEffect, type MembershipState } from './state.ts';
import { timing } from './timing.ts';

/** A member that counts, and whether it is here. */
interface Counted {
  readonly hostId: HostId;
  readonly isHere: boolean;
}

/**
 * Whether this member's side is the smaller one: less than half of all, itself included, are here. Of two equal halves
 * the one with the smallest host id is the larger.
 */
export function isMinority(self: HostId, others: Iterable<Counted>): boolean {
  let here = 1;
  let gone = 0;
  let smallest: Counted = { hostId: self, isHere: true };
  for (const other of others) {
    if (other.isHere) here += 1;
    else gone += 1;
    if (other.hostId < smallest.hostId) smallest = other;
  }
  return gone > here || (gone === here && !smallest.isHere);
}

/**
 * Asks all neighbours at once who is there, when one of them was not: a member that is cut off knows within seconds,
 * long before anybody is declared dead. Repeated while the answer is bad.
 */
export function startRollCall(state: MembershipState, ctx: Context): MembershipEffect[] {
  // Those never heard of can't have vanished.
  const peers = state.neighbours.peers.filter((peer) => (state.members.get(peer)?.incarnation ?? 0) > 0);
  const isUnderWay = state.rollCall !== undefined && ctx.nowMs < state.rollCall.startedAtMs + timing.rollCallEveryMs;
  if (isUnderWay || peers.length === 0) return [];
  state.rollCall = { startedAtMs: ctx.nowMs, asked: peers, missing: new Set(peers), isAskedTwice: false };
  return callOut(state, peers);
}

function callOut(state: MembershipState, peers: Iterable<HostId>): MembershipEffect[] {
  state.seq += 1;
  const message = { type: 'ping', seq: state.seq, incarnation: state.incarnation } as const;
  return [...peers].map((to) => ({ type: 'send', to, message }));
}

/** Goes on with a roll call, and says when the member starts or stops to think that it is cut off. */
export function checkIsolation(state: MembershipState, ctx: Context): MembershipEffect[] {
  const effects: MembershipEffect[] = [];
  const call = state.rollCall;
  if (call !== undefined) {
    const passedMs = ctx.nowMs - call.startedAtMs;
    if (passedMs >= timing.rollCallMs / 2 && !call.isAskedTwice) {
      call.isAskedTwice = true;
      effects.push(...callOut(state, call.missing));
    }
    if (passedMs >= timing.rollCallMs) {
      state.isDeaf = isMinority(
        state.self,
        call.asked.map((hostId) => ({ hostId, isHere: !call.missing.has(hostId) })),
      );
      if (passedMs >= timing.rollCallEveryMs) {
        state.rollCall = undefined;
        if (state.isDeaf) effects.push(...startRollCall(state, ctx));
        state.isDeaf &&= state.rollCall !== undefined;
      }
    }
  }
  const isIsolated = state.isDeaf || haveMostVanished(state, ctx);
  if (isIsolated === state.isIsolated) return effects;
  state.isIsolated = isIsolated;
  return [...effects, { type: 'isolated-changed', isIsolated }];
}

/**
 * Whether most of those that ran lately are suspect, or died within `timing.isolationMs`. Ends by itself when the deaths
 * are old: a member can't tell a long partition from hosts that are really gone, so then it acts. Of two members, when
 * one dies, the survivor so acts at once if its id is the smaller one and after half a minute otherwise. Members that
 * left on purpose never count.
 */
function haveMostVanished(state: MembershipState, ctx: Context): boolean {
  const alive = countRunning(state) - state.suspects.size;
  if (state.suspects.size + state.dead.size < alive) return false;
  const counted: Counted[] = [];
  for (const { hostId, status, sinceMs, incarnation } of state.members.values()) {
    if (incarnation === 0) continue;
    const isDeadLately = status === 'dead' && ctx.nowMs < sinceMs + timing.isolationMs;
    if (status === 'alive' || status === 'suspect' || isDeadLately)
      counted.push({ hostId, isHere: status === 'alive' });
  }
  return isMinority(state.self, counted);
}
