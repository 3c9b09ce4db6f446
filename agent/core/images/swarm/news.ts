import type { HostId } from '../../../../protocol/ids.ts';
import { bounds, EXCHANGE_TICK_MS } from './bounds.ts';
import { median } from './choose.ts';
import type { Blob, Neighbour, News, Turn } from './exchange-state.ts';

/**
 * Tells neighbours what changed of a piece here. Who offered it holds a slot until it knows, so it is told at once. That a piece
 * is being got keeps the others from offering it, so where pieces pass quickly they are told at once too, until `newsPerTick` in this
 * tick. That it came changes nothing for them. What is not told at once goes with the next message, after `newsWait` at the latest.
 */
export function tell(turn: Turn, blob: Blob, piece: number, news: News, offeredBy?: HostId): void {
  const isUrgent = news !== 'got' && newsWaitMs(blob) === 0;
  for (const neighbour of blob.neighbours.values()) {
    neighbour.news.set(piece, news);
    if (neighbour.hostId === offeredBy || (isUrgent && neighbour.told < bounds.newsPerTick))
      flush(turn, blob, neighbour);
  }
}

/** How long news may be late without many offers of what is being got already: a part of the time that a piece takes. */
function newsWaitMs({ fetchTimesMs }: Blob): number {
  const { share, mostMs } = bounds.newsWait;
  const waitMs = Math.min(mostMs, (median(fetchTimesMs) ?? 0) * share);
  return waitMs < EXCHANGE_TICK_MS ? 0 : waitMs;
}

/** Sends what has waited long enough. Once a tick. */
export function flushDue(turn: Turn, blob: Blob): void {
  const waitMs = newsWaitMs(blob);
  for (const neighbour of blob.neighbours.values()) {
    neighbour.told = 0;
    if (turn.state.nowMs - neighbour.toldAtMs >= waitMs) flush(turn, blob, neighbour);
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
function flush({ effects, state }: Turn, blob: Blob, neighbour: Neighbour): void {
  if (neighbour.news.size === 0) return;
  const lists: Record<News, number[]> = { got: [], getting: [], dropped: [] };
  for (const [piece, news] of neighbour.news) lists[news].push(piece);
  neighbour.news.clear();
  neighbour.told += 1;
  neighbour.toldAtMs = state.nowMs;
  effects.push({ type: 'send', to: neighbour.hostId, message: { type: 'swarm-have', digest: blob.digest, ...lists } });
}
