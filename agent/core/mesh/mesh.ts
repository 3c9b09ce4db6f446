import type { HostId } from '../../../protocol/ids.ts';
import { expire } from '../catalog/expire.ts';
import type { CatalogRecord } from '../catalog/record.ts';
import { assertNever, type Context } from '../context.ts';
import { type GossipEffect, type GossipEvent, gossipStep } from '../gossip/gossip.ts';
import { mergeList } from '../membership/liveness.ts';
import { membershipStep, receiveUpdate } from '../membership/membership.ts';
import type { MembershipEffect, MembershipEvent } from '../membership/state.ts';
import { inBatches } from '../sync/batches.ts';
import { recordBytes } from '../sync/compare-catalog.ts';
import { isSyncMessage, type SyncEffect } from '../sync/exchange.ts';
import { type SyncEvent, syncStep } from '../sync/sync.ts';
import type { MeshEffect, MeshEvent } from './events.ts';
import type { Delta } from './messages.ts';
import { advance } from './own-time.ts';
import { type MeshState, runningMembers } from './state.ts';
import { catalogEffects, type Taken, takeHost, takeRecords } from './take.ts';

/** Records of one broadcast take about this much at most; more are several. Bytes. */
const DELTA_BYTES = 256 * 1024;
/** What is too old is dropped this often. Milliseconds. */
const EXPIRE_EVERY_MS = 5_000;

/**
 * Membership, broadcast and anti-entropy as one: each change of one member becomes known to all. Effects are to be
 * carried out in order.
 *
 * @param ctx wall clock time
 */
export function meshStep(state: MeshState, event: MeshEvent, ctx: Context): MeshEffect[] {
  switch (event.type) {
    case 'tick':
      return onTick(state, ctx);
    case 'message':
      return onMessage(state, event, ctx);
    case 'link':
      return event.state === 'up' ? [] : membership(state, { type: 'link-down', peer: event.peer }, ctx);
    case 'members':
      return onMembers(state, event, ctx);
    case 'publish-host':
      state.hosts.put(event.record, ctx.nowMs);
      return publish(state, { kind: 'host', record: event.record }, ctx);
    case 'publish-catalog':
      return onPublishCatalog(state, event.records, ctx);
    case 'leave':
      return membership(state, event, ctx);
    default:
      return assertNever(event);
  }
}

function onTick(state: MeshState, ctx: Context): MeshEffect[] {
  const isLate = advance(state.time, ctx.nowMs);
  const effects = membership(state, { type: 'tick', isLate }, ctx);
  effects.push(...gossip(state, { type: 'tick' }, ctx));
  const neighbours = state.membership.neighbours.peers;
  effects.push(...sync(state, { type: 'tick', neighbours, alive: runningMembers(state) }, ctx));
  if (state.time.ms >= state.nextExpireAtMs) {
    state.nextExpireAtMs = state.time.ms + EXPIRE_EVERY_MS;
    effects.push(...catalogEffects([], expire(state.catalog, ctx.nowMs)));
  }
  return effects;
}

/** What does not come from a member is dropped, whatever it says. */
function onMessage(
  state: MeshState,
  { from, message }: Extract<MeshEvent, { type: 'message' }>,
  ctx: Context,
): MeshEffect[] {
  if (!state.membership.members.has(from)) return [];
  return [
    ...membership(state, { type: 'message', from, message }, ctx),
    ...(isSyncMessage(message)
      ? sync(state, { type: 'message', from, message }, ctx)
      : gossip(state, { type: 'message', from, message }, ctx)),
  ];
}

/** Records of hosts that are no members (any more) go with them. */
function onMembers(state: MeshState, event: Extract<MeshEvent, { type: 'members' }>, ctx: Context): MeshEffect[] {
  const effects = membership(state, event, ctx);
  state.running = undefined;
  for (const { signed } of [...state.hosts.all()])
    if (!isKnownHost(state, signed.hostId)) state.hosts.remove(signed.hostId);
  return effects;
}

