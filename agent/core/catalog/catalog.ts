import { HashTree } from './hash-tree.ts';
import { type HlcClock, newClock } from './hlc.ts';
import { KeyIndex } from './key-index.ts';
import { parseKey } from './keys.ts';
import { Quarantine } from './quarantine.ts';
import type { CatalogRecord, Hlc } from './record.ts';

/**
 * A member's copy of the catalog, in memory. Owned by the mesh core and changed in place by `merge` and `expire` only;
 * everybody else reads it with the functions below.
 */
export interface CatalogState {
  /** Live records and tombstones by key, the losers of conflicts among them. */
  readonly records: Map<string, CatalogRecord>;
  /** History records by the key they lost, newest first. */
  readonly losers: Map<string, readonly CatalogRecord[]>;
  readonly tree: HashTree;
  readonly index: KeyIndex;
  readonly quarantine: Quarantine;
  readonly clock: HlcClock;
  /** Events older than this were dropped because there are too many; they are not taken in again. */
  eventFloor: Hlc | undefined;
  /** Retention step that `expire` ran for last. */
  expiredStep: number;
}

export const newCatalog = (): CatalogState => ({
  records: new Map(),
  losers: new Map(),
  tree: new HashTree(),
  index: new KeyIndex(),
  quarantine: new Quarantine(),
  clock: newClock(),
  eventFloor: undefined,
  expiredStep: -1,
});

/** The live record of a key. */
export function getRecord(state: CatalogState, key: string): CatalogRecord | undefined {
  const record = state.records.get(key);
  return record?.deleted ? undefined : record;
}

/** Live records whose key starts with `prefix`, in key order. The prefix contains a whole family (`apps/`). */
export function listRecords(state: CatalogState, prefix: string): readonly CatalogRecord[] {
  const found: CatalogRecord[] = [];
  for (const key of state.index.scan(prefix)) {
    const record = getRecord(state, key);
    if (record !== undefined) found.push(record);
  }
  return found;
}

/** Equal on two members exactly when they hold the same versions of the same keys (but for hash collisions). O(1). */
export const catalogSummary = (state: CatalogState): string => state.tree.root();

/** Makes `record` the one held under its key. Part of `merge`. */
export function putRecord(state: CatalogState, record: CatalogRecord): void {
  const before = state.records.get(record.key);
  if (before === undefined) state.index.add(record.key);
  else state.tree.remove(before.key, before.hlc);
  state.tree.add(record.key, record.hlc);
  state.records.set(record.key, record);
}

/** Forgets a key, as if it had never been. Part of `merge` and `expire`. */
export function forgetKey(state: CatalogState, key: string): void {
  const record = state.records.get(key);
  if (record === undefined) return;
  state.tree.remove(key, record.hlc);
  state.index.remove(key);
  state.records.delete(key);
  const parsed = parseKey(key);
  if (parsed.kind !== 'history') return;
  const rest = (state.losers.get(parsed.of) ?? []).filter((loser) => loser.key !== key);
  if (rest.length > 0) state.losers.set(parsed.of, rest);
  else state.losers.delete(parsed.of);
}
