import type { HostId } from '../../../../protocol/ids.ts';
import { PieceSet } from '../pieces.ts';
import { bounds } from './bounds.ts';
import { type Blob, gettingOf, type Neighbour, type News, type Turn } from './exchange-state.ts';
import { isIgnored } from './faults.ts';
import type { SwarmMessage } from './messages.ts';

/** Begins with nothing known of the peer. */
export function addNeighbour(blob: Blob, hostId: HostId, nowMs: number): Neighbour {
  const { count } = blob.have;
  const neighbour: Neighbour = {
    hostId,
    have: new PieceSet(count),
    getting: new PieceSet(count),
    declined: new PieceSet(count),
    declinedUntilMs: 0,
    isFull: false,
    news: new Map(),
    told: 0,
    toldAtMs: nowMs,
    saidAllAtMs: nowMs,
  };
  blob.neighbours.set(hostId, neighbour);
  return neighbour;
}

const holdsOrGets = ({ have, getting }: Neighbour, piece: number): boolean => have.has(piece) || getting.has(piece);

/** Sets what the neighbour said of one piece, and keeps the count of copies. */
export function note(blob: Blob, neighbour: Neighbour, piece: number, news: News): void {
  if (piece >= blob.have.count) return;
  const before = holdsOrGets(neighbour, piece);
  if (news === 'got') neighbour.have.add(piece);
  if (news === 'getting') neighbour.getting.add(piece);
  else neighbour.getting.delete(piece);
  const after = holdsOrGets(neighbour, piece);
  if (before !== after) blob.spread[piece] = (blob.spread[piece] ?? 0) + (after ? 1 : -1);
}

/** Forgets all that the neighbour said. */
export function clearNotes(blob: Blob, neighbour: Neighbour): void {
  for (let piece = 0; piece < blob.have.count; piece++) {
    if (holdsOrGets(neighbour, piece)) blob.spread[piece] = Math.max(0, (blob.spread[piece] ?? 0) - 1);
    neighbour.have.delete(piece);
    neighbour.getting.delete(piece);
    neighbour.declined.delete(piece);
  }
  neighbour.isFull = false;
}

/** Ends a neighbourhood and what was offered in it; fetches from there end by themselves. */
export function removeNeighbour(turn: Turn, blob: Blob, hostId: HostId): void {
  const neighbour = blob.neighbours.get(hostId);
  blob.asked.delete(hostId);
  if (neighbour === undefined) return;
  clearNotes(blob, neighbour);
  blob.neighbours.delete(hostId);
  const { state } = turn;
  for (const upload of state.uploads) {
    if (upload.digest !== blob.digest || upload.to !== hostId) continue;
    blob.sent[upload.piece] = Math.max(0, (blob.sent[upload.piece] ?? 0) - 1);
  }
  state.uploads = state.uploads.filter(({ digest, to }) => digest !== blob.digest || to !== hostId);
}

/** Nothing can pass between two that have all. */
export function dropIfDone(turn: Turn, blob: Blob, neighbour: Neighbour): void {
  if (blob.isComplete && neighbour.have.isFull) removeNeighbour(turn, blob, neighbour.hostId);
}

const helloOf = (blob: Blob, isReply: boolean): SwarmMessage => ({
  type: 'swarm-hello',
  digest: blob.digest,
  sizeBytes: blob.sizeBytes,
  have: new Uint8Array(blob.have.bits),
  getting: gettingOf(blob),
  isReply,
});

/** Tells everything: what the neighbour was not told yet is in it. */
export function sayHello(turn: Turn, blob: Blob, to: HostId, isReply: boolean): void {
  const neighbour = blob.neighbours.get(to);
  if (neighbour !== undefined) {
    neighbour.news.clear();
    neighbour.saidAllAtMs = turn.state.nowMs;
  }
  turn.effects.push({ type: 'send', to, message: helloOf(blob, isReply) });
}

export const sayBye = (turn: Turn, blob: Pick<Blob, 'digest'>, to: HostId): void => {
  turn.effects.push({ type: 'send', to, message: { type: 'swarm-bye', digest: blob.digest } });
};

/** Whether the neighbour has or gets something that is missing here. */
export function isUseful(blob: Blob, { have, getting }: Neighbour): boolean {
  return have.bits.some((byte, index) => ((byte | (getting.bits[index] ?? 0)) & ~(blob.have.bits[index] ?? 0)) !== 0);
}

/** Says hello to new ones, in their order, while there is room. */
export function meet(turn: Turn, blob: Blob, peers: readonly HostId[]): void {
  const { state } = turn;
  const isStuck = state.nowMs - blob.progressAtMs >= bounds.stuckMs;
  const room = isStuck ? bounds.neighbours : bounds.neighboursWanted;
  for (const peer of peers.slice(0, bounds.neighbours)) {
    if (peer === state.self || blob.neighbours.has(peer) || blob.asked.has(peer) || isIgnored(state, blob, peer))
      continue;
    if (blob.neighbours.size + blob.asked.size >= room && !(isStuck && dropUseless(turn, blob))) return;
    blob.asked.set(peer, state.nowMs);
    sayHello(turn, blob, peer, false);
  }
}

/** Makes room by leaving a neighbour that has nothing for this host; whether there was one. */
function dropUseless(turn: Turn, blob: Blob): boolean {
  const useless = [...blob.neighbours.values()].filter((neighbour) => !isUseful(blob, neighbour));
  const one = useless[Math.floor(turn.rng() * useless.length)];
  if (one === undefined) return false;
  removeNeighbour(turn, blob, one.hostId);
  sayBye(turn, blob, one.hostId);
  return true;
}
