import { describe, expect, it } from 'vitest';
import { catalogSummary, getRecord, listRecords, newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { HISTORY_MAX } from '../../../agent/core/catalog/history.ts';
import { merge, wants } from '../../../agent/core/catalog/merge.ts';
import type { Hlc } from '../../../agent/core/catalog/record.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { anna, bert, catalogOf, NOW_MS, record, stamp, write } from './records.ts';

describe('what is not taken in', () => {
  const tooMany = Array.from({ length: 9 }, (_, i) => stamp(NOW_MS - 1 - i));
  const cases = [
    { reason: 'bad-key', fields: { key: 'groups' } },
    { reason: 'bad-key', fields: { key: '/groups/a' } },
    { reason: 'bad-key', fields: { key: 'groups/a b' } },
    { reason: 'bad-key', fields: { key: 'groups//a' } },
    { reason: 'bad-key', fields: { key: `groups/${'a'.repeat(200)}/${'a'.repeat(200)}` } },
    { reason: 'bad-key', fields: { key: 'history/x' } },
    { reason: 'bad-key', fields: { key: `history/groups/a/${stamp(NOW_MS - 1)}` } },
    { reason: 'bad-key', fields: { key: `history/history/groups/a/${stamp(NOW_MS)}/${stamp(NOW_MS)}` } },
    { reason: 'bad-stamp', fields: { hlc: 'zzz' as Hlc } },
    { reason: 'wrong-author', fields: { hlc: stamp(NOW_MS, bert), author: anna } },
    { reason: 'bad-ancestors', fields: { ancestors: tooMany } },
    { reason: 'bad-ancestors', fields: { ancestors: [stamp(NOW_MS - 2), stamp(NOW_MS - 1)] } },
    { reason: 'bad-ancestors', fields: { ancestors: [stamp(NOW_MS)] } },
    { reason: 'bad-ancestors', fields: { ancestors: ['0' as Hlc] } },
    { reason: 'too-large', fields: { value: JSON.stringify({ a: 'x'.repeat(limits.recordBytes) }) } },
    // Fewer characters than the limit, more bytes.
    { reason: 'too-large', fields: { value: JSON.stringify({ a: '€'.repeat(limits.recordBytes / 2) }) } },
    { reason: 'bad-value', fields: { value: '{' } },
    { reason: 'bad-value', fields: { value: '[]' } },
    { reason: 'bad-value', fields: { value: 'null' } },
    { reason: 'bad-value', fields: { deleted: true, value: '{}' } },
    { reason: 'eviction-deleted', fields: { key: `evictions/${bert}`, deleted: true, value: '' } },
    { reason: 'from-the-future', fields: { hlc: stamp(NOW_MS + limits.clockAheadMs + 1) } },
  ];
  it.each(cases)('is quarantined by itself: $reason', ({ reason, fields }) => {
    const state = newCatalog();
    const good = record({ key: 'groups/good' });
    const outcome = merge(state, [record(fields), good], NOW_MS);
    expect(outcome.quarantined.map((entry) => entry.reason)).toEqual([reason]);
    expect(outcome.changed).toEqual([good]);
    expect([...state.records.keys()]).toEqual(['groups/good']);
    expect(state.quarantine.list().length).toBe(1);
  });

  it('is remembered up to a bound, in bounded words', () => {
    const state = newCatalog();
    const broken = Array.from({ length: 1_000 }, (_, i) => record({ key: `${i} ${'x'.repeat(10_000)}` }));
    merge(state, broken, NOW_MS);
    const listed = state.quarantine.list();
    expect(listed.length).toBe(limits.quarantine);
    expect(listed.at(-1)?.what.startsWith('999 ')).toBe(true);
    expect(Math.max(...listed.map(({ what }) => what.length))).toBeLessThanOrEqual(512);
  });

  it('is taken in and leaves the quarantine once the clocks agree', () => {
    const state = newCatalog();
    const early = record({ hlc: stamp(NOW_MS + limits.clockAheadMs + 1) });
    merge(state, [early], NOW_MS);
    expect(wants(state, early.key, early.hlc, NOW_MS)).toBe(false);
    expect(wants(state, early.key, early.hlc, NOW_MS + 1)).toBe(true);
    merge(state, [early], NOW_MS + 1);
    expect(getRecord(state, early.key)).toEqual(early);
    expect(state.quarantine.list()).toEqual([]);
  });
});

it('takes in what is from the future by its wall clock, but not by what it has seen', () => {
  const state = newCatalog();
  merge(state, [record({ hlc: stamp(NOW_MS) })], NOW_MS);
  const setBackMs = NOW_MS - 86_400_000;
  const [older, newer] = [stamp(NOW_MS - 1), stamp(NOW_MS + 1)].map((hlc) => record({ key: 'groups/other', hlc }));
  if (older === undefined || newer === undefined) throw new Error('unreachable');
  expect(merge(state, [older], setBackMs).changed).toEqual([older]);
  expect(merge(state, [newer], setBackMs).quarantined.length).toBe(1);
});

describe('conflicts', () => {
  it('are none when each version was made from the one before', () => {
    const state = newCatalog();
    const versions = [1, 2, 3].flatMap((n) =>
      write(state, anna, NOW_MS + n, { key: 'groups/shop', value: `{"n":${n}}` }),
    );
    const other = newCatalog();
    expect(merge(other, versions.toReversed(), NOW_MS).conflicts).toEqual([]);
    expect([...other.records.keys()]).toEqual(['groups/shop']);
  });

  it('keep the later stamp, and the loser in the history', () => {
    const earlier = record({ hlc: stamp(NOW_MS, anna), author: anna, value: '{"by":"anna"}' });
    const later = record({ hlc: stamp(NOW_MS + 1, bert), author: bert, value: '{"by":"bert"}' });
    for (const order of [
      [earlier, later],
      [later, earlier],
    ]) {
      const state = newCatalog();
      const outcome = merge(state, order, NOW_MS);
      expect(outcome.conflicts).toEqual([{ winner: later, loser: earlier }]);
      expect(getRecord(state, 'groups/shop')).toEqual(later);
      expect(listRecords(state, 'history/groups/shop/')).toEqual([
        { ...earlier, key: `history/groups/shop/${earlier.hlc}` },
      ]);
    }
  });

  it('are told once', () => {
    const rivals = [record({ author: anna }), record({ author: bert })];
    const state = newCatalog();
    expect(merge(state, rivals, NOW_MS).conflicts.length).toBe(1);
    expect(merge(state, rivals, NOW_MS).conflicts).toEqual([]);
  });

  it('keep no version that turns out to have a successor, and say which key is gone', () => {
    const [first, second] = [NOW_MS, NOW_MS + 1].map((ms, i) =>
      record({ hlc: stamp(ms), ancestors: i === 0 ? [] : [stamp(NOW_MS)] }),
    );
    const rival = record({ author: bert, hlc: stamp(NOW_MS + 2, bert) });
    if (first === undefined || second === undefined) throw new Error('unreachable');
    const state = catalogOf(first, rival);
    const outcome = merge(state, [second], NOW_MS);
    expect(outcome.removed).toEqual([`history/groups/shop/${first.hlc}`]);
    expect(listRecords(state, 'history/').map(({ hlc }) => hlc)).toEqual([second.hlc]);
  });

  it('are not seen where the list of ancestors is too short to tell', () => {
    const ancestors = Array.from({ length: 8 }, (_, i) => stamp(NOW_MS - 1 - i));
    const state = catalogOf(record({ ancestors }));
    expect(merge(state, [record({ hlc: stamp(NOW_MS - 100, bert), author: bert })], NOW_MS).conflicts).toEqual([]);
    expect(merge(state, [record({ hlc: stamp(NOW_MS - 3, bert), author: bert })], NOW_MS).conflicts.length).toBe(1);
  });

  it('leave at most eight losers per key, the newest', () => {
    const state = newCatalog();
    const authors = Array.from({ length: 20 }, (_, i) => `12D3KooWhost${i}` as HostId);
    const rivals = authors.map((author, i) => record({ author, hlc: stamp(NOW_MS + i, author) }));
    merge(state, rivals, NOW_MS);
    expect(listRecords(state, 'history/').map(({ hlc }) => hlc)).toEqual(
      rivals.slice(-1 - HISTORY_MAX, -1).map(({ hlc }) => hlc),
    );
  });
});

describe('what a member asks for', () => {
  const held = record({ hlc: stamp(NOW_MS) });
  const cases = [
    { name: 'an unknown key', key: 'groups/new', hlc: stamp(NOW_MS), wanted: true },
    { name: 'a later version', key: held.key, hlc: stamp(NOW_MS + 1), wanted: true },
    { name: 'the version it has', key: held.key, hlc: held.hlc, wanted: false },
    { name: 'an earlier version', key: held.key, hlc: stamp(NOW_MS - 1), wanted: false },
    { name: 'something that is no key', key: 'GROUPS', hlc: stamp(NOW_MS), wanted: false },
    { name: 'something without a stamp', key: 'groups/new', hlc: '' as Hlc, wanted: false },
    { name: 'an event too old to keep', key: 'events/ev_1', hlc: stamp(NOW_MS - 8 * 86_400_000), wanted: false },
  ];
  it.each(cases)('$name: $wanted', ({ key, hlc, wanted }) => {
    expect(wants(catalogOf(held), key, hlc, NOW_MS)).toBe(wanted);
  });
});

it('lists live records of a prefix in key order, while records come and go', () => {
  const keys = ['apps/b/x', 'apps/a/z', 'apps/a/a', 'groups/a', 'apps/ab/a'];
  const state = catalogOf(...keys.map((key) => record({ key })));
  const list = (prefix: string) => listRecords(state, prefix).map(({ key }) => key);
  expect(list('apps/')).toEqual(['apps/a/a', 'apps/a/z', 'apps/ab/a', 'apps/b/x']);
  expect(list('apps/a/')).toEqual(['apps/a/a', 'apps/a/z']);
  write(state, anna, NOW_MS + 1, { key: 'apps/a/z', value: undefined }, { key: 'apps/a/b', value: '{}' });
  expect(list('apps/a/')).toEqual(['apps/a/a', 'apps/a/b']);
  expect(list('nothing/')).toEqual([]);
});

it('has the same summary for the same versions only', () => {
  const [one, two] = [record({ key: 'groups/one' }), record({ key: 'groups/two' })];
  expect(catalogSummary(catalogOf(one, two))).toBe(catalogSummary(catalogOf(two, one)));
  expect(catalogSummary(catalogOf(one))).not.toBe(catalogSummary(catalogOf(two)));
  expect(catalogSummary(catalogOf(one))).not.toBe(catalogSummary(catalogOf({ ...one, hlc: stamp(NOW_MS + 1) })));
});
