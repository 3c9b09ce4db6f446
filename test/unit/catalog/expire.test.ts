import { describe, expect, it } from 'vitest';
import { newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { expire } from '../../../agent/core/catalog/expire.ts';
import { merge, wants } from '../../../agent/core/catalog/merge.ts';
import type { CatalogRecord } from '../../../agent/core/catalog/record.ts';
import { RETENTION_STEP_MS } from '../../../agent/core/catalog/retention.ts';
import { limits } from '../../../protocol/limits.ts';
import { bert, catalogOf, NOW_MS, record, stamp } from './records.ts';

const cases: { name: string; fields: Partial<CatalogRecord>; keptMs: number | undefined }[] = [
  { name: 'a live group', fields: { key: 'groups/a' }, keptMs: undefined },
  { name: 'a tombstone', fields: { key: 'groups/a', deleted: true, value: '' }, keptMs: limits.tombstoneMs },
  { name: 'an event', fields: { key: 'events/ev_1' }, keptMs: limits.eventRetentionMs },
  { name: 'an idempotency key', fields: { key: 'idempotency/abc' }, keptMs: limits.idempotencyMs },
  {
    name: 'an operation that has ended',
    fields: { key: 'operations/op_1', value: '{"state":"failed"}' },
    keptMs: limits.operationRetentionMs,
  },
  {
    name: 'an operation that runs',
    fields: { key: 'operations/op_1', value: '{"state":"running"}' },
    keptMs: undefined,
  },
  { name: "a conflict's loser", fields: { key: `history/groups/a/${stamp(NOW_MS)}` }, keptMs: limits.tombstoneMs },
  { name: 'an eviction', fields: { key: `evictions/${bert}` }, keptMs: undefined },
];

describe('what is too old', () => {
  it.each(cases)('$name is kept for $keptMs ms, and not taken in again', ({ fields, keptMs }) => {
    const old = record(fields);
    const state = catalogOf(old);
    const beforeMs = NOW_MS + (keptMs ?? 10 * limits.tombstoneMs);
    expect(expire(state, beforeMs)).toEqual([]);
    if (keptMs === undefined) return;
    const afterMs = beforeMs + RETENTION_STEP_MS + 1;
    expect(expire(state, afterMs)).toEqual([old.key]);
    expect(state.records.size).toBe(0);
    expect(state.losers.size).toBe(0);
    expect(state.tree.root()).toBe(newCatalog().tree.root());
    expect(merge(state, [old], afterMs)).toMatchObject({ changed: [], expired: 1 });
  });

  it('changes at the same instants for every member', () => {
    const event = record({ key: 'events/ev_1' });
    const stepMs = Math.ceil((NOW_MS + limits.eventRetentionMs + 1) / RETENTION_STEP_MS) * RETENTION_STEP_MS;
    expect(expire(catalogOf(event), stepMs - 1)).toEqual([]);
    expect(expire(catalogOf(event), stepMs)).toEqual([event.key]);
  });

  it('is dropped at start when it is found on disk', () => {
    const state = newCatalog();
    const afterMs = NOW_MS + limits.idempotencyMs + RETENTION_STEP_MS + 1;
    expect(merge(state, [record({ key: 'idempotency/abc' })], afterMs, 'disk').expired).toBe(1);
    expect(state.records.size).toBe(0);
  });
});

describe('too many events', () => {
  const events = Array.from({ length: limits.events + 10 }, (_, i) =>
    record({ key: `events/ev_${(i * 7_919) % 100_000}`, hlc: stamp(NOW_MS + i) }),
  );

  it('leaves the newest, and does not take the dropped ones in again', () => {
    const state = catalogOf(...events.toReversed());
    const dropped = expire(state, NOW_MS);
    const oldest = events.slice(0, 10);
    expect([...dropped].sort()).toEqual(oldest.map(({ key }) => key).sort());
    expect(merge(state, oldest, NOW_MS)).toMatchObject({ changed: [], expired: 10 });
    for (const { key, hlc } of oldest) expect(wants(state, key, hlc, NOW_MS)).toBe(false);
    expect(expire(state, NOW_MS)).toEqual([]);
  });

  it('ends the same for members that heard of them in other orders and expired at other times', () => {
    const [a, b] = [newCatalog(), newCatalog()];
    merge(a, events, NOW_MS);
    expire(a, NOW_MS);
    merge(b, events.slice(5), NOW_MS);
    expire(b, NOW_MS);
    merge(b, events.slice(0, 5), NOW_MS);
    expire(b, NOW_MS);
    expect(b.tree.root()).toBe(a.tree.root());
  });
});
