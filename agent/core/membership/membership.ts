import type { HostId } from '../../../protocol/ids.ts';
import type { Context } from '../context.ts';
import type { LivenessUpdate } from '../mesh/messages.ts';
import { checkIsolation } from './isolation.ts';
import { applyUpdate, expireSuspicions, INCARNATION_MAX, setStatus, toggleSummary } from './liveness.ts';
import { buildRings, chooseNeighbours } from './neighbours.ts';
import {
  checkProbes,
  endProbe,
  onAck,
  onPingRequest,
  probeDead,
  probeNext,
  probeOnHint,
  tellSpeaker,
  tellSuspects,
} from './probing.ts';
import {
  type Member,
  type MembershipEffect,
  type MembershipEvent,
  type MembershipState,
  ownUpdate,
  worsenHealth,
} from './state.ts';

/**
 * SWIM with Lifeguard over the neighbours of the overlay. `ctx.nowMs` is the member's own time: it never jumps and
 * stands still while the event loop does. Ignores messages that are not about membership, and all from strangers.
 */
export function membershipStep(state: MembershipState, event: MembershipEvent, ctx: Context): MembershipEffect[] {
  switch (event.type) {
    case 'tick':
      return onTick(state, event.isLate, ctx);
    case 'message':
      return onMessage(state, event, ctx);
    case 'members':
      return onMembers(state, event.members, ctx);
    case 'link-down':
      return state.hasLeft ? [] : probeOnHint(state, event.peer, ctx);
    case 'leave':
      return onLeave(state);
  }
}

/** Takes in a broadcast update. `isCurrent` tells whether it is worth passing on. */
export function receiveUpdate(
  state: MembershipState,
  update: LivenessUpdate,
  ctx: Context,
): { readonly isCurrent: boolean; readonly effects: readonly MembershipEffect[] } {
  const before = state.members.get(update.hostId)?.status;
  const { isCurrent, effects } = applyUpdate(state, update, ctx);
  const isFirstSuspicion = update.status === 'suspect' && before === 'alive' && isCurrent && !state.hasLeft;
  return { isCurrent, effects: isFirstSuspicion ? [...effects, ...probeOnHint(state, update.hostId, ctx)] : effects };
}

function onTick(state: MembershipState, isLate: boolean, ctx: Context): MembershipEffect[] {
  if (state.hasLeft) return [];
  if (isLate) {
    // Acks may wait in the socket: what was not answered so far proves nothing.
    worsenHealth(state);
    state.probes.clear();
    state.relays.clear();
    state.rollCall = undefined;
  }
  const effects: MembershipEffect[] = [];
  if (!state.hasAnnounced && state.neighbours.peers.length > 0) {
    state.hasAnnounced = true;
    effects.push({ type: 'broadcast', update: ownUpdate(state) });
  }
  effects.push(...checkProbes(state, ctx), ...expireSuspicions(state, ctx), ...tellSuspects(state, ctx));
  effects.push(...probeNext(state, ctx), ...probeDead(state, ctx));
  return [...effects, ...refreshNeighbours(state), ...checkIsolation(state, ctx)];
}

function onMessage(
  state: MembershipState,
  { from, message }: Extract<MembershipEvent, { type: 'message' }>,
  ctx: Context,
): MembershipEffect[] {
  const member = state.members.get(from);
  if (member === undefined || state.hasLeft) return [];
  state.lastHeardAtMs = ctx.nowMs;
  state.rollCall?.missing.delete(from);
  switch (message.type) {
    case 'ping':
      return [
        { type: 'send', to: from, message: { type: 'ack', seq: message.seq, incarnation: state.incarnation } },
        ...hear(state, member, message.incarnation, ctx),
      ];
    case 'ack':
      return [
        ...onAck(state, from, message.seq, message.incarnation),
        ...hear(state, member, message.incarnation, ctx),
      ];
    case 'ping-req':
      return onPingRequest(state, from, message.seq, message.target, ctx);
    case 'ping-req-ack': {
      const target = state.members.get(message.target);
      if (target === undefined) return [];
      endProbe(state, message.target, message.seq);
      return hear(state, target, message.incarnation, ctx);
    }
    default:
      return [];
  }
}

/** A member spoke under this incarnation: news if it is a later one, otherwise a chance to tell it what is said of it. */
function hear(state: MembershipState, member: Member, incarnation: number, ctx: Context): MembershipEffect[] {
  if (incarnation > INCARNATION_MAX) return [];
  if (incarnation > member.incarnation) return setStatus(state, member, 'alive', incarnation, ctx);
  return tellSpeaker(state, member, ctx);
}

function onMembers(
  state: MembershipState,
  admitted: readonly { readonly hostId: HostId }[],
  ctx: Context,
): MembershipEffect[] {
  const wanted = new Set(admitted.map((member) => member.hostId));
  wanted.delete(state.self);
  for (const member of [...state.members.values()]) if (!wanted.has(member.hostId)) forget(state, member);
  for (const hostId of wanted) {
    if (state.members.has(hostId)) continue;
    const toldAtMs = Number.NEGATIVE_INFINITY;
    const fresh: Member = {
      hostId,
      status: 'alive',
      incarnation: 0,
      sinceMs: ctx.nowMs,
      toldAtMs,
      suspicion: undefined,
    };
    state.members.set(hostId, fresh);
    toggleSummary(state, hostId, 'alive', 0);
  }
  state.rings = buildRings(state.self, [...state.members.keys()]);
  state.areNeighboursStale = true;
  return refreshNeighbours(state);
}

/** Evicted: nothing of it stays. */
function forget(state: MembershipState, member: Member): void {
  toggleSummary(state, member.hostId, member.status, member.incarnation);
  for (const known of [state.members, state.suspects, state.dead, state.left]) known.delete(member.hostId);
  for (const [seq, probe] of state.probes) if (probe.target === member.hostId) state.probes.delete(seq);
}

function onLeave(state: MembershipState): MembershipEffect[] {
  state.hasLeft = true;
  state.probes.clear();
  return [{ type: 'broadcast', update: ownUpdate(state) }];
}

function refreshNeighbours(state: MembershipState): MembershipEffect[] {
  if (!state.areNeighboursStale) return [];
  state.areNeighboursStale = false;
  const isRunning = (hostId: HostId): boolean =>
    state.members.has(hostId) && !state.dead.has(hostId) && !state.left.has(hostId);
  state.neighbours = chooseNeighbours(state.rings, isRunning);
  return [{ type: 'neighbours', neighbours: state.neighbours }];
}
