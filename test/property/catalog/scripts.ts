import fc from 'fast-check';
import { type CatalogState, newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { draft } from '../../../agent/core/catalog/draft.ts';
import { merge } from '../../../agent/core/catalog/merge.ts';
import type { CatalogRecord } from '../../../agent/core/catalog/record.ts';
import type { HostId } from '../../../protocol/ids.ts';

export const NOW_MS = 1_750_000_000_000;
const authors = ['12D3KooWanna', '12D3KooWbert', '12D3KooWcleo', '12D3KooWdora'] as const;

/** One thing that happens in a mesh whose members hear of each other now and then. */
type Happening =
  | { readonly what: 'write' | 'delete'; readonly by: number; readonly key: number }
  | { readonly what: 'hear'; readonly by: number; readonly from: number };

const member = fc.nat({ max: authors.length - 1 });

/** What happens in a mesh, in order. */
export const script = (maxLength: number): fc.Arbitrary<readonly Happening[]> =>
  fc.array(
    fc.oneof(
      { weight: 4, arbitrary: fc.record({ what: fc.constant('write' as const), by: member, key: fc.nat({ max: 2 }) }) },
      {
        weight: 1,
        arbitrary: fc.record({ what: fc.constant('delete' as const), by: member, key: fc.nat({ max: 2 }) }),
      },
      { weight: 3, arbitrary: fc.record({ what: fc.constant('hear' as const), by: member, from: member }) },
    ),
    { maxLength },
  );

/** Plays a script and gives back every record that was written on the way, conflicting ones too. */
export function recordsOf(happenings: readonly Happening[]): readonly CatalogRecord[] {
  const catalogs = authors.map(() => newCatalog());
  const written: CatalogRecord[] = [];
  for (const [i, happening] of happenings.entries()) {
    const catalog = catalogs[happening.by];
    const author = authors[happening.by] as HostId | undefined;
    if (catalog === undefined || author === undefined) continue;
    if (happening.what === 'hear') {
      merge(catalog, catalogs[happening.from]?.records.values().toArray() ?? [], NOW_MS);
      continue;
    }
    const value = happening.what === 'delete' ? undefined : JSON.stringify({ step: i });
    const drafted = draft(catalog, [{ key: `groups/g${happening.key}`, value }], author, NOW_MS + i);
    if (!drafted.ok) throw new Error(drafted.reason);
    merge(catalog, drafted.records, NOW_MS);
    written.push(...drafted.records);
  }
  return written;
}

/** All a member holds, in an order of its own. */
export const heldBy = (state: CatalogState): readonly CatalogRecord[] =>
  [...state.records.values()].sort((a, b) => (a.key < b.key ? -1 : 1));

/** A catalog that was given these records in this order. */
export function catalogOf(records: Iterable<CatalogRecord>): CatalogState {
  const state = newCatalog();
  merge(state, records, NOW_MS);
  return state;
}
