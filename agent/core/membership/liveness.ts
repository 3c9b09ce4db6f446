import type { HostId } from '../../../protocol/ids.ts';
import type { Liveness } from '../../../protocol/schemas/host.ts';
import type { Context } from '../context.ts';
import { type Hash64, hash64, toHex, xor64 } from '../hash.ts';
import type { LivenessUpdate } from '../mesh/messages.ts';
import { confirmationsWanted, suspicionMinMs, suspicionTimeoutMs } from './formulas.ts';
import {
  countRunning,
  type Member,
  type MembershipEffect,
  type MembershipState,
  ownUpdate,
  worsenHealth,
} from './state.ts';
import { timing } from './timing.ts';

const rank: Record<Liveness, number> = { alive: 0, suspect: 1, dead: 2, left: 3 };

/** Later than any real incarnation; beyond it a member could not refute any more. */
export const INCARNATION_MAX = 2 ** 48;

/** Whether `update` replaces what is known: a later incarnation wins, within one left > dead > suspect > alive. */
export function supersedes(
  update: { readonly status: Liveness; readonly incarnation: number },
  known: { readonly status: Liveness; readonly incarnation: number },
): boolean {
  if (update.incarnation !== known.incarnation) return update.incarnation > known.incarnation;
  return rank[update.status] > rank[known.status];
}

/** A suspicion is transient and either becomes a death or a refutation, so summaries take it for alive. */
const summarized = (status: Liveness): Liveness => (status === 'suspect' ? 'alive' : status);

/** One member's share of the summary; shares are XORed, so order does not matter. */
const summaryShare = (hostId: HostId, status: Liveness, incarnation: number): Hash64 =>
  hash64(`${hostId} ${summarized(status)} ${incarnation}`);

/** Adds a member's share to the summary, or takes it out again. */
export function toggleSummary(state: MembershipState, hostId: HostId, status: Liveness, incarnation: number): void {
  state.summary = xor64(state.summary, summaryShare(hostId, status, incarnation));
}

/** Changes a member's status, with everything that is kept by status. */
export function setStatus(
  state: MembershipState,
  member: Member,
  status: Liveness,
  incarnation: number,
  ctx: Context,
): MembershipEffect[] {
  const previous = member.status;
  toggleSummary(state, member.hostId, previous, member.incarnation);
  toggleSummary(state, member.hostId, status, incarnation);
  if (incarnation > member.incarnation || status === 'alive') member.suspicion = undefined;
  member.incarnation = incarnation;
  if (previous !== status) {
    member.status = status;
    member.sinceMs = ctx.nowMs;
    for (const [set, of] of [
      [state.suspects, 'suspect'],
      [state.dead, 'dead'],
      [state.left, 'left'],
    ] as const) {
      if (status === of) set.add(member.hostId);
      else set.delete(member.hostId);
    }
    const isGone = (known: Liveness): boolean => known === 'dead' || known === 'left';
    if (isGone(previous) !== isGone(status)) state.areNeighboursStale = true;
    if (status !== 'suspect') member.suspicion = undefined;
  }
  return [{ type: 'liveness-changed', hostId: member.hostId, status, incarnation, previous }];
}

/**
 * Takes in what somebody broadcast. `isCurrent` tells whether it is worth passing on: false for what is outdated.
 * A rumour about this member itself is refuted and goes no further: the refutation travels instead.
 */
export function applyUpdate(
  state: MembershipState,
  update: LivenessUpdate,
  ctx: Context,
): { readonly isCurrent: boolean; readonly effects: MembershipEffect[] } {
  if (update.incarnation > INCARNATION_MAX) return { isCurrent: false, effects: [] };
  if (update.hostId === state.self) {
    const isOwnNews = update.by === state.self && update.incarnation === state.incarnation;
    return { isCurrent: isOwnNews, effects: isOwnNews ? [] : refute(state, update) };
  }
  const member = state.members.get(update.hostId);
  if (member === undefined) return { isCurrent: false, effects: [] };
  if (update.status === 'suspect') return suspect(state, member, update, ctx);
  if (!supersedes(update, member)) {
    const isKnown = update.incarnation === member.incarnation && update.status === member.status;
    return { isCurrent: isKnown, effects: [] };
  }
  return { isCurrent: true, effects: setStatus(state, member, update.status, update.incarnation, ctx) };
}

/** Somebody holds this member suspect or dead, or knows it from an earlier life: a later incarnation settles it. */
function refute(state: MembershipState, update: LivenessUpdate): MembershipEffect[] {
  if (state.hasLeft || update.incarnation < state.incarnation) return [];
  if (update.incarnation === state.incarnation && update.status === 'alive') return [];
  if (update.status !== 'alive') worsenHealth(state);
  state.incarnation = update.incarnation + 1;
  const own = ownUpdate(state);
  return [
    { type: 'liveness-changed', hostId: state.self, status: 'alive', incarnation: own.incarnation, previous: 'alive' },
    { type: 'broadcast', update: own },
  ];
}

