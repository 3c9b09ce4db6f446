import { describe, expect, it } from 'vitest';
import { newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { draft } from '../../../agent/core/catalog/draft.ts';
import type { SignedHostRecord } from '../../../agent/core/catalog/host-record.ts';
import { HostRecordStore } from '../../../agent/core/catalog/host-records.ts';
import { deltaId } from '../../../agent/core/gossip/delta-id.ts';
import type { MeshEffect, MeshEvent } from '../../../agent/core/mesh/events.ts';
import { hostRecordsIn, withoutInvalid } from '../../../agent/core/mesh/host-records-in.ts';
import { meshStep } from '../../../agent/core/mesh/mesh.ts';
import type { Delta, GossipMessage } from '../../../agent/core/mesh/messages.ts';
import { createMesh, runningMembers } from '../../../agent/core/mesh/state.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { HostRecord } from '../../../protocol/schemas/host.ts';

const [self, a, b, c] = ['self', 'a', 'b', 'c'] as HostId[] as [HostId, HostId, HostId, HostId];
const nowMs = Date.UTC(2026, 0, 1);

/** One member of a mesh of four. */
function bench(others: readonly HostId[] = [a, b, c]) {
  const hosts = new HostRecordStore((payload) =>
    payload[0] === 123
      ? { ok: true, value: JSON.parse(new TextDecoder().decode(payload)) as HostRecord }
      : { ok: false, reason: 'no JSON' },
  );
  const state = createMesh({ self, startIncarnation: 1, catalog: newCatalog(), hosts });
  const step = (event: MeshEvent): MeshEffect[] => meshStep(state, event, { nowMs, rng: () => 0 });
  const admit = (members: readonly HostId[]) =>
    step({ type: 'members', members: members.map((hostId) => ({ hostId })) });
  admit(others);
  const hear = (from: HostId, message: GossipMessage): MeshEffect[] => step({ type: 'message', from, message });
  return { state, step, admit, hear };
}

const recordOf = (
  hostId: HostId,
  sequence: number,
  text = JSON.stringify({ hostId }),
  incarnation = 1,
): SignedHostRecord => ({
  hostId,
  incarnation,
  sequence,
  payload: new TextEncoder().encode(text),
  signature: new Uint8Array(64),
});

const packet = (delta: Delta): GossipMessage => ({ type: 'delta', id: deltaId(delta), hops: 1, delta });
const hostPacket = (record: SignedHostRecord): GossipMessage => packet({ kind: 'host', record });

/** Records as another member writes them. */
function writtenBy(author: HostId, atMs = nowMs, key = 'apps/shop/web') {
  const drafted = draft(newCatalog(), [{ key, value: '{"n":1}' }], author, atMs);
  if (!drafted.ok) throw new Error(drafted.reason);
  return drafted.records;
}

const typesOf = (effects: readonly MeshEffect[]): string[] => effects.map(({ type }) => type);
const isPassedOn = (effects: readonly MeshEffect[]): boolean =>
  effects.some((effect) => effect.type === 'send' && effect.message.type === 'delta');

describe('host records', () => {
  it('are delivered and go on; the same one again, and an older one, do not', () => {
    const { hear } = bench();
    const first = hear(a, hostPacket(recordOf(b, 2)));
    expect(typesOf(first)).toContain('deliver-host');
    expect(isPassedOn(first)).toBe(true);
    expect(typesOf(hear(c, hostPacket(recordOf(b, 2))))).not.toContain('deliver-host');
    const older = hear(c, hostPacket(recordOf(b, 1)));
    expect(typesOf(older)).not.toContain('deliver-host');
    expect(isPassedOn(older)).toBe(false);
  });

  it('that nobody can read are passed on and reported, and stop nothing', () => {
    const { hear } = bench();
    const effects = hear(a, hostPacket(recordOf(b, 1, 'rubbish')));
    expect(typesOf(effects)).toContain('quarantined');
    expect(isPassedOn(effects)).toBe(true);
  });

  it('that are too large are dropped and reported', () => {
    const { state, hear } = bench();
    const effects = hear(a, hostPacket(recordOf(b, 1, 'x'.repeat(limits.hostRecordBytes + 1))));
    expect(effects.find(({ type }) => type === 'quarantined')).toMatchObject({ reason: 'too-large' });
    expect(isPassedOn(effects)).toBe(false);
    expect(state.hosts.get(b)).toBeUndefined();
  });

  it('of this host come from this host only: a later one is reported, not taken', () => {
    const { state, step, hear } = bench();
    step({ type: 'publish-host', record: recordOf(self, 4) });
    const effects = hear(a, hostPacket(recordOf(self, 9, '{}', 3)));
    expect(effects).toContainEqual({ type: 'own-record-ahead', incarnation: 3, sequence: 9 });
    expect(state.hosts.get(self)?.signed.sequence).toBe(4);
    expect(isPassedOn(effects)).toBe(false);
  });

  it('of strangers and of evicted hosts are not held', () => {
    const { state, admit, hear } = bench();
    hear(a, hostPacket(recordOf('stranger' as HostId, 1)));
    hear(a, hostPacket(recordOf(b, 1)));
    admit([a, c]);
    hear(a, hostPacket(recordOf(b, 2)));
    expect([...state.hosts.all()]).toEqual([]);
    expect(runningMembers(state)).toEqual([a, c]);
  });
});

describe('catalog records', () => {
  it('go to disk first, then are announced here, and go on', () => {
    const { hear } = bench();
    const records = writtenBy(a);
    const effects = hear(a, packet({ kind: 'catalog', records }));
    expect(effects).toContainEqual({ type: 'persist-catalog', records, removed: [] });
    expect(effects).toContainEqual({ type: 'catalog-changed', keys: ['apps/shop/web'] });
    expect(typesOf(effects).indexOf('persist-catalog')).toBeLessThan(typesOf(effects).indexOf('catalog-changed'));
    expect(isPassedOn(effects)).toBe(true);
  });

  it('written here go to disk before they go to others', () => {
    const { step } = bench();
    const effects = step({ type: 'publish-catalog', records: writtenBy(self) });
    expect(effects[0]?.type).toBe('persist-catalog');
    expect(isPassedOn(effects)).toBe(true);
  });

  it('from the future are quarantined and not passed on', () => {
    const { state, hear } = bench();
    const effects = hear(a, packet({ kind: 'catalog', records: writtenBy(a, nowMs + limits.clockAheadMs + 1_000) }));
    expect(effects.find(({ type }) => type === 'quarantined')).toMatchObject({ reason: 'from-the-future' });
    expect(isPassedOn(effects)).toBe(false);
    expect(state.catalog.records.size).toBe(0);
  });

  it('written at the same time by two members are reported as a conflict, once', () => {
    const { hear } = bench();
    hear(a, packet({ kind: 'catalog', records: writtenBy(a) }));
    const effects = hear(b, packet({ kind: 'catalog', records: writtenBy(b, nowMs + 5) }));
    expect(typesOf(effects).filter((type) => type === 'conflict')).toHaveLength(1);
  });
});

describe('messages', () => {
  it('of those who are no members change nothing', () => {
    const { state, hear, admit } = bench();
    admit([a, b]);
    expect(hear(c, packet({ kind: 'catalog', records: writtenBy(c) }))).toEqual([]);
    expect(hear(c, { type: 'ping', seq: 1, incarnation: 1 })).toEqual([]);
    expect(state.catalog.records.size).toBe(0);
  });

  it('with host records name them for verification, and lose those that are not genuine', () => {
    const [good, bad] = [recordOf(a, 1), recordOf(b, 1)];
    const both: GossipMessage = { type: 'host-records', records: [good, bad] };
    expect(hostRecordsIn(both)).toEqual([good, bad]);
    expect(withoutInvalid(both, (record) => record === good)).toEqual({ type: 'host-records', records: [good] });
    expect(hostRecordsIn(hostPacket(bad))).toEqual([bad]);
    expect(withoutInvalid(hostPacket(bad), () => false)).toBeUndefined();
    expect(hostRecordsIn({ type: 'prune' })).toEqual([]);
    expect(withoutInvalid({ type: 'prune' }, () => false)).toEqual({ type: 'prune' });
  });
});