const isKnownHost = (state: MeshState, hostId: HostId): boolean =>
  hostId === state.self || state.membership.members.has(hostId);

function onPublishCatalog(state: MeshState, records: readonly CatalogRecord[], ctx: Context): MeshEffect[] {
  const { effects } = takeRecords(state, records, ctx);
  const held = records.filter(({ key, hlc }) => state.catalog.records.get(key)?.hlc === hlc);
  const size = { messageBytes: DELTA_BYTES, totalBytes: Number.POSITIVE_INFINITY };
  const batches = inBatches(held, recordBytes, size);
  return [...effects, ...batches.flatMap((batch) => publish(state, { kind: 'catalog', records: batch }, ctx))];
}

const publish = (state: MeshState, delta: Delta, ctx: Context): MeshEffect[] =>
  gossip(state, { type: 'publish', delta }, ctx);

/** Cores that only measure time get the member's own, which never jumps. */
const inOwnTime = (state: MeshState, ctx: Context): Context => ({ nowMs: state.time.ms, rng: ctx.rng });

function membership(state: MeshState, event: MembershipEvent, ctx: Context): MeshEffect[] {
  return carryOut(state, membershipStep(state.membership, event, inOwnTime(state, ctx)), ctx);
}

function carryOut(state: MeshState, effects: readonly MembershipEffect[], ctx: Context): MeshEffect[] {
  return effects.flatMap((effect): MeshEffect[] => {
    switch (effect.type) {
      case 'broadcast':
        return publish(state, { kind: 'liveness', update: effect.update }, ctx);
      case 'neighbours':
        gossipStep(state.gossip, { type: 'neighbours', ...effect.neighbours }, inOwnTime(state, ctx));
        return [{ type: 'keep', peers: effect.neighbours.peers }];
      case 'liveness-changed':
        state.running = undefined;
        return [effect];
      default:
        return [effect];
    }
  });
}

function gossip(state: MeshState, event: GossipEvent, ctx: Context): MeshEffect[] {
  return gossipStep(state.gossip, event, inOwnTime(state, ctx)).flatMap((effect) =>
    effect.type === 'send' ? [effect] : deliver(state, effect, ctx),
  );
}

/** A change seen for the first time goes on unless it is outdated, and takes effect here. */
function deliver(state: MeshState, change: Extract<GossipEffect, { type: 'deliver' }>, ctx: Context): MeshEffect[] {
  const { isCurrent, effects } = takeDelta(state, change.delta, ctx);
  return isCurrent ? [...gossip(state, { ...change, type: 'forward' }, ctx), ...effects] : effects;
}

function takeDelta(state: MeshState, delta: Delta, ctx: Context): Taken {
  switch (delta.kind) {
    case 'liveness': {
      const { isCurrent, effects } = receiveUpdate(state.membership, delta.update, inOwnTime(state, ctx));
      return { isCurrent, effects: carryOut(state, effects, ctx) };
    }
    case 'host':
      return takeHost(state, delta.record, ctx);
    case 'catalog':
      return takeRecords(state, delta.records, ctx);
    default:
      return assertNever(delta);
  }
}

function sync(state: MeshState, event: SyncEvent, ctx: Context): MeshEffect[] {
  return syncStep(state.sync, event, state.view, ctx).flatMap((effect) => applySync(state, effect, ctx));
}

/** What a comparison brought takes effect here and goes no further: others compare for themselves. */
function applySync(state: MeshState, effect: SyncEffect, ctx: Context): MeshEffect[] {
  switch (effect.type) {
    case 'send':
      return [effect];
    case 'apply-liveness':
      return carryOut(state, mergeList(state.membership, effect.from, effect.updates, inOwnTime(state, ctx)), ctx);
    case 'apply-hosts':
      return effect.records.flatMap((record) => takeHost(state, record, ctx).effects);
    case 'apply-catalog':
      return takeRecords(state, effect.records, ctx).effects;
    default:
      return assertNever(effect);
  }
}
