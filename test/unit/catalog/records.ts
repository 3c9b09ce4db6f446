import { type CatalogState, newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { type CatalogWrite, draft } from '../../../agent/core/catalog/draft.ts';
import { formatHlc } from '../../../agent/core/catalog/hlc.ts';
import { merge } from '../../../agent/core/catalog/merge.ts';
import type { CatalogRecord, Hlc } from '../../../agent/core/catalog/record.ts';
import type { HostId } from '../../../protocol/ids.ts';

export const NOW_MS = 1_750_000_000_000;
export const anna = '12D3KooWanna' as HostId;
export const bert = '12D3KooWbert' as HostId;

export const stamp = (ms: number, author: HostId = anna): Hlc => formatHlc({ ms, counter: 0, author });

/** A valid record; what is given replaces its fields, and the stamp goes with the author. */
export function record(fields: Partial<CatalogRecord> = {}): CatalogRecord {
  const author = fields.author ?? anna;
  return {
    key: 'groups/shop',
    hlc: stamp(NOW_MS, author),
    author,
    deleted: false,
    value: '{}',
    ancestors: [],
    ...fields,
  };
}

export const catalogOf = (...records: readonly CatalogRecord[]): CatalogState => {
  const state = newCatalog();
  merge(state, records, NOW_MS);
  return state;
};

/** Drafts and merges; fails the test when the draft is refused. */
export function write(state: CatalogState, author: HostId, nowMs: number, ...writes: readonly CatalogWrite[]) {
  const drafted = draft(state, writes, author, nowMs);
  if (!drafted.ok) throw new Error(drafted.reason);
  merge(state, drafted.records, nowMs);
  return drafted.records;
}
