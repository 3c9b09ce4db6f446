import type { Digest } from '../../../../protocol/digest.ts';
import type { HostId } from '../../../../protocol/ids.ts';
import { assertNever, type Context } from '../../context.ts';
import { PieceSet, pieceCountOf } from '../pieces.ts';
import { EXCHANGE_TICK_MS, trackerBounds } from './bounds.ts';
import type { TrackerEffect, TrackerEvent } from './events.ts';
import { failureOf, onOriginEnded, onOriginFalse, reviewOrigin } from './tracker-origin.ts';
import { peersFor } from './tracker-peers.ts';
import { newSwarm, type Participant, type Swarm, setHeld, type TrackerState } from './tracker-state.ts';

export { isResting, type TrackerState } from './tracker-state.ts';

/** A steward that knows of no blob yet, and that others may not have told what they have. */
export const createTracker = ({ self }: { readonly self: HostId }): TrackerState => ({
  self,
  nowMs: 0,
  settledAtMs: trackerBounds.unsettledMs,
  swarms: new Map(),
  holders: new Map(),
  heldBy: new Map(),
});

/** Decides who exchanges with whom, and when this host fetches from the upstream. Effects are to be carried out in order. */
export function stepTracker(state: TrackerState, event: TrackerEvent, { rng }: Context): TrackerEffect[] {
  switch (event.type) {
    case 'announced':
      return onAnnounced(state, event);
    case 'join':
      return onJoin(state, event, rng);
    case 'leave':
      return onSwarm(state, event.digest, (swarm) => remove(swarm, event.from));
    case 'origin-piece':
      return onSwarm(state, event.digest, (swarm) => {
        swarm.lease?.open.delete(event.piece);
        swarm.progressAtMs = state.nowMs;
        swarm.participants.get(state.self)?.have.add(event.piece);
      });
    case 'origin-ended':
      return onSwarm(state, event.digest, (swarm) => onOriginEnded(state, swarm, event.failure));
    case 'origin-false':
      return onSwarm(state, event.digest, (swarm) => onOriginFalse(state, swarm, event.failure));
    case 'gone':
      return onGone(state, event.peer);
    case 'members-changed':
      state.settledAtMs = state.nowMs + trackerBounds.unsettledMs;
      return [];
    case 'tick':
      return onTick(state);
    default:
      return assertNever(event);
  }
}

function onSwarm(state: TrackerState, digest: Digest, change: (swarm: Swarm) => void): TrackerEffect[] {
  const swarm = state.swarms.get(digest);
  if (swarm === undefined) return [];
  change(swarm);
  return review(state, swarm);
}

/** Follows a change: the fetch begins or ends, and a swarm without anybody goes. */
function review(state: TrackerState, swarm: Swarm): TrackerEffect[] {
  const effects = reviewOrigin(state, swarm);
  if (effects.some(({ type }) => type === 'fetch-origin')) joinAsSeed(state, swarm);
  // A failure is kept for those who come back for it; so is the pause before the next fetch.
  const isOver = swarm.participants.size === 0 && swarm.lease === undefined;
  if (isOver && state.nowMs >= Math.max(swarm.notBeforeMs, swarm.failure?.untilMs ?? 0))
    state.swarms.delete(swarm.digest);
  return effects;
}

/** The host that fetches takes part, whether it wants the blob or not. */
function joinAsSeed(state: TrackerState, swarm: Swarm): void {
  const { self } = state;
  const known = swarm.participants.get(self);
  if (known !== undefined) return;
  const have = new PieceSet(pieceCountOf(swarm.sizeBytes));
  const seed = { hostId: self, zone: '', origin: undefined, have, seenAtMs: state.nowMs, named: 0 };
  swarm.participants.set(self, seed);
}

function remove(swarm: Swarm, hostId: HostId): void {
  swarm.participants.delete(hostId);
  swarm.seedNeighbours.delete(hostId);
}

function onAnnounced(state: TrackerState, event: Extract<TrackerEvent, { type: 'announced' }>): TrackerEffect[] {
  const { from, held, dropped, isAll } = event;
  const named = new Set(held.map(({ digest }) => digest));
  const gone = isAll ? [...(state.heldBy.get(from) ?? [])].filter((digest) => !named.has(digest)) : dropped;
  for (const digest of gone) setHeld(state, from, digest, undefined);
  for (const { digest, sizeBytes, isPinned } of held) {
    if ((state.heldBy.get(from)?.size ?? 0) >= trackerBounds.heldPerHost) break;
    setHeld(state, from, digest, { sizeBytes, isPinned });
  }
  return [...new Set([...named, ...gone])].flatMap((digest) => onSwarm(state, digest, () => {}));
}

function onJoin(
  state: TrackerState,
  event: Extract<TrackerEvent, { type: 'join' }>,
  rng: () => number,
): TrackerEffect[] {
  const { from, digest, sizeBytes } = event;
  const swarm = state.swarms.get(digest) ?? newSwarm(digest, sizeBytes, state.nowMs);
  const refusal = refusalOf(state, swarm, event);
  if (refusal !== undefined)
    return [{ type: 'joined', to: from, digest, peers: [], failure: { code: 'invalid-request', detail: refusal } }];
  state.swarms.set(digest, swarm);
  const participant = enter(state, swarm, event);
  const effects = review(state, swarm);
  const peers = peersFor(state, swarm, participant, rng);
  return [...effects, { type: 'joined', to: from, digest, peers, failure: failureOf(state, swarm) }];
}

function refusalOf(state: TrackerState, swarm: Swarm, { from, sizeBytes }: { from: HostId; sizeBytes: number }) {
  if (swarm.sizeBytes !== sizeBytes) return `Others say that it has ${swarm.sizeBytes} bytes, not ${sizeBytes}.`;
  if (!state.swarms.has(swarm.digest) && state.swarms.size >= trackerBounds.swarms)
    return 'Too many blobs are being exchanged.';
  const isFull = !swarm.participants.has(from) && swarm.participants.size >= trackerBounds.participants;
  return isFull ? 'Too many members are exchanging this blob.' : undefined;
}

function enter(state: TrackerState, swarm: Swarm, event: Extract<TrackerEvent, { type: 'join' }>): Participant {
  const { from, zone, origin } = event;
  const known = swarm.participants.get(from);
  const have = new PieceSet(pieceCountOf(swarm.sizeBytes), event.have);
  if (known === undefined || have.size > known.have.size) swarm.progressAtMs = state.nowMs;
  const participant = { hostId: from, zone, origin, have, seenAtMs: state.nowMs, named: known?.named ?? 0 };
  swarm.participants.set(from, participant);
  return participant;
}

function onGone(state: TrackerState, peer: HostId): TrackerEffect[] {
  const digests = [...(state.heldBy.get(peer) ?? [])];
  for (const digest of digests) setHeld(state, peer, digest, undefined);
  return [...state.swarms.values()].flatMap((swarm) => {
    remove(swarm, peer);
    return review(state, swarm);
  });
}

function onTick(state: TrackerState): TrackerEffect[] {
  state.nowMs += EXCHANGE_TICK_MS;
  return [...state.swarms.values()].flatMap((swarm) => {
    for (const { hostId, seenAtMs } of swarm.participants.values()) {
      const isFetching = hostId === state.self && swarm.lease !== undefined;
      if (!isFetching && state.nowMs - seenAtMs >= trackerBounds.participantMs) remove(swarm, hostId);
    }
    return review(state, swarm);
  });
}
