import { describe, expect, it } from 'vitest';
import type { SignedHostRecord } from '../../../agent/core/catalog/host-record.ts';
import { HostRecordStore } from '../../../agent/core/catalog/host-records.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { HostRecord } from '../../../protocol/schemas/host.ts';
import { anna, bert, NOW_MS } from './records.ts';

/** Payloads of these tests are `<host id> <zone>`. */
const newStore = () =>
  new HostRecordStore((payload) => {
    const [hostId, zone] = new TextDecoder().decode(payload).split(' ');
    if (zone === undefined) return { ok: false, reason: 'no zone' };
    return { ok: true, value: { hostId, zone } as HostRecord };
  });

const signed = (incarnation: number, sequence: number, payload: string, hostId = anna): SignedHostRecord => ({
  hostId,
  incarnation,
  sequence,
  payload: new TextEncoder().encode(payload),
  signature: new Uint8Array(64),
});

describe('host records', () => {
  const cases = [
    { name: 'a later sequence', incarnation: 2, sequence: 6, ok: true },
    { name: 'a later incarnation', incarnation: 3, sequence: 0, ok: true },
    { name: 'the same version', incarnation: 2, sequence: 5, ok: false },
    { name: 'an earlier sequence', incarnation: 2, sequence: 4, ok: false },
    { name: 'an earlier incarnation', incarnation: 1, sequence: 99, ok: false },
    { name: 'a negative version', incarnation: -1, sequence: 9, ok: false },
    { name: 'a fraction', incarnation: 2, sequence: 5.5, ok: false },
    { name: 'a number that can not be counted to', incarnation: 2 ** 60, sequence: 0, ok: false },
  ];
  it.each(cases)('$name replaces 2.5: $ok', ({ incarnation, sequence, ok }) => {
    const store = newStore();
    store.put(signed(2, 5, `${anna} old`), NOW_MS);
    expect(store.put(signed(incarnation, sequence, `${anna} new`), NOW_MS).ok).toBe(ok);
    expect(store.get(anna)?.value?.zone).toBe(ok ? 'new' : 'old');
  });

  it('refuse what is too large', () => {
    const store = newStore();
    const large = { ...signed(1, 1, ''), payload: new Uint8Array(limits.hostRecordBytes + 1) };
    expect(store.put(large, NOW_MS)).toEqual({ ok: false, reason: 'too-large' });
  });

  it.each([
    { name: 'can not be read', payload: 'nonsense', fault: 'no zone' },
    { name: 'names another host', payload: `${bert} zone`, fault: 'names another host' },
  ])('keep showing the last good one when the newest $name, and pass the newest on', ({ payload, fault }) => {
    const store = newStore();
    store.put(signed(1, 1, `${anna} good`), NOW_MS);
    const newest = signed(1, 2, payload);
    expect(store.put(newest, NOW_MS).ok).toBe(true);
    expect(store.get(anna)).toMatchObject({ signed: newest, value: { zone: 'good' }, fault });
    expect(store.versions()).toEqual([{ hostId: anna, incarnation: 1, sequence: 2 }]);
  });

  it('have the same summary for the same versions, however they came', () => {
    const [a, b] = [newStore(), newStore()];
    const records = [signed(1, 1, `${anna} x`), signed(1, 2, `${anna} y`), signed(4, 1, `${bert} z`, bert)];
    for (const record of records) a.put(record, NOW_MS);
    for (const record of records.toReversed()) b.put(record, NOW_MS);
    expect(a.summary()).toBe(b.summary());
    b.put(signed(1, 3, 'unreadable'), NOW_MS);
    expect(a.summary()).not.toBe(b.summary());
    b.remove(anna);
    a.remove(anna);
    expect(a.summary()).toBe(b.summary());
    b.remove(bert);
    expect(b.summary()).toBe(newStore().summary());
  });

  it('are no more than there can be members', () => {
    const store = newStore();
    const hosts = Array.from({ length: limits.members + 1 }, (_, i) => `12D3KooWhost${i}` as HostId);
    const outcomes = hosts.map((id) => store.put(signed(1, 1, `${id} z`, id), NOW_MS).ok);
    expect(outcomes.filter((ok) => !ok).length).toBe(1);
  });
});
