import type { HostId } from '../../../../protocol/ids.ts';
import { bounds } from './bounds.ts';
import type { Blob, Neighbour, News, Turn } from './exchange-state.ts';

/**
 * Tells neighbours what changed of a piece here. Who offered it holds a slot until it knows, so it is told at once. That a piece
 * is being got keeps the others from offering it, so they are told at once too, until `newsPerTick` in this tick; that it came
 * changes nothing for them, so it goes with the next message or at the end of the tick.
 */
export function tell(turn: Turn, blob: Blob, piece: number, news: News, offeredBy?: HostId): void {
  for (const neighbour of blob.neighbours.values()) {
    neighbour.news.set(piece, news);
    const isUrgent = news !== 'got' && neighbour.told < bounds.newsPerTick;
    if (isUrgent || neighbour.hostId === offeredBy) flush(turn, blob, neighbour);
  }
}

/** Others than the one that is sending it may offer the piece. */
export function tellOthers(turn: Turn, blob: Blob, piece: number, sender: HostId): void {
  for (const neighbour of blob.neighbours.values()) {
    if (neighbour.hostId === sender) continue;
    neighbour.news.set(piece, 'dropped');
    flush(turn, blob, neighbour);
  }
}

/** Sends what waits for one neighbour. */
export function flush({ effects }: Turn, blob: Blob, neighbour: Neighbour): void {
  if (neighbour.news.size === 0) return;
  const lists: Record<News, number[]> = { got: [], getting: [], dropped: [] };
  for (const [piece, news] of neighbour.news) lists[news].push(piece);
  neighbour.news.clear();
  neighbour.told += 1;
  effects.push({ type: 'send', to: neighbour.hostId, message: { type: 'swarm-have', digest: blob.digest, ...lists } });
}
