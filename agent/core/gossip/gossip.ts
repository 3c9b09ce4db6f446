import type { HostId } from '../../../protocol/ids.ts';
import type { Context } from '../context.ts';
import type { Delta, GossipMessage } from '../mesh/messages.ts';
import { pickSome } from '../order.ts';
import { bounds } from './bounds.ts';
import { deltaId } from './delta-id.ts';
import { addSeen, createSeen, expireSeen, keep, type SeenChanges } from './seen.ts';

/** A change that was announced and has not come yet. */
interface Missing {
  readonly announcers: HostId[];
  asked: number;
  dueAtMs: number;
}

export interface GossipState {
  /** Neighbours that get changes themselves: the tree. */
  readonly eager: Set<HostId>;
  /** Neighbours that get announcements. */
  readonly lazy: Set<HostId>;
  readonly seen: SeenChanges;
  readonly missing: Map<string, Missing>;
  /** When neighbours were last told to stop sending changes. */
  readonly prunedAtMs: Map<HostId, number>;
  /** Ids to announce at the next tick, by peer. */
  readonly announcements: Map<HostId, string[]>;
}

export type GossipEvent =
  | { readonly type: 'tick' }
  | { readonly type: 'message'; readonly from: HostId; readonly message: GossipMessage }
  /** The overlay changed. `tree` are the peers that connect everybody as long as nothing better was learned. */
  | { readonly type: 'neighbours'; readonly peers: readonly HostId[]; readonly tree: readonly HostId[] }
  /** A change of this member's own. */
  | { readonly type: 'publish'; readonly delta: Delta }
  /** A delivered change turned out to be current and goes on. */
  | {
      readonly type: 'forward';
      readonly id: string;
      readonly delta: Delta;
      readonly from: HostId;
      readonly hops: number;
    };

export type GossipEffect =
  | { readonly type: 'send'; readonly to: HostId; readonly message: GossipMessage }
  /** A change seen for the first time. Answer with `forward` if it is current. */
  | {
      readonly type: 'deliver';
      readonly id: string;
      readonly delta: Delta;
      readonly from: HostId;
      readonly hops: number;
    };

/** A member without neighbours, that has seen nothing. */
export function createGossip(): GossipState {
  return {
    eager: new Set(),
    lazy: new Set(),
    seen: createSeen(),
    missing: new Map(),
    prunedAtMs: new Map(),
    announcements: new Map(),
  };
}

/**
 * Plumtree (Leitao et al. 2007): changes travel along a tree that forms by pruning links which brought duplicates;
 * announcements on the other links repair it. `ctx.nowMs` is the member's own time.
 */
export function gossipStep(state: GossipState, event: GossipEvent, ctx: Context): GossipEffect[] {
  switch (event.type) {
    case 'tick':
      return onTick(state, ctx);
    case 'message':
      return onMessage(state, event.from, event.message, ctx);
    case 'neighbours':
      onNeighbours(state, event.peers, event.tree);
      return [];
    case 'publish': {
      const id = deltaId(event.delta);
      if (!state.seen.ids.has(id)) addSeen(state.seen, id, { atMs: ctx.nowMs, from: undefined, hops: 0 });
      return push(state, id, event.delta, 1, undefined, ctx);
    }
    case 'forward':
      return push(state, event.id, event.delta, event.hops + 1, event.from, ctx);
  }
}

function onMessage(state: GossipState, from: HostId, message: GossipMessage, ctx: Context): GossipEffect[] {
  switch (message.type) {
    case 'delta':
      return onDelta(state, from, message, ctx);
    case 'ihave':
      return onAnnouncement(state, from, message.ids, ctx);
    case 'graft':
      return onGraft(state, from, message.ids);
    case 'prune':
      move(from, state.eager, state.lazy);
      return [];
    default:
      return [];
  }
}

function onDelta(
  state: GossipState,
  from: HostId,
  { id, hops, delta }: Extract<GossipMessage, { type: 'delta' }>,
  ctx: Context,
): GossipEffect[] {
  if (deltaId(delta) !== id) return [];
  const before = state.seen.ids.get(id);
  if (before !== undefined) {
    // The same packet twice from the same peer says nothing against the link.
    return before.from === from ? [] : prune(state, from, ctx);
  }
  addSeen(state.seen, id, { atMs: ctx.nowMs, from, hops });
  state.missing.delete(id);
  move(from, state.lazy, state.eager);
  return [{ type: 'deliver', id, delta, from, hops }];
}

/** This link brought what another one had brought before: it leaves the tree. */
function prune(state: GossipState, from: HostId, ctx: Context): GossipEffect[] {
  if (state.eager.has(from)) move(from, state.eager, state.lazy);
  else if (ctx.nowMs < (state.prunedAtMs.get(from) ?? Number.NEGATIVE_INFINITY) + bounds.pruneAgainMs) return [];
  if (state.lazy.has(from)) state.prunedAtMs.set(from, ctx.nowMs);
  return [{ type: 'send', to: from, message: { type: 'prune' } }];
}

