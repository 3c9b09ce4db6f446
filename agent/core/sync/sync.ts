import type { HostId } from '../../../protocol/ids.ts';
import { assertNever, type Context } from '../context.ts';
import { answer, summaryOf } from './answers.ts';
import { bounds } from './bounds.ts';
import type { SyncEffect, SyncMessage, SyncView } from './exchange.ts';
import { isDue, noteDifference, peerOf, type SyncPeers } from './peers.ts';

/** When to compare next, and how it went with each peer. The comparison itself has no state: each message says all it needs. */
export interface SyncState {
  readonly peers: SyncPeers;
  nextAtMs: number;
  nextStrangerAtMs: number;
  followUp: { readonly peer: HostId; readonly atMs: number } | undefined;
  /** Asked last; its summary counts as an answer once. */
  asked: HostId | undefined;
}

export const createSync = (): SyncState => ({
  peers: new Map(),
  nextAtMs: 0,
  nextStrangerAtMs: 0,
  followUp: undefined,
  asked: undefined,
});

type SummaryMessage = Extract<SyncMessage, { type: 'summary' }>;

export type SyncEvent =
  /** `neighbours`: linked peers. `alive`: all other members that may be there. Neither contains this member. */
  | { readonly type: 'tick'; readonly neighbours: readonly HostId[]; readonly alive: readonly HostId[] }
  | { readonly type: 'message'; readonly from: HostId; readonly message: SyncMessage };

/**
 * Anti-entropy: repairs whatever the broadcast lost. Summaries are compared with a neighbour every second or so and with any
 * member now and then; the side that was asked says where it differs, and both send what the other lacks. Answers are
 * bounded in size and in rate, so a peer that asks too much, or for ever, costs little.
 *
 * @param ctx wall clock time
 */
export function syncStep(state: SyncState, event: SyncEvent, view: SyncView, ctx: Context): readonly SyncEffect[] {
  switch (event.type) {
    case 'tick':
      return onTick(state, event, view, ctx);
    case 'message': {
      const { from, message } = event;
      if (message.type === 'summary' && message.isReply) {
        onReply(state, from, message, view, ctx);
        return [];
      }
      return answer(peerOf(state.peers, from, ctx.nowMs), from, message, view, ctx);
    }
    default:
      return assertNever(event);
  }
}

function onTick(
  state: SyncState,
  { neighbours, alive }: { readonly neighbours: readonly HostId[]; readonly alive: readonly HostId[] },
  view: SyncView,
  ctx: Context,
): SyncEffect[] {
  const effects: SyncEffect[] = [];
  const { followUp } = state;
  if (followUp !== undefined && isDue(followUp.atMs, ctx.nowMs, bounds.followUpMs)) {
    state.followUp = undefined;
    if (alive.includes(followUp.peer)) effects.push(ask(state, followUp.peer, view));
  }
  if (!isDue(state.nextAtMs, ctx.nowMs, bounds.periodMs * 2)) return effects;
  state.nextAtMs = ctx.nowMs + jittered(bounds.periodMs, ctx);
  const isStranger = isDue(state.nextStrangerAtMs, ctx.nowMs, bounds.strangerPeriodMs * 2);
  if (isStranger) state.nextStrangerAtMs = ctx.nowMs + jittered(bounds.strangerPeriodMs, ctx);
  const peer = pick(state, isStranger || neighbours.length === 0 ? alive : neighbours, ctx);
  if (peer !== undefined) effects.push(ask(state, peer, view));
  return effects;
}

/** Between three quarters and five quarters, so that members don't fall into step. */
const jittered = (periodMs: number, ctx: Context): number => periodMs * (0.75 + ctx.rng() / 2);

function pick(state: SyncState, candidates: readonly HostId[], ctx: Context): HostId | undefined {
  const ready = candidates
    .filter((hostId) => isDue(state.peers.get(hostId)?.notBeforeMs ?? 0, ctx.nowMs, bounds.backOffMaxMs))
    .sort();
  return ready[Math.floor(ctx.rng() * ready.length)];
}

function ask(state: SyncState, to: HostId, view: SyncView): SyncEffect {
  state.asked = to;
  return { type: 'send', to, message: summaryOf(view, false) };
}

/** The answer to a comparison that this member began: it differs. */
function onReply(state: SyncState, from: HostId, theirs: SummaryMessage, view: SyncView, ctx: Context): void {
  if (state.asked !== from) return;
  state.asked = undefined;
  const own = summaryOf(view, false);
  const pair = [own, theirs].flatMap(({ liveness, hosts, catalog }) => [liveness, hosts, catalog]).join(' ');
  const isNews = noteDifference(peerOf(state.peers, from, ctx.nowMs), pair, ctx.nowMs);
  if (isNews && own.catalog !== theirs.catalog) {
    state.followUp = { peer: from, atMs: ctx.nowMs + bounds.followUpMs };
  }
}
