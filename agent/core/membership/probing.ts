import type { HostId } from '../../../protocol/ids.ts';
import type { Context } from '../context.ts';
import type { GossipMessage, LivenessUpdate } from '../mesh/messages.ts';
import { pickSome } from '../order.ts';
import { startRollCall } from './isolation.ts';
import { accuse, describe } from './liveness.ts';
import {
  improveHealth,
  type Member,
  type MembershipEffect,
  type MembershipState,
  type Probe,
  stretched,
  worsenHealth,
} from './state.ts';
import { timing } from './timing.ts';

const send = (to: HostId, message: GossipMessage): MembershipEffect => ({ type: 'send', to, message });

const isProbed = (state: MembershipState, target: HostId): boolean =>
  [...state.probes.values()].some((probe) => probe.target === target);

/** Pings a member; a missing ack is noticed by `checkProbes`. */
function startProbe(state: MembershipState, target: HostId, ctx: Context): MembershipEffect[] {
  if (state.probes.size >= timing.probesAtOnceMax || isProbed(state, target)) return [];
  state.seq += 1;
  const dueAtMs = ctx.nowMs + stretched(state, timing.probeTimeoutMs);
  state.probes.set(state.seq, { target, startedAtMs: ctx.nowMs, isIndirect: false, dueAtMs });
  return [send(target, { type: 'ping', seq: state.seq, incarnation: state.incarnation })];
}

/** A neighbour may be in trouble: some of its neighbours look at once, so that few confirm and not all. */
export function probeOnHint(state: MembershipState, target: HostId, ctx: Context): MembershipEffect[] {
  const { peers } = state.neighbours;
  if (!peers.includes(target) || ctx.rng() * peers.length >= timing.hintProbes) return [];
  return startProbe(state, target, ctx);
}

/** The regular probe: every neighbour once per round, in an order shuffled anew each round. */
export function probeNext(state: MembershipState, ctx: Context): MembershipEffect[] {
  if (ctx.nowMs < state.nextProbeAtMs) return [];
  const isFirst = state.nextProbeAtMs === Number.NEGATIVE_INFINITY;
  const spread = isFirst ? ctx.rng() : 0.9 + 0.2 * ctx.rng();
  state.nextProbeAtMs = ctx.nowMs + stretched(state, timing.probeIntervalMs) * spread;
  if (isFirst) return [];
  const neighbours = new Set(state.neighbours.peers);
  for (let isRefilled = false; ; ) {
    const target = state.round.pop();
    if (target !== undefined && neighbours.has(target)) return startProbe(state, target, ctx);
    if (target !== undefined) continue;
    if (isRefilled || neighbours.size === 0) return [];
    state.round = pickSome(state.neighbours.peers, neighbours.size, ctx.rng);
    isRefilled = true;
  }
}

/** Probes that are overdue: others are asked to try, then the target is accused. */
export function checkProbes(state: MembershipState, ctx: Context): MembershipEffect[] {
  const effects: MembershipEffect[] = [];
  for (const [seq, probe] of [...state.probes]) {
    if (ctx.nowMs < probe.dueAtMs) continue;
    if (probe.isIndirect) {
      state.probes.delete(seq);
      effects.push(...failProbe(state, probe, ctx));
    } else {
      probe.isIndirect = true;
      probe.dueAtMs = ctx.nowMs + stretched(state, timing.probeTimeoutMs);
      effects.push(...askOthers(state, seq, probe.target, ctx), ...startRollCall(state, ctx));
    }
  }
  for (const [seq, relay] of state.relays) if (ctx.nowMs >= relay.expiresAtMs) state.relays.delete(seq);
  return effects;
}

/** The second half of a probe: once more directly, and through others. */
function askOthers(state: MembershipState, seq: number, target: HostId, ctx: Context): MembershipEffect[] {
  const others = state.neighbours.peers.filter((peer) => peer !== target && !state.suspects.has(peer));
  const helpers = pickSome(others, timing.indirectProbes, ctx.rng);
  return [
    send(target, { type: 'ping', seq, incarnation: state.incarnation }),
    ...helpers.map((helper) => send(helper, { type: 'ping-req', seq, target })),
  ];
}

