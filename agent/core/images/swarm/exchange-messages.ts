import type { HostId } from '../../../../protocol/ids.ts';
import { assertNever } from '../../context.ts';
import { PieceSet } from '../pieces.ts';
import { bounds } from './bounds.ts';
import { fetchPiece, judge } from './downloads.ts';
import type { Blob, Neighbour, Turn } from './exchange-state.ts';
import { isIgnored, strike } from './faults.ts';
import type { SwarmMessage } from './messages.ts';
import { addNeighbour, clearNotes, dropIfDone, note, removeNeighbour, sayBye, sayHello } from './neighbours.ts';
import { endUpload } from './uploads.ts';

type Message<T extends SwarmMessage['type']> = Extract<SwarmMessage, { type: T }>;

/** A peer said something. */
export function onMessage(turn: Turn, from: HostId, message: SwarmMessage): void {
  if (from === turn.state.self) return;
  const blob = turn.state.blobs.get(message.digest);
  if (blob === undefined) {
    onUnknown(turn, from, message);
    return;
  }
  switch (message.type) {
    case 'swarm-hello':
      onHello(turn, blob, from, message);
      break;
    case 'swarm-have':
      onHave(turn, blob, from, message);
      break;
    case 'swarm-offer':
      onOffer(turn, blob, from, message);
      break;
    case 'swarm-decline':
      onDecline(turn, blob, from, message);
      break;
    case 'swarm-bye':
      // Not at once again: it had a reason.
      if (blob.neighbours.has(from) || blob.asked.has(from)) strike(turn, blob, from);
      removeNeighbour(turn, blob, from);
      break;
    default:
      assertNever(message);
  }
}

/** The blob is not open here: the store may have it; an offer of it holds a slot for nothing. */
function onUnknown(turn: Turn, from: HostId, message: SwarmMessage): void {
  const { digest } = message;
  const { blobs } = turn.state;
  const hasRoom = blobs.size < bounds.blobs || [...blobs.values()].some(({ isComplete }) => isComplete);
  if (message.type === 'swarm-hello' && !message.isReply && hasRoom)
    turn.effects.push({ type: 'look', digest, from, message });
  else if (message.type === 'swarm-hello' || message.type === 'swarm-offer') sayBye(turn, { digest }, from);
}

function onHello(turn: Turn, blob: Blob, from: HostId, hello: Message<'swarm-hello'>): void {
  if (hello.sizeBytes !== blob.sizeBytes) return;
  const wasAsked = blob.asked.delete(from);
  const known = blob.neighbours.get(from);
  if (known === undefined && hello.isReply && !wasAsked) return;
  if (known === undefined && (isIgnored(turn.state, blob, from) || blob.neighbours.size >= bounds.neighbours)) {
    sayBye(turn, blob, from);
    return;
  }
  const neighbour = known ?? addNeighbour(blob, from, turn.state.nowMs);
  clearNotes(blob, neighbour);
  for (const piece of new PieceSet(blob.have.count, hello.have)) note(blob, neighbour, piece, 'got');
  for (const piece of hello.getting) if (!neighbour.have.has(piece)) note(blob, neighbour, piece, 'getting');
  for (const piece of neighbour.have) endUpload(turn.state, blob, from, piece, true);
  if (!hello.isReply) sayHello(turn, blob, from, true);
  dropIfDone(turn, blob, neighbour);
}

function onHave(turn: Turn, blob: Blob, from: HostId, { got, getting, dropped }: Message<'swarm-have'>): void {
  const neighbour = blob.neighbours.get(from);
  if (neighbour === undefined) return;
  for (const piece of got) end(turn, blob, neighbour, piece, 'got');
  for (const piece of dropped) end(turn, blob, neighbour, piece, 'dropped');
  for (const piece of getting) note(blob, neighbour, piece, 'getting');
  dropIfDone(turn, blob, neighbour);
}

function end(turn: Turn, blob: Blob, neighbour: Neighbour, piece: number, how: 'got' | 'dropped'): void {
  note(blob, neighbour, piece, how);
  neighbour.declined.delete(piece);
  neighbour.isFull = false;
  endUpload(turn.state, blob, neighbour.hostId, piece, how === 'got');
}

function onOffer(turn: Turn, blob: Blob, from: HostId, { digest, piece, proof }: Message<'swarm-offer'>): void {
  if (!blob.neighbours.has(from)) {
    sayBye(turn, blob, from);
    return;
  }
  const isPossible = piece < blob.have.count && !isIgnored(turn.state, blob, from);
  const verdict = isPossible ? judge(turn, blob, piece, proof) : 'decline';
  if (verdict === 'take') fetchPiece(turn, blob, piece, from, proof);
  else
    turn.effects.push({
      type: 'send',
      to: from,
      message: { type: 'swarm-decline', digest, piece, isFull: verdict === 'full' },
    });
}

function onDecline(turn: Turn, blob: Blob, from: HostId, { piece, isFull }: Message<'swarm-decline'>): void {
  const neighbour = blob.neighbours.get(from);
  if (neighbour === undefined) return;
  endUpload(turn.state, blob, from, piece, false);
  if (isFull) {
    neighbour.isFull = true;
    return;
  }
  neighbour.declined.add(piece);
  neighbour.declinedUntilMs = turn.state.nowMs + bounds.declinedMs;
}
