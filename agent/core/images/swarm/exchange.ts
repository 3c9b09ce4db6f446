import type { Digest } from '../../../../protocol/digest.ts';
import type { HostId } from '../../../../protocol/ids.ts';
import { assertNever, type Context } from '../../context.ts';
import { PieceSet } from '../pieces.ts';
import { bounds, EXCHANGE_TICK_MS } from './bounds.ts';
import { checkWhole, endgame, gain, onCompleted, onFetched } from './downloads.ts';
import type { ExchangeEffect, ExchangeEvent } from './events.ts';
import { onMessage } from './exchange-messages.ts';
import { type Blob, type ExchangeState, newBlob, type Turn } from './exchange-state.ts';
import { strike } from './faults.ts';
import { isUseful, meet, removeNeighbour, sayBye, sayHello } from './neighbours.ts';
import { flushDue } from './news.ts';
import { expireUploads, fillSlots } from './uploads.ts';

export { createExchange, type ExchangeState, isIdle } from './exchange-state.ts';

/** Decides which pieces go where from one host's view. Effects are to be carried out in order. */
export function stepExchange(state: ExchangeState, event: ExchangeEvent, { rng }: Context): ExchangeEffect[] {
  const turn: Turn = { state, rng, effects: [] };
  onEvent(turn, event);
  fillSlots(turn);
  return turn.effects;
}

function onEvent(turn: Turn, event: ExchangeEvent): void {
  switch (event.type) {
    case 'opened':
      onOpened(turn, event);
      break;
    case 'message':
      onMessage(turn, event.from, event.message);
      break;
    case 'gone':
      onGone(turn, event.peer);
      break;
    case 'tick':
      onTick(turn);
      break;
    case 'closed':
    case 'peers':
    case 'origin-piece':
    case 'fetched':
    case 'completed': {
      const blob = turn.state.blobs.get(event.digest);
      // Closed meanwhile: fetches and checks end later.
      if (blob !== undefined) onBlobEvent(turn, blob, event);
      break;
    }
    default:
      assertNever(event);
  }
}

type BlobEvent = Extract<ExchangeEvent, { type: 'closed' | 'peers' | 'origin-piece' | 'fetched' | 'completed' }>;

function onBlobEvent(turn: Turn, blob: Blob, event: BlobEvent): void {
  switch (event.type) {
    case 'closed':
      close(turn, blob);
      break;
    case 'peers':
      if (!blob.isComplete) meet(turn, blob, event.peers);
      break;
    case 'origin-piece':
      blob.isSeed = true;
      gain(turn, blob, event.piece, event.sha256, undefined);
      break;
    case 'fetched':
      onFetched(turn, blob, event.piece, event.from, event.end);
      break;
    case 'completed':
      onCompleted(turn, blob, event.isSound);
      break;
    default:
      assertNever(event);
  }
}

function onOpened(turn: Turn, event: Extract<ExchangeEvent, { type: 'opened' }>): void {
  const { state, effects } = turn;
  const { digest, sizeBytes } = event;
  const known = state.blobs.get(digest);
  const blob = known?.sizeBytes === sizeBytes ? known : openBlob(turn, digest, sizeBytes);
  blob.have = event.isComplete ? PieceSet.full(blob.have.count) : new PieceSet(blob.have.count, event.have);
  blob.sha256 = Array.from({ length: blob.have.count }, (_, piece) => event.sha256[piece] ?? '');
  for (const piece of blob.proofs.keys()) if (event.isComplete || !blob.have.has(piece)) blob.proofs.delete(piece);
  blob.isComplete = event.isComplete;
  blob.isChecking = false;
  for (const { piece, from } of blob.fetches)
    if (blob.have.has(piece)) effects.push({ type: 'cancel', digest, piece, from });
  for (const hostId of blob.neighbours.keys()) sayHello(turn, blob, hostId, false);
  checkWhole(turn, blob);
}

