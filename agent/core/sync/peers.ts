import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { bounds } from './bounds.ts';

/** What this member remembers of one peer it compares itself with. */
export interface SyncPeer {
  /** Bytes this member is still willing to answer. */
  budgetBytes: number;
  budgetAtMs: number;
  /** Both summaries of the last comparison that found a difference. */
  lastPair: string;
  /** Comparisons in a row that changed nothing on either side. */
  fruitless: number;
  notBeforeMs: number;
}

export type SyncPeers = Map<HostId, SyncPeer>;

/** The peer's entry, made when missing; the longest known goes when there are too many. */
export function peerOf(peers: SyncPeers, hostId: HostId, nowMs: number): SyncPeer {
  const known = peers.get(hostId);
  if (known !== undefined) return known;
  for (const oldest of peers.keys()) {
    if (peers.size < limits.members) break;
    peers.delete(oldest);
  }
  const peer: SyncPeer = {
    budgetBytes: bounds.budgetBytes,
    budgetAtMs: nowMs,
    lastPair: '',
    fruitless: 0,
    notBeforeMs: 0,
  };
  peers.set(hostId, peer);
  return peer;
}

/** What may be answered to a peer now. Bytes; none when not positive. */
export function refill(peer: SyncPeer, nowMs: number): number {
  const passedMs = Math.max(0, nowMs - peer.budgetAtMs);
  peer.budgetAtMs = nowMs;
  peer.budgetBytes = Math.min(bounds.budgetBytes, peer.budgetBytes + (passedMs * bounds.budgetBytesPerS) / 1_000);
  return peer.budgetBytes;
}

/**
 * Notes what a comparison found. When the same two summaries met before, the exchange between changed nothing (say, each
 * refuses what the other holds): the peer is asked less and less often. True when there is something new to exchange.
 */
export function noteDifference(peer: SyncPeer, pair: string, nowMs: number): boolean {
  if (peer.lastPair !== pair) {
    peer.lastPair = pair;
    peer.fruitless = 0;
    peer.notBeforeMs = nowMs;
    return true;
  }
  peer.fruitless += 1;
  peer.notBeforeMs = nowMs + Math.min(bounds.backOffMaxMs, bounds.periodMs * 2 ** peer.fruitless);
  return false;
}

/** Whether a deadline set at most `longestMs` ago has come. One that is further off comes from before the clock was set back. */
export const isDue = (deadlineMs: number, nowMs: number, longestMs: number): boolean =>
  nowMs >= deadlineMs || deadlineMs - nowMs > longestMs;
