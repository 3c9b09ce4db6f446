import type { Digest } from '../../../../protocol/digest.ts';
import type { HostId } from '../../../../protocol/ids.ts';
import { PieceSet, pieceCountOf } from '../pieces.ts';
import type { OriginFailure } from './events.ts';

/** A host that wants a blob. Times are own time in milliseconds. */
export interface Participant {
  readonly hostId: HostId;
  readonly zone: string;
  /** Undefined until this host's own join, when it fetches for others. */
  readonly origin: string | undefined;
  have: PieceSet;
  seenAtMs: number;
  /** How often others were told of it. */
  named: number;
}

/** A fetch from the upstream that goes on. */
interface Lease {
  readonly origin: string;
  /** Nobody got anywhere with what members said to have, so that does not count. */
  readonly isDistrustful: boolean;
  /** Not come yet. */
  readonly open: Set<number>;
}

/** The members that exchange one blob now. */
export interface Swarm {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly startedAtMs: number;
  readonly participants: Map<HostId, Participant>;
  /** Told of the host that fetches. */
  readonly seedNeighbours: Set<HostId>;
  lease: Lease | undefined;
  /** Fetches that ended, for the pause before the next. */
  attempts: number;
  notBeforeMs: number;
  /** Since when pieces are nowhere. */
  missingSinceMs: number | undefined;
  progressAtMs: number;
  failure: { readonly failure: OriginFailure; readonly untilMs: number } | undefined;
}

export interface Held {
  readonly sizeBytes: number;
  readonly isPinned: boolean;
}

/** What one steward knows of its blobs. Owned by `stepTracker`. */
export interface TrackerState {
  readonly self: HostId;
  /** Own time: ticks so far, in milliseconds. */
  nowMs: number;
  /** Until then others may not have told yet what they have. */
  settledAtMs: number;
  readonly swarms: Map<Digest, Swarm>;
  readonly holders: Map<Digest, Map<HostId, Held>>;
  readonly heldBy: Map<HostId, Set<Digest>>;
}

/** Whether time has nothing to do here: no tick is needed until something happens. */
export const isResting = ({ swarms, nowMs, settledAtMs }: TrackerState): boolean =>
  swarms.size === 0 && nowMs >= settledAtMs;

export function newSwarm(digest: Digest, sizeBytes: number, nowMs: number): Swarm {
  return {
    digest,
    sizeBytes,
    startedAtMs: nowMs,
    participants: new Map(),
    seedNeighbours: new Set(),
    lease: undefined,
    attempts: 0,
    notBeforeMs: 0,
    missingSinceMs: undefined,
    progressAtMs: nowMs,
    failure: undefined,
  };
}

/** Hosts that have the whole of this blob. */
export const holdersOf = (state: TrackerState, { digest, sizeBytes }: Swarm): readonly HostId[] =>
  [...(state.holders.get(digest) ?? [])].filter(([, held]) => held.sizeBytes === sizeBytes).map(([hostId]) => hostId);

/** Pieces that none of the participants has, in order. */
export function missingPieces(swarm: Swarm, except?: HostId): readonly number[] {
  const known = new PieceSet(pieceCountOf(swarm.sizeBytes));
  for (const { hostId, have } of swarm.participants.values()) {
    if (hostId === except) continue;
    if (have.isFull) return [];
    for (let index = 0; index < known.bits.length; index++)
      known.bits[index] = (known.bits[index] ?? 0) | (have.bits[index] ?? 0);
  }
  return Array.from({ length: known.count }, (_, piece) => piece).filter((piece) => !known.has(piece));
}

/** A holder that is announced, or no more. */
export function setHeld(state: TrackerState, hostId: HostId, digest: Digest, held: Held | undefined): void {
  const holders = state.holders.get(digest) ?? new Map<HostId, Held>();
  const digests = state.heldBy.get(hostId) ?? new Set<Digest>();
  if (held === undefined) {
    holders.delete(hostId);
    digests.delete(digest);
  } else {
    holders.set(hostId, held);
    digests.add(digest);
  }
  if (holders.size > 0) state.holders.set(digest, holders);
  else state.holders.delete(digest);
  if (digests.size > 0) state.heldBy.set(hostId, digests);
  else state.heldBy.delete(hostId);
}
