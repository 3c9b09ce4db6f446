import { PieceSet, pieceCountOf } from '../pieces.ts';
import { slowestPieceMs, trackerBounds } from './bounds.ts';
import { difference } from './choose.ts';
import type { OriginFailure, TrackerEffect } from './events.ts';
import { holdersOf, missingPieces, type Swarm, type TrackerState } from './tracker-state.ts';

/** Starts or ends the fetch from the upstream, after anything that may have changed who has what. */
export function reviewOrigin(state: TrackerState, swarm: Swarm): TrackerEffect[] {
  if (swarm.lease !== undefined) return isLeaseNeeded(state, swarm) ? [] : callOff(state, swarm);
  const missing = piecesToFetch(state, swarm);
  if (missing.length === 0) {
    swarm.missingSinceMs = undefined;
    return [];
  }
  swarm.missingSinceMs ??= state.nowMs;
  const origin = originOf(swarm);
  if (origin === undefined || !isTime(state, swarm, swarm.missingSinceMs)) return [];
  const { digest, sizeBytes } = swarm;
  swarm.lease = { origin, isDistrustful: isStuck(state, swarm), open: new Set(missing) };
  swarm.missingSinceMs = undefined;
  return [{ type: 'fetch-origin', digest, sizeBytes, origin, pieces: missing }];
}

/** Participants may name different repositories that have it; after a failure it is the next one's turn. */
function originOf({ participants, attempts }: Swarm): string | undefined {
  const origins = new Set([...participants.values()].flatMap(({ origin }) => (origin === undefined ? [] : [origin])));
  return [...origins][attempts % Math.max(1, origins.size)];
}

function callOff(state: TrackerState, swarm: Swarm): TrackerEffect[] {
  endLease(state, swarm);
  return [{ type: 'cancel-origin', digest: swarm.digest }];
}

/** The next fetch has to wait a little longer each time. */
function endLease({ nowMs }: TrackerState, swarm: Swarm): void {
  const { originAgainMs, originAgainMsMax } = trackerBounds;
  swarm.lease = undefined;
  swarm.notBeforeMs = nowMs + Math.min(originAgainMsMax, originAgainMs * 2 ** swarm.attempts);
  swarm.attempts += 1;
  swarm.progressAtMs = nowMs;
}

function isLeaseNeeded(state: TrackerState, swarm: Swarm): boolean {
  // All has come, and its end will be told.
  if (swarm.lease?.open.size === 0) return true;
  const others = [...swarm.participants.values()].filter(({ hostId }) => hostId !== state.self);
  const isOwn = swarm.participants.get(state.self)?.origin !== undefined;
  if (others.length === 0 && !isOwn) return false;
  if (swarm.lease?.isDistrustful) return [...swarm.participants.values()].some(({ have }) => !have.isFull);
  if (holdersOf(state, swarm).length > 0) return false;
  return missingPieces(swarm, state.self).some((piece) => swarm.lease?.open.has(piece));
}

/** Nobody gets a piece although some lack them and all are said to be there. */
function isStuck({ nowMs }: TrackerState, { participants, progressAtMs, sizeBytes }: Swarm): boolean {
  const isWanted = [...participants.values()].some(({ have }) => !have.isFull);
  return isWanted && nowMs - progressAtMs >= trackerBounds.stuckMs + slowestPieceMs(sizeBytes);
}

/** Pieces that nobody has; when nothing moves, those that this host does not have itself. */
function piecesToFetch(state: TrackerState, swarm: Swarm): readonly number[] {
  if (swarm.participants.size === 0) return [];
  const holders = holdersOf(state, swarm);
  if (isStuck(state, swarm) && !holders.includes(state.self)) {
    const own = swarm.participants.get(state.self)?.have ?? new PieceSet(pieceCountOf(swarm.sizeBytes));
    return [...difference(PieceSet.full(own.count), [own])];
  }
  return holders.length > 0 ? [] : missingPieces(swarm);
}

function isTime(state: TrackerState, swarm: Swarm, missingSinceMs: number): boolean {
  const { nowMs } = state;
  if (nowMs < swarm.notBeforeMs || nowMs < (swarm.failure?.untilMs ?? 0)) return false;
  const isUnsettled = swarm.startedAtMs < state.settledAtMs;
  if (swarm.attempts === 0) return !isUnsettled || nowMs - swarm.startedAtMs >= trackerBounds.graceMs;
  return nowMs - missingSinceMs >= trackerBounds.missingMs;
}

/** The upstream's answer is over. */
export function onOriginEnded(state: TrackerState, swarm: Swarm, failure: OriginFailure | undefined): void {
  // Called off: there is nothing to end.
  if (swarm.lease === undefined) return;
  endLease(state, swarm);
  swarm.failure = failure === undefined ? undefined : { failure, untilMs: state.nowMs + trackerBounds.failureMs };
}

/** What the upstream gave is nothing, wherever it went: whoever wants the blob is told. */
export function onOriginFalse(state: TrackerState, swarm: Swarm, failure: OriginFailure): void {
  if (swarm.lease !== undefined) endLease(state, swarm);
  for (const participant of swarm.participants.values()) participant.have = new PieceSet(pieceCountOf(swarm.sizeBytes));
  swarm.failure = { failure, untilMs: state.nowMs + trackerBounds.falseMs };
}

/** Why a participant can't hope for the pieces that it lacks; undefined when it can. */
export function failureOf(state: TrackerState, swarm: Swarm): OriginFailure | undefined {
  const { nowMs } = state;
  if (swarm.lease !== undefined || holdersOf(state, swarm).length > 0 || missingPieces(swarm).length === 0)
    return undefined;
  if (swarm.failure !== undefined && nowMs < swarm.failure.untilMs) return swarm.failure.failure;
  const hasOrigin = [...swarm.participants.values()].some(({ origin }) => origin !== undefined);
  if (hasOrigin || nowMs - (swarm.missingSinceMs ?? nowMs) < trackerBounds.notFoundMs) return undefined;
  return { code: 'not-found', detail: `No member has ${swarm.digest}, and it is not known where else to get it.` };
}
