import { describe, expect, it } from 'vitest';
import { getRecord, newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { type CatalogWrite, draft } from '../../../agent/core/catalog/draft.ts';
import { merge } from '../../../agent/core/catalog/merge.ts';
import { limits } from '../../../protocol/limits.ts';
import { anna, bert, catalogOf, NOW_MS, record, stamp, write } from './records.ts';

const shop = record();
const gone = record({ key: 'groups/gone', deleted: true, value: '' });

describe('preconditions of a write', () => {
  const cases: { name: string; write: CatalogWrite; ok: boolean }[] = [
    { name: 'none given', write: { key: shop.key, value: '{}' }, ok: true },
    { name: 'the stamp it has', write: { key: shop.key, value: '{}', expected: shop.hlc }, ok: true },
    { name: 'another stamp', write: { key: shop.key, value: '{}', expected: stamp(1) }, ok: false },
    { name: 'nothing there, but there is', write: { key: shop.key, value: '{}', expected: null }, ok: false },
    { name: 'nothing there', write: { key: 'groups/new', value: '{}', expected: null }, ok: true },
    { name: 'nothing there, it was deleted', write: { key: gone.key, value: '{}', expected: null }, ok: true },
    { name: 'a stamp where nothing is', write: { key: 'groups/new', value: '{}', expected: stamp(1) }, ok: false },
    { name: 'the stamp of a tombstone', write: { key: gone.key, value: '{}', expected: gone.hlc }, ok: false },
    { name: 'deletes the stamp it has', write: { key: shop.key, value: undefined, expected: shop.hlc }, ok: true },
  ];
  it.each(cases)('$name: $ok', ({ write: one, ok }) => {
    const drafted = draft(catalogOf(shop, gone), [one], bert, NOW_MS);
    expect(drafted.ok).toBe(ok);
    if (!drafted.ok) expect(drafted).toMatchObject({ reason: 'precondition-failed', key: one.key });
  });

  it('holds for all writes or refuses them all', () => {
    const state = catalogOf(shop);
    const writes = [
      { key: 'groups/new', value: '{}' },
      { key: shop.key, value: '{}', expected: null },
    ];
    expect(draft(state, writes, bert, NOW_MS)).toEqual({
      ok: false,
      reason: 'precondition-failed',
      key: shop.key,
      actual: shop.hlc,
    });
    expect(getRecord(state, 'groups/new')).toBeUndefined();
  });
});

describe('drafts', () => {
  it('change nothing until they are merged, and are never stamped alike', () => {
    const state = catalogOf(shop);
    const root = state.tree.root();
    const [one, two] = [1, 2].map(() => draft(state, [{ key: 'groups/a', value: '{}' }], anna, NOW_MS));
    expect(state.tree.root()).toBe(root);
    if (!one?.ok || !two?.ok) throw new Error('refused');
    expect((two.records[0]?.hlc ?? '') > (one.records[0]?.hlc ?? '')).toBe(true);
  });

  it('win over everything the member has seen, though its clock is an hour behind', () => {
    const state = catalogOf(shop);
    write(state, bert, NOW_MS - 3_600_000, { key: shop.key, value: '{"by":"bert"}' });
    expect(getRecord(state, shop.key)?.value).toBe('{"by":"bert"}');
    expect(state.records.size).toBe(1);
  });

  it('know at most eight versions before them, newest first', () => {
    const state = newCatalog();
    const versions = Array.from({ length: 12 }, (_, i) =>
      write(state, anna, NOW_MS + i, { key: 'groups/a', value: `{"i":${i}}` }),
    ).flat();
    expect(versions.at(-1)?.ancestors).toEqual(
      versions
        .slice(-9, -1)
        .map(({ hlc }) => hlc)
        .toReversed(),
    );
  });

  it('with two writes of one key make one record, the later', () => {
    const state = newCatalog();
    const records = write(
      state,
      anna,
      NOW_MS,
      { key: 'groups/a', value: '{"n":1}' },
      { key: 'groups/a', value: '{"n":2}' },
    );
    expect(records.map(({ value }) => value)).toEqual(['{"n":2}']);
    expect(merge(newCatalog(), records, NOW_MS).changed.length).toBe(1);
  });

  const refused = [
    { reason: 'bad-key', write: { key: 'no key', value: '{}' } },
    { reason: 'bad-key', write: { key: `history/groups/a/${stamp(1)}`, value: '{}' } },
    { reason: 'bad-value', write: { key: 'groups/a', value: '"text"' } },
    { reason: 'too-large', write: { key: 'groups/a', value: JSON.stringify({ a: 'x'.repeat(limits.recordBytes) }) } },
    { reason: 'eviction-deleted', write: { key: `evictions/${bert}`, value: undefined } },
  ];
  it.each(refused)('are refused: $reason', ({ reason, write: one }) => {
    expect(draft(newCatalog(), [one], anna, NOW_MS)).toMatchObject({ ok: false, reason, key: one.key });
  });
});
