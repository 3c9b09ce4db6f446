import { bounds, slowestPieceMs } from './bounds.ts';
import { type Candidate, type Choice, chooseCandidate, choosePiece, isOverdue } from './choose.ts';
import type { Blob, ExchangeState, Neighbour, Turn } from './exchange-state.ts';
import { isIgnored, strike } from './faults.ts';
import { removeNeighbour } from './neighbours.ts';

/** Offers pieces while slots are free. */
export function fillSlots(turn: Turn): void {
  const { state, effects } = turn;
  while (state.uploads.length < bounds.uploadsMax && slotsHeld(state) < state.uploadSlots) {
    const next = nextOffer(turn);
    if (next === undefined) return;
    const { blob, neighbour, choice } = next;
    const { digest, sizeBytes } = blob;
    const { piece } = choice;
    const proof = blob.isComplete ? undefined : blob.proofs.get(piece);
    state.uploads.push({ digest, to: neighbour.hostId, piece, startedAtMs: state.nowMs });
    blob.sent[piece] = (blob.sent[piece] ?? 0) + 1;
    state.turns += 1;
    blob.servedAt = state.turns;
    blob.neededAtMs = state.nowMs;
    effects.push({
      type: 'offer',
      to: neighbour.hostId,
      digest,
      sizeBytes,
      piece,
      sha256: blob.sha256[piece] ?? '',
      proof,
    });
  }
}

/** Uploads that hold a slot; overdue ones go on beside them. */
function slotsHeld(state: ExchangeState): number {
  const { nowMs, blobs, uploads } = state;
  return uploads.filter(({ digest, startedAtMs }) => {
    return !isOverdue(nowMs - startedAtMs, blobs.get(digest)?.uploadTimesMs ?? [], bounds.slotPatience);
  }).length;
}

interface Next {
  readonly blob: Blob;
  readonly neighbour: Neighbour;
  readonly choice: Choice;
}

/** Blobs take turns, so that one that many want does not starve the others. */
function nextOffer(turn: Turn): Next | undefined {
  const blobs = [...turn.state.blobs.values()].filter(({ neighbours, have }) => neighbours.size > 0 && have.size > 0);
  for (const blob of blobs.sort((a, b) => a.servedAt - b.servedAt)) {
    const candidate = chooseCandidate(candidatesOf(turn, blob), turn.rng);
    if (candidate === undefined || !isWorthIt(turn.state, blob, candidate)) continue;
    return { blob, neighbour: candidate.peer, choice: candidate.choice };
  }
  return undefined;
}

/** While pieces come from the upstream, second copies would take the link from first ones: only when it idles. */
function isWorthIt(state: ExchangeState, blob: Blob, { choice }: Candidate<Neighbour>): boolean {
  const isFeeding = blob.isSeed && !blob.have.isFull;
  return !isFeeding || choice.sent === 0 || state.uploads.length === 0;
}

function candidatesOf({ state, rng }: Turn, blob: Blob): Candidate<Neighbour>[] {
  const candidates: Candidate<Neighbour>[] = [];
  for (const neighbour of blob.neighbours.values()) {
    if (neighbour.isFull || isIgnored(state, blob, neighbour.hostId)) continue;
    const toIt = state.uploads.filter(({ to }) => to === neighbour.hostId);
    if (toIt.length >= bounds.uploadsPerPeer) continue;
    const { have, getting, declined } = neighbour;
    const offered = toIt.filter(({ digest }) => digest === blob.digest).map(({ piece }) => piece);
    // An offered piece is not offered again: for as long as it is chosen it counts as being got.
    const fresh = offered.filter((piece) => getting.add(piece));
    const choice = choosePiece(blob, [have, getting, declined], rng);
    for (const piece of fresh) getting.delete(piece);
    if (choice !== undefined)
      candidates.push({ peer: neighbour, choice, uploads: toIt.length, pieces: have.size + getting.size });
  }
  return candidates;
}

function slotsAfter(slots: number, tookMs: number): number {
  const { least, most, fastMs, slowMs } = bounds.uploadSlots;
  if (tookMs < fastMs) return Math.min(most, slots + 1);
  return tookMs > slowMs ? Math.max(least, slots - 1) : slots;
}

/** The peer said how it ended: the slot is free. */
export function endUpload(state: ExchangeState, blob: Blob, to: string, piece: number, isSent: boolean): void {
  const upload = state.uploads.find((one) => one.digest === blob.digest && one.to === to && one.piece === piece);
  if (upload === undefined) return;
  state.uploads = state.uploads.filter((one) => one !== upload);
  if (!isSent) {
    blob.sent[piece] = Math.max(0, (blob.sent[piece] ?? 0) - 1);
    return;
  }
  const tookMs = state.nowMs - upload.startedAtMs;
  state.uploadSlots = slotsAfter(state.uploadSlots, tookMs);
  blob.uploadTimesMs.push(tookMs);
  if (blob.uploadTimesMs.length > bounds.timesKept) blob.uploadTimesMs.shift();
}

/** Forgets uploads of which nothing was heard. */
export function expireUploads(turn: Turn): void {
  const { state } = turn;
  for (const { digest, to, piece, startedAtMs } of [...state.uploads]) {
    const blob = state.blobs.get(digest);
    if (blob === undefined || state.nowMs - startedAtMs < bounds.uploadMs + slowestPieceMs(blob.sizeBytes)) continue;
    endUpload(state, blob, to, piece, false);
    if (strike(turn, blob, to)) removeNeighbour(turn, blob, to);
  }
}
