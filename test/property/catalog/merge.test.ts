import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { catalogSummary, newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { HashTree } from '../../../agent/core/catalog/hash-tree.ts';
import { HISTORY_MAX } from '../../../agent/core/catalog/history.ts';
import { merge } from '../../../agent/core/catalog/merge.ts';
import type { CatalogRecord, Hlc } from '../../../agent/core/catalog/record.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { catalogOf, heldBy, NOW_MS, recordsOf, script } from './scripts.ts';

/** Records of a mesh twice: in two orders, some more than once. */
const deliveries = fc.tuple(script(40), fc.infiniteStream(fc.nat())).map(([happenings, picks]) => {
  const written = recordsOf(happenings);
  const order = [...written, ...written.filter((_, i) => i % 3 === 0)]
    .map((record) => ({ record, at: picks.next().value }))
    .sort((a, b) => a.at - b.at)
    .map(({ record }) => record);
  return { written, order };
});

describe('merge', () => {
  it('gives the same records and the same tree, whatever the order and however often', () => {
    fc.assert(
      fc.property(deliveries, ({ written, order }) => {
        const [a, b] = [catalogOf(written), catalogOf(order)];
        expect(heldBy(b)).toEqual(heldBy(a));
        expect(catalogSummary(b)).toBe(catalogSummary(a));
      }),
      { numRuns: 300 },
    );
  });

  it('changes nothing the second time', () => {
    fc.assert(
      fc.property(deliveries, ({ written, order }) => {
        const state = catalogOf(written);
        const again = merge(state, [...order, ...heldBy(state)], NOW_MS);
        expect(again).toMatchObject({ changed: [], removed: [], conflicts: [], quarantined: [] });
      }),
    );
  });

  it('gives the same in parts: members that exchange what they hold end equal', () => {
    fc.assert(
      fc.property(deliveries, fc.nat(), ({ order }, cut) => {
        const at = order.length === 0 ? 0 : cut % order.length;
        const [a, b] = [catalogOf(order.slice(0, at)), catalogOf(order.slice(at))];
        const fromA = heldBy(a);
        merge(a, heldBy(b), NOW_MS);
        merge(b, fromA, NOW_MS);
        expect(heldBy(a)).toEqual(heldBy(b));
        expect(heldBy(a)).toEqual(heldBy(catalogOf(order)));
      }),
    );
  });

  it('keeps the latest stamp, and every version that nobody built on in the history', () => {
    fc.assert(
      fc.property(script(30), (happenings) => {
        const written = recordsOf(happenings);
        const state = catalogOf(written);
        for (const [key, versions] of Map.groupBy(written, (record) => record.key)) {
          const latest = versions.reduce((a, b) => (a.hlc > b.hlc ? a : b));
          expect(state.records.get(key)).toEqual(latest);
          const builtOn = new Set(versions.flatMap(({ ancestors }) => ancestors));
          const heads = versions.filter(({ hlc }) => hlc !== latest.hlc && !builtOn.has(hlc));
          const kept = (state.losers.get(key) ?? []).map(({ hlc }) => hlc);
          expect(kept.toSorted()).toEqual(
            heads
              .map(({ hlc }) => hlc)
              .toSorted()
              .slice(-HISTORY_MAX),
          );
        }
      }),
    );
  });

  it('has a tree that is the tree of what it holds', () => {
    fc.assert(
      fc.property(deliveries, ({ order }) => {
        const state = catalogOf(order);
        const tree = new HashTree();
        for (const { key, hlc } of state.records.values()) tree.add(key, hlc);
        expect(state.tree.root()).toBe(tree.root());
      }),
    );
  });

  it('never throws and takes in nothing broken, whatever a peer sends', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom('groups/a', 'history/groups/a/x', '{}', '[]', 'null', '12D3KooWanna'),
    );
    const stamp = fc.oneof(fc.string(), fc.constant('0197fd6f0c00-0000-12D3KooWanna')) as fc.Arbitrary<Hlc>;
    const hostile: fc.Arbitrary<CatalogRecord> = fc.record({
      key: text,
      hlc: stamp,
      author: text as fc.Arbitrary<HostId>,
      deleted: fc.boolean(),
      value: text,
      ancestors: fc.array(stamp, { maxLength: 10 }),
    });
    fc.assert(
      fc.property(fc.array(hostile), (records) => {
        const state = newCatalog();
        const { quarantined } = merge(state, records, NOW_MS);
        expect(state.records.size + quarantined.length).toBeLessThanOrEqual(records.length);
        for (const record of state.records.values()) expect(record.key).toBe('groups/a');
      }),
    );
  });
});