/** Sends a change down the tree, and its name to some of the other neighbours at the next tick. */
function push(
  state: GossipState,
  id: string,
  delta: Delta,
  hops: number,
  except: HostId | undefined,
  ctx: Context,
): GossipEffect[] {
  keep(state.seen, id, delta, ctx.nowMs);
  for (const peer of chooseLazy(state, except, ctx)) {
    const ids = state.announcements.get(peer) ?? [];
    ids.push(id);
    if (ids.length > bounds.announcements) ids.shift();
    state.announcements.set(peer, ids);
  }
  const message: GossipMessage = { type: 'delta', id, hops, delta };
  return [...state.eager].filter((peer) => peer !== except).map((to) => ({ type: 'send', to, message }));
}

function chooseLazy(state: GossipState, except: HostId | undefined, ctx: Context): HostId[] {
  const others = [...state.lazy].filter((peer) => peer !== except);
  return pickSome(others, bounds.lazyFanout, ctx.rng);
}

function onAnnouncement(state: GossipState, from: HostId, ids: readonly string[], ctx: Context): GossipEffect[] {
  for (const id of ids.slice(0, bounds.idsPerMessage)) {
    if (state.seen.ids.has(id)) continue;
    const missing = state.missing.get(id);
    if (missing === undefined) {
      if (state.missing.size >= bounds.missing) break;
      state.missing.set(id, { announcers: [from], asked: 0, dueAtMs: ctx.nowMs + bounds.missingMs });
    } else if (missing.announcers.length < bounds.announcers && !missing.announcers.includes(from)) {
      missing.announcers.push(from);
    }
  }
  return [];
}

/** The peer misses changes that we announced, so it becomes part of the tree. */
function onGraft(state: GossipState, from: HostId, ids: readonly string[]): GossipEffect[] {
  move(from, state.lazy, state.eager);
  return ids.slice(0, bounds.idsPerMessage).flatMap((id): GossipEffect[] => {
    const kept = state.seen.kept.get(id);
    const hops = (state.seen.ids.get(id)?.hops ?? 0) + 1;
    return kept === undefined
      ? []
      : [{ type: 'send', to: from, message: { type: 'delta', id, hops, delta: kept.delta } }];
  });
}

function onTick(state: GossipState, ctx: Context): GossipEffect[] {
  expireSeen(state.seen, ctx.nowMs);
  const effects: GossipEffect[] = [];
  for (const [to, all] of state.announcements) {
    for (const ids of chunks(all)) effects.push({ type: 'send', to, message: { type: 'ihave', ids } });
  }
  state.announcements.clear();
  return [...effects, ...askForMissing(state, ctx)];
}

/** Asks one announcer after the other; the first one asked becomes part of the tree. */
function askForMissing(state: GossipState, ctx: Context): GossipEffect[] {
  const wanted = new Map<HostId, string[]>();
  for (const [id, missing] of state.missing) {
    if (ctx.nowMs < missing.dueAtMs) continue;
    const announcer = missing.announcers[missing.asked];
    if (announcer === undefined) {
      state.missing.delete(id);
      continue;
    }
    missing.asked += 1;
    missing.dueAtMs = ctx.nowMs + bounds.graftAgainMs;
    wanted.set(announcer, [...(wanted.get(announcer) ?? []), id]);
  }
  return [...wanted].flatMap(([to, ids]): GossipEffect[] => {
    move(to, state.lazy, state.eager);
    return chunks(ids).map((some) => ({ type: 'send', to, message: { type: 'graft', ids: some } }));
  });
}

/** As many ids per message as one may carry. */
const chunks = (ids: readonly string[]): (readonly string[])[] =>
  Array.from({ length: Math.ceil(ids.length / bounds.idsPerMessage) }, (_, index) =>
    ids.slice(index * bounds.idsPerMessage, (index + 1) * bounds.idsPerMessage),
  );

/**
 * A lost tree link may have been somebody's only one, so all ring links go back to the tree; duplicates prune it again.
 * Otherwise new ring neighbours join the tree and everybody else starts lazy.
 */
function onNeighbours(state: GossipState, peers: readonly HostId[], tree: readonly HostId[]): void {
  const current = new Set(peers);
  const isTreeBroken = [...state.eager].some((peer) => !current.has(peer));
  const known = new Set([...state.eager, ...state.lazy]);
  for (const side of [state.eager, state.lazy]) for (const peer of side) if (!current.has(peer)) side.delete(peer);
  for (const peer of tree) {
    if (!current.has(peer) || (known.has(peer) && !isTreeBroken)) continue;
    state.lazy.delete(peer);
    state.eager.add(peer);
  }
  for (const peer of peers) if (!state.eager.has(peer)) state.lazy.add(peer);
  for (const known of [state.announcements, state.prunedAtMs]) {
    for (const peer of known.keys()) if (!current.has(peer)) known.delete(peer);
  }
}

/** Moves a neighbour between tree and announcements; somebody who is no neighbour is in neither. */
function move(peer: HostId, from: Set<HostId>, to: Set<HostId>): void {
  if (from.delete(peer)) to.add(peer);
}
