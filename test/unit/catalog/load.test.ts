import { expect, it } from 'vitest';
import { catalogSummary, newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { encodeRecord, loadCatalog } from '../../../agent/core/catalog/codec.ts';
import { draft } from '../../../agent/core/catalog/draft.ts';
import { anna, bert, catalogOf, NOW_MS, record, stamp } from './records.ts';

const onDisk = (state: ReturnType<typeof newCatalog>) =>
  [...state.records.values()].map((one) => [`catalog/${one.key}`, encodeRecord(one)] as const);

it('is the same catalog after a restart, history and all, and nothing has to be written back', () => {
  const before = catalogOf(record({ author: anna }), record({ author: bert }), record({ key: 'apps/a/b' }));
  const after = newCatalog();
  const outcome = loadCatalog(after, onDisk(before).toReversed(), NOW_MS);
  expect(catalogSummary(after)).toBe(catalogSummary(before));
  expect(after.losers).toEqual(before.losers);
  expect(outcome).toMatchObject({ removed: [], conflicts: [], quarantined: [] });
});

it('keeps its own records and stamps later ones, though the clock was set back by a year', () => {
  const held = record({ hlc: stamp(NOW_MS) });
  const after = newCatalog();
  const nowMs = NOW_MS - 365 * 86_400_000;
  loadCatalog(after, onDisk(catalogOf(held)), nowMs);
  const drafted = draft(after, [{ key: held.key, value: '{}', expected: held.hlc }], bert, nowMs);
  expect(drafted.ok && (drafted.records[0]?.hlc ?? '') > held.hlc).toBe(true);
});

it('quarantines each entry that can not be read by itself', () => {
  const good = record({ key: 'groups/good' });
  const entries = [
    ['catalog/groups/torn', encodeRecord(good).slice(0, 20)],
    ['catalog/groups/good', encodeRecord(good)],
    ['catalog/groups/newer-form', new TextEncoder().encode('[2,"groups/newer-form"]')],
    ['catalog/groups/wrong', encodeRecord(record({ key: 'groups/wrong', value: 'no json' }))],
  ] as const;
  const state = newCatalog();
  loadCatalog(state, entries, NOW_MS);
  expect([...state.records.keys()]).toEqual(['groups/good']);
  expect(state.quarantine.list().map(({ what, reason }) => [what.split(' ')[0], reason])).toEqual([
    ['catalog/groups/torn', 'undecodable'],
    ['catalog/groups/newer-form', 'undecodable'],
    ['groups/wrong', 'bad-value'],
  ]);
});
