import type { HostId } from '../../../../protocol/ids.ts';
import { PieceSet } from '../pieces.ts';
import { bounds } from './bounds.ts';
import { isOverdue } from './choose.ts';
import type { FetchEnd } from './events.ts';
import { type Blob, downloadsOf, type Fetch, isGetting, type Turn } from './exchange-state.ts';
import { ban, forgive, isBannedMaker, strike } from './faults.ts';
import type { PieceProof } from './messages.ts';
import { removeNeighbour, sayBye, sayHello } from './neighbours.ts';
import { tell, tellOthers } from './news.ts';

/** What to do with an offer. */
export type Verdict = 'take' | 'decline' | 'full';

/** Whether an offered piece is wanted from this peer now. */
export function judge({ state }: Turn, blob: Blob, piece: number, { maker, sha256 }: PieceProof): Verdict {
  if (blob.have.has(piece) || sha256.length !== 32 || isBannedMaker(state, blob, maker)) return 'decline';
  if (blob.oneMaker?.maker !== undefined && blob.oneMaker.maker !== maker) return 'decline';
  const coming = blob.fetches.filter((fetch) => fetch.piece === piece);
  if (coming.length > 1 || coming.some(({ isLate }) => !isLate)) return 'decline';
  if (state.nowMs < blob.fullUntilMs) return 'full';
  const isFull = blob.fetches.length >= bounds.downloadsMax || slotsHeld(state.nowMs, blob) >= bounds.downloadsPerBlob;
  return isFull || downloadsOf(state) >= bounds.downloads ? 'full' : 'take';
}

const slotsHeld = (nowMs: number, { fetches, fetchTimesMs }: Blob): number =>
  fetches.filter(({ startedAtMs }) => !isOverdue(nowMs - startedAtMs, fetchTimesMs, bounds.slotPatience)).length;

/** Accepts an offer. */
export function fetchPiece(turn: Turn, blob: Blob, piece: number, from: HostId, proof: PieceProof): void {
  const { state, effects } = turn;
  const sha256 = hexOf(proof.sha256);
  if (blob.oneMaker !== undefined && blob.oneMaker.maker === undefined) blob.oneMaker = { maker: proof.maker };
  blob.fetches.push({ piece, from, sha256, proof, startedAtMs: state.nowMs, isLate: false });
  effects.push({ type: 'fetch', digest: blob.digest, sizeBytes: blob.sizeBytes, piece, sha256, from });
  tell(turn, blob, piece, 'getting');
}

const hexOf = (bytes: Uint8Array): string => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');

/** A fetch ended. */
export function onFetched(turn: Turn, blob: Blob, piece: number, from: HostId, end: FetchEnd): void {
  const { state } = turn;
  const fetch = blob.fetches.find((one) => one.piece === piece && one.from === from);
  if (fetch === undefined) return;
  blob.fetches = blob.fetches.filter((one) => one !== fetch);
  if (end === 'ok') {
    blob.fetchTimesMs.push(state.nowMs - fetch.startedAtMs);
    if (blob.fetchTimesMs.length > bounds.timesKept) blob.fetchTimesMs.shift();
    forgive(blob, from);
    gain(turn, blob, piece, fetch.sha256, fetch);
    return;
  }
  if (!blob.have.has(piece) && !isGetting(blob, piece)) tell(turn, blob, piece, 'dropped', from);
  if (end === 'not-stored') blob.fullUntilMs = state.nowMs + bounds.fullMs;
  if (end === 'corrupt') ban(turn, blob, from, 'corrupt-piece');
  const isOver =
    end === 'corrupt' || ((end === 'absent' || end === 'unreachable' || end === 'stalled') && strike(turn, blob, from));
  if (isOver) part(turn, blob, from);
}

function part(turn: Turn, blob: Blob, peer: HostId): void {
  if (blob.neighbours.has(peer)) sayBye(turn, blob, peer);
  removeNeighbour(turn, blob, peer);
}

/**
 * A piece is here: others learn it, other fetches of it end, and after the last one the whole is checked.
 *
 * @param fetch undefined when it came from the upstream
 */
export function gain(turn: Turn, blob: Blob, piece: number, sha256: string, fetch: Fetch | undefined): void {
  if (blob.isComplete || !blob.have.add(piece)) return;
  blob.sha256[piece] = sha256;
  if (fetch !== undefined) blob.proofs.set(piece, fetch.proof);
  blob.progressAtMs = turn.state.nowMs;
  tell(turn, blob, piece, 'got', fetch?.from);
  for (const { from } of blob.fetches.filter((fetch) => fetch.piece === piece))
    turn.effects.push({ type: 'cancel', digest: blob.digest, piece, from });
  checkWhole(turn, blob);
}

/** Asks for the check of a blob whose pieces are all here. */
export function checkWhole({ effects }: Turn, blob: Blob): void {
  if (blob.isComplete || blob.isChecking || !blob.have.isFull) return;
  blob.isChecking = true;
  effects.push({ type: 'complete', digest: blob.digest });
}

/** The whole was checked. */
export function onCompleted(turn: Turn, blob: Blob, isSound: boolean): void {
  blob.isChecking = false;
  if (isSound) {
    blob.isComplete = true;
    blob.proofs.clear();
    blob.neededAtMs = turn.state.nowMs;
    for (const { hostId, have } of [...blob.neighbours.values()]) if (have.isFull) removeNeighbour(turn, blob, hostId);
    return;
  }
  blame(turn, blob);
  blob.have = new PieceSet(blob.have.count);
  blob.sha256.fill('');
  blob.proofs.clear();
  blob.sent.fill(0);
  blob.isSeed = false;
  turn.state.uploads = turn.state.uploads.filter(({ digest }) => digest !== blob.digest);
  for (const hostId of blob.neighbours.keys()) sayHello(turn, blob, hostId, false);
}

/**
 * All pieces had the hashes that somebody vouched for, and yet the whole is wrong. A single maker is the liar. Of several at
 * least one is: from now on one of them alone is believed, so that the next failure names it.
 */
function blame(turn: Turn, blob: Blob): void {
  const makers = new Set([...blob.proofs.values()].map(({ maker }) => maker));
  makers.delete(turn.state.self);
  if (makers.size > 1 || blob.oneMaker !== undefined) blob.oneMaker = { maker: undefined };
  const [liar] = makers;
  if (liar === undefined || makers.size > 1) return;
  ban(turn, blob, liar, 'false-proof');
  part(turn, blob, liar);
}

/** Pieces at the end that take much longer than usual may come from a second peer; the faster one counts. */
export function endgame(turn: Turn, blob: Blob): void {
  if (
    blob.fetches.length === 0 ||
    blob.have.size + new Set(blob.fetches.map(({ piece }) => piece)).size < blob.have.count
  )
    return;
  for (const fetch of blob.fetches) {
    if (fetch.isLate || !isLate(turn, blob, fetch) || isTwice(blob, fetch)) continue;
    fetch.isLate = true;
    tellOthers(turn, blob, fetch.piece, fetch.from);
  }
}

const isLate = ({ state }: Turn, { fetchTimesMs }: Blob, { startedAtMs }: Fetch): boolean =>
  isOverdue(state.nowMs - startedAtMs, fetchTimesMs, bounds.endgamePatience);

const isTwice = (blob: Blob, { piece }: Fetch): boolean => blob.fetches.filter((one) => one.piece === piece).length > 1;