/** A first suspicion, or one more accuser. Accusers beyond those wanted tell nobody anything new. */
function suspect(
  state: MembershipState,
  member: Member,
  update: LivenessUpdate,
  ctx: Context,
): { readonly isCurrent: boolean; readonly effects: MembershipEffect[] } {
  if (supersedes(update, member)) {
    const effects = setStatus(state, member, 'suspect', update.incarnation, ctx);
    const running = countRunning(state);
    const minMs = suspicionMinMs(running);
    member.suspicion = {
      startedAtMs: ctx.nowMs,
      minMs,
      maxMs: minMs * timing.suspicionMaxFactor,
      wanted: confirmationsWanted(running),
      accusers: new Set([update.by]),
    };
    return { isCurrent: true, effects };
  }
  const suspicion = member.suspicion;
  if (suspicion === undefined || update.incarnation !== member.incarnation) return { isCurrent: false, effects: [] };
  if (suspicion.accusers.has(update.by)) return { isCurrent: true, effects: [] };
  if (suspicion.accusers.size > suspicion.wanted) return { isCurrent: false, effects: [] };
  suspicion.accusers.add(update.by);
  return { isCurrent: true, effects: [] };
}

/** This member's own probe failed. */
export function accuse(state: MembershipState, member: Member, ctx: Context): MembershipEffect[] {
  const update: LivenessUpdate = {
    hostId: member.hostId,
    status: 'suspect',
    incarnation: member.incarnation,
    by: state.self,
  };
  if (member.suspicion?.accusers.has(state.self) === true) return [];
  const { isCurrent, effects } = suspect(state, member, update, ctx);
  return isCurrent ? [...effects, { type: 'broadcast', update }] : effects;
}

/** Suspects whose time is over are dead. Their accusers say so first; the others only if nobody did. */
export function expireSuspicions(state: MembershipState, ctx: Context): MembershipEffect[] {
  const effects: MembershipEffect[] = [];
  for (const hostId of [...state.suspects]) {
    const member = state.members.get(hostId);
    const suspicion = member?.suspicion;
    if (member === undefined || suspicion === undefined) continue;
    if (ctx.nowMs < suspicion.startedAtMs + suspicion.minMs) continue;
    const { minMs, maxMs, wanted, accusers } = suspicion;
    const waitMs = accusers.has(state.self) ? 0 : timing.bystanderMs;
    const timeoutMs = suspicionTimeoutMs(minMs, maxMs, wanted, accusers.size - 1);
    if (ctx.nowMs < suspicion.startedAtMs + timeoutMs + waitMs) continue;
    const update: LivenessUpdate = { hostId, status: 'dead', incarnation: member.incarnation, by: state.self };
    effects.push(...setStatus(state, member, 'dead', member.incarnation, ctx), { type: 'broadcast', update });
  }
  return effects;
}

/** Equal for equal views, whatever the order in which they came about. Suspicions don't count. */
export function livenessSummary(state: MembershipState): string {
  const own = ownUpdate(state);
  return toHex(xor64(state.summary, summaryShare(own.hostId, own.status, own.incarnation)));
}

/** Everything this member would tell another one in a comparison of views. */
export function livenessList(state: MembershipState): LivenessUpdate[] {
  const known = [...state.members.values()].filter((member) => member.incarnation > 0 || member.status !== 'alive');
  return [ownUpdate(state), ...known.map((member) => describe(state, member))];
}

/** A member as this one sees it. */
export const describe = (state: MembershipState, member: Member): LivenessUpdate => ({
  hostId: member.hostId,
  status: summarized(member.status),
  incarnation: member.incarnation,
  by: state.self,
});

/**
 * Takes in another member's view. A death that only a list tells of may come from the other side of a partition, so the
 * member gets its say first: it is suspected, which reaches it as any suspicion does. Whoever holds this member itself
 * for anything but alive gets the refutation directly, as the broadcast may be lost.
 */
export function mergeList(
  state: MembershipState,
  from: HostId,
  updates: readonly LivenessUpdate[],
  ctx: Context,
): MembershipEffect[] {
  const effects = updates.flatMap((update) => mergeUpdate(state, update, ctx));
  const isAboutSelf = updates.some(({ hostId, status }) => hostId === state.self && status !== 'alive');
  if (!isAboutSelf || state.hasLeft) return effects;
  const message = { type: 'liveness-list', updates: [ownUpdate(state)], isReply: true } as const;
  return [...effects, { type: 'send', to: from, message }];
}

function mergeUpdate(state: MembershipState, update: LivenessUpdate, ctx: Context): MembershipEffect[] {
  const member = state.members.get(update.hostId);
  const isHearsay = update.status === 'dead' && member !== undefined && member.incarnation > 0;
  if (!isHearsay || !supersedes(update, member)) return applyUpdate(state, update, ctx).effects;
  const suspicion: LivenessUpdate = { ...update, status: 'suspect' };
  if (member.status === 'suspect') return applyUpdate(state, suspicion, ctx).effects;
  return [...suspect(state, member, suspicion, ctx).effects, { type: 'broadcast', update: suspicion }];
}