function openBlob(turn: Turn, digest: Digest, sizeBytes: number): Blob {
  const { state } = turn;
  const known = state.blobs.get(digest);
  if (known !== undefined) close(turn, known);
  const blob = newBlob(digest, sizeBytes, state.nowMs);
  state.blobs.set(digest, blob);
  if (state.blobs.size > bounds.blobs) makeRoom(turn, blob);
  return blob;
}

/** Whole blobs go first, longest unserved first: whoever needs one says hello again. */
function makeRoom(turn: Turn, except: Blob): void {
  const whole = [...turn.state.blobs.values()].filter((blob) => blob.isComplete && blob !== except);
  const [oldest] = whole.sort((a, b) => a.neededAtMs - b.neededAtMs);
  if (oldest !== undefined) close(turn, oldest);
}

function close(turn: Turn, blob: Blob): void {
  const { state, effects } = turn;
  for (const { piece, from } of blob.fetches) effects.push({ type: 'cancel', digest: blob.digest, piece, from });
  for (const peer of [...blob.neighbours.keys(), ...blob.asked.keys()]) {
    removeNeighbour(turn, blob, peer);
    sayBye(turn, blob, peer);
  }
  state.blobs.delete(blob.digest);
}

function onGone(turn: Turn, peer: HostId): void {
  for (const blob of turn.state.blobs.values()) {
    for (const { piece, from } of blob.fetches)
      if (from === peer) turn.effects.push({ type: 'cancel', digest: blob.digest, piece, from });
    removeNeighbour(turn, blob, peer);
  }
}

function onTick(turn: Turn): void {
  const { state } = turn;
  state.nowMs += EXCHANGE_TICK_MS;
  expireUploads(turn);
  for (const blob of [...state.blobs.values()]) {
    expireNotes(turn, blob);
    if (!blob.isComplete) onTickOfWanted(turn, blob);
    else forgetIdle(turn, blob);
    flushDue(turn, blob);
  }
}

function expireNotes(turn: Turn, blob: Blob): void {
  const { nowMs } = turn.state;
  for (const [peer, atMs] of blob.asked) {
    if (nowMs - atMs < bounds.helloMs) continue;
    blob.asked.delete(peer);
    strike(turn, blob, peer);
  }
  for (const { declined, declinedUntilMs } of blob.neighbours.values())
    if (declined.size > 0 && nowMs >= declinedUntilMs) for (const piece of [...declined]) declined.delete(piece);
}

/** A whole blob is kept open while somebody lacks something of it. */
function forgetIdle(turn: Turn, blob: Blob): void {
  const { nowMs } = turn.state;
  if (nowMs - blob.neededAtMs < bounds.idleMs) return;
  // Neighbours that lack pieces and say nothing any more are kept as long as members are: `gone` removes them.
  if (blob.neighbours.size === 0) turn.state.blobs.delete(blob.digest);
}

function onTickOfWanted(turn: Turn, blob: Blob): void {
  const { nowMs } = turn.state;
  endgame(turn, blob);
  const stillMs = nowMs - blob.progressAtMs;
  if (stillMs >= bounds.oneMakerMs) blob.oneMaker = undefined;
  if (nowMs - blob.askedForPeersAtMs < bounds.needPeersMs || blob.have.isFull) return;
  const isStuck = stillMs >= bounds.stuckMs;
  const useful = [...blob.neighbours.values()].filter((neighbour) => isUseful(blob, neighbour)).length;
  if (!isStuck && useful >= bounds.usefulNeighbours) return;
  blob.askedForPeersAtMs = nowMs;
  turn.effects.push({ type: 'need-peers', digest: blob.digest });
  if (!isStuck) return;
  // What was lost on the way is said again.
  for (const { hostId, saidAllAtMs } of blob.neighbours.values())
    if (nowMs - saidAllAtMs >= bounds.helloAgainMs) sayHello(turn, blob, hostId, false);
}