/** Nobody reached the target. If nobody was heard either, the fault may well be here, so health gets worse. */
function failProbe(state: MembershipState, probe: Probe, ctx: Context): MembershipEffect[] {
  const member = state.members.get(probe.target);
  if (member === undefined || (member.status !== 'alive' && member.status !== 'suspect')) return [];
  if (state.lastHeardAtMs < probe.startedAtMs && state.neighbours.peers.length > 1) worsenHealth(state);
  const update = describe(state, member);
  return [...accuse(state, member, ctx), tell(member, { ...update, status: 'suspect' }, ctx)];
}

/** An ack of a probe of ours, or of one that we make for somebody, who gets the answer. */
export function onAck(state: MembershipState, from: HostId, seq: number, incarnation: number): MembershipEffect[] {
  endProbe(state, from, seq);
  const relay = state.relays.get(seq);
  if (relay?.target !== from) return [];
  state.relays.delete(seq);
  return [send(relay.requester, { type: 'ping-req-ack', seq: relay.requestSeq, target: from, incarnation })];
}

/** The target of a probe was reached, directly or through a helper. */
export function endProbe(state: MembershipState, target: HostId, seq: number): void {
  if (state.probes.get(seq)?.target !== target) return;
  state.probes.delete(seq);
  improveHealth(state);
}

/** Somebody can't reach `target` and asks us to try. */
export function onPingRequest(
  state: MembershipState,
  requester: HostId,
  requestSeq: number,
  target: HostId,
  ctx: Context,
): MembershipEffect[] {
  if (!state.members.has(target) || state.relays.size >= timing.relaysMax) return [];
  state.seq += 1;
  const expiresAtMs = ctx.nowMs + 2 * timing.probeTimeoutMs;
  state.relays.set(state.seq, { requester, requestSeq, target, expiresAtMs });
  return [send(target, { type: 'ping', seq: state.seq, incarnation: state.incarnation })];
}

/** Every now and then one of the dead is tried: the way back for members that were cut off. */
export function probeDead(state: MembershipState, ctx: Context): MembershipEffect[] {
  if (ctx.nowMs < state.nextDeadProbeAtMs) return [];
  const isFirst = state.nextDeadProbeAtMs === Number.NEGATIVE_INFINITY;
  state.nextDeadProbeAtMs = ctx.nowMs + timing.deadProbeMs * (0.75 + 0.5 * ctx.rng());
  const target = isFirst ? undefined : pickSome([...state.dead].sort(), 1, ctx.rng)[0];
  const member = target === undefined ? undefined : state.members.get(target);
  if (member === undefined) return [];
  state.seq += 1;
  return [
    send(member.hostId, { type: 'ping', seq: state.seq, incarnation: state.incarnation }),
    tell(member, describe(state, member), ctx),
  ];
}

/** Lets a member know what is said of it, so that it can refute. */
function tell(member: Member, update: LivenessUpdate, ctx: Context): MembershipEffect {
  member.toldAtMs = ctx.nowMs;
  return send(member.hostId, { type: 'liveness-list', updates: [update], isReply: true });
}

/** Accusers remind their suspects until they refute or the time is over. */
export function tellSuspects(state: MembershipState, ctx: Context): MembershipEffect[] {
  return [...state.suspects].flatMap((hostId) => {
    const member = state.members.get(hostId);
    const isOwn = member?.suspicion?.accusers.has(state.self) === true;
    return isOwn ? tellAgain(state, member, ctx) : [];
  });
}

/** A member that speaks though it is held suspect, dead or left does not know; it is told now and then. */
export function tellSpeaker(state: MembershipState, member: Member, ctx: Context): MembershipEffect[] {
  return member.status === 'alive' ? [] : tellAgain(state, member, ctx);
}

function tellAgain(state: MembershipState, member: Member, ctx: Context): MembershipEffect[] {
  if (ctx.nowMs < member.toldAtMs + timing.tellAgainMs) return [];
  return [tell(member, { ...describe(state, member), status: member.status }, ctx)];
}
