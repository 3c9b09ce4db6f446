import type { HostId } from '../../../protocol/ids.ts';
import type { Delta } from '../mesh/messages.ts';
import { bounds } from './bounds.ts';

interface Seen {
  readonly atMs: number;
  /** Who brought it first; undefined for our own. */
  readonly from: HostId | undefined;
  readonly hops: number;
}

/** What passed through this member lately: ids for a minute, the changes themselves for some seconds. Both bounded. */
export interface SeenChanges {
  /** In order of arrival, as the eviction needs it. */
  readonly ids: Map<string, Seen>;
  readonly kept: Map<string, { readonly delta: Delta; readonly atMs: number; readonly sizeBytes: number }>;
  keptBytes: number;
}

export const createSeen = (): SeenChanges => ({ ids: new Map(), kept: new Map(), keptBytes: 0 });

export function addSeen(seen: SeenChanges, id: string, entry: Seen): void {
  seen.ids.set(id, entry);
  if (seen.ids.size > bounds.seen) dropFirst(seen.ids);
}

/** Keeps a change for those who will ask for it. */
export function keep(seen: SeenChanges, id: string, delta: Delta, nowMs: number): void {
  const sizeBytes = deltaBytes(delta);
  // A change that is published again counts once, and as the newest.
  seen.keptBytes += sizeBytes - (seen.kept.get(id)?.sizeBytes ?? 0);
  seen.kept.delete(id);
  seen.kept.set(id, { delta, atMs: nowMs, sizeBytes });
  while (seen.keptBytes > bounds.keptBytes) dropKept(seen);
}

/** Forgets what is old. Amortised: each entry is dropped once. */
export function expireSeen(seen: SeenChanges, nowMs: number): void {
  for (const { atMs } of seen.kept.values()) {
    if (nowMs < atMs + bounds.keptMs) break;
    dropKept(seen);
  }
  for (const { atMs } of seen.ids.values()) {
    if (nowMs < atMs + bounds.seenMs) break;
    dropFirst(seen.ids);
  }
}

function dropKept(seen: SeenChanges): void {
  seen.keptBytes -= dropFirst(seen.kept)?.sizeBytes ?? 0;
}

function dropFirst<T>(map: Map<string, T>): T | undefined {
  const first = map.entries().next();
  if (first.done === true) return undefined;
  map.delete(first.value[0]);
  return first.value[1];
}

/** About what a change takes in memory and on the wire. Bytes. */
function deltaBytes(delta: Delta): number {
  switch (delta.kind) {
    case 'liveness':
      return 128;
    case 'host':
      return 256 + delta.record.payload.length;
    case 'catalog':
      return delta.records.reduce((bytes, record) => bytes + 256 + record.key.length + record.value.length, 0);
  }
}
