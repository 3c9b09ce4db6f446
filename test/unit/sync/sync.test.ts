import { describe, expect, it } from 'vitest';
import { ALL_BUCKETS, LEAF_BUCKETS, leafOf, UPPER_BUCKETS } from '../../../agent/core/catalog/hash-tree.ts';
import type { Hlc } from '../../../agent/core/catalog/record.ts';
import { bounds } from '../../../agent/core/sync/bounds.ts';
import type { SyncEffect, SyncMessage } from '../../../agent/core/sync/exchange.ts';
import { syncStep } from '../../../agent/core/sync/sync.ts';
import { limits } from '../../../protocol/limits.ts';
import { hostId, START_MS, SyncMember, signed } from '../../property/sync/small-mesh.ts';

const [self, peer, other] = [hostId(0), hostId(1), hostId(2)];
const stamp = (ms: number): Hlc => `${ms.toString(16).padStart(12, '0')}-0000-${peer}` as Hlc;
const sent = (effects: readonly SyncEffect[]) => effects.filter((effect) => effect.type === 'send');

function newMember() {
  const member = new SyncMember(self);
  const at = (nowMs: number) => ({ nowMs, rng: () => 0.5 });
  const receive = (message: SyncMessage, nowMs = START_MS, from = peer) =>
    syncStep(member.state, { type: 'message', from, message }, member.view, at(nowMs));
  const tick = (nowMs: number, neighbours = [peer], alive = [peer, other]) =>
    syncStep(member.state, { type: 'tick', neighbours, alive }, member.view, at(nowMs));
  return { member, receive, tick };
}

const foreign = (isReply: boolean, catalog = 'differs'): SyncMessage => ({
  type: 'summary',
  liveness: '[]',
  hosts: '0000000000000000',
  catalog,
  isReply,
});

describe('the rhythm of anti-entropy', () => {
  it('asks a neighbour about every second, and about every ten seconds any member', () => {
    const { tick } = newMember();
    const asked: string[] = [];
    for (let ms = 0; ms < 60_000; ms += 100) asked.push(...sent(tick(START_MS + ms)).map(({ to }) => to));
    expect(asked.length).toBe(60);
    expect(asked.filter((to) => to === other).length).toBe(6);
  });

  it('asks any member when it has no neighbour, and nobody when it is alone', () => {
    const { tick } = newMember();
    expect(sent(tick(START_MS, [], [other])).map(({ to }) => to)).toEqual([other]);
    expect(tick(START_MS + 5_000, [], [])).toEqual([]);
  });

  it('goes on at once when the wall clock is set back by a day', () => {
    const { tick } = newMember();
    tick(START_MS);
    expect(sent(tick(START_MS - 86_400_000)).length).toBe(1);
  });

  it('compares again soon after a catalog differed, and ever more rarely when that changes nothing', () => {
    const { receive, tick } = newMember();
    const askedAt: number[] = [];
    for (let ms = 0; ms < 120_000; ms += 50) {
      if (sent(tick(START_MS + ms, [peer], [peer])).length === 0) continue;
      askedAt.push(ms);
      receive(foreign(true), START_MS + ms);
    }
    expect(askedAt.slice(0, 2)).toEqual([0, 250]);
    expect(askedAt.length).toBeLessThan(12);
    expect((askedAt.at(-1) ?? 0) - (askedAt.at(-2) ?? 0)).toBeGreaterThan(20_000);
  });

  it('takes up its rhythm again when something changed', () => {
    const { receive, tick } = newMember();
    let asked = 0;
    for (let ms = 0; ms < 30_000; ms += 50) {
      if (sent(tick(START_MS + ms, [peer], [peer])).length === 0) continue;
      asked += 1;
      receive(foreign(true, `differs ${asked}`), START_MS + ms);
    }
    expect(asked).toBeGreaterThan(30);
  });

  it('does not count a summary that it did not ask for', () => {
    const { member, receive, tick } = newMember();
    for (let i = 0; i < 10; i++) receive(foreign(true), START_MS, other);
    expect(member.state.peers.get(other)).toBeUndefined();
    expect(sent(tick(START_MS, [other], [other])).length).toBe(1);
  });
});

describe('answers', () => {
  it('says nothing to an equal summary', () => {
    const { member, receive } = newMember();
    const equal = { ...foreign(false, member.catalog.tree.root()), liveness: '[]' } as SyncMessage;
    expect(receive(equal)).toEqual([]);
  });

  it('answers a different summary with its own and only the parts that differ', () => {
    const { receive } = newMember();
    expect(sent(receive(foreign(false))).map(({ message }) => message.type)).toEqual(['summary', 'catalog-buckets']);
  });

  it('sends back the liveness that it sees otherwise', () => {
    const { member, receive } = newMember();
    member.incarnations.set(peer, 3).set(other, 1);
    const known = { hostId: other, status: 'alive', incarnation: 1, by: other } as const;
    const effects = receive({ type: 'liveness-list', updates: [known], isReply: false });
    expect(effects[0]).toMatchObject({ type: 'apply-liveness', updates: [known] });
    expect(sent(effects)[0]?.message).toMatchObject({ isReply: true, updates: [{ hostId: peer, incarnation: 3 }] });
  });

  const ageCases = [
    { name: 'a settled record', ageMs: 2_000, sequence: 6, pushed: true },
    { name: 'a record that is on its way anyway', ageMs: 100, sequence: 6, pushed: false },
    { name: 'a young record when the peer is far behind', ageMs: 100, sequence: 40, pushed: true },
    { name: 'an equal record', ageMs: 2_000, sequence: 5, pushed: false },
  ];
  it.each(ageCases)('pushes $name: $pushed', ({ ageMs, sequence, pushed }) => {
    const { member, receive } = newMember();
    member.hosts.put(signed(other, 1, sequence), START_MS - ageMs);
    const versions = [{ hostId: other, incarnation: 1, sequence: 5 }];
    const types = sent(receive({ type: 'host-versions', versions, isReply: false })).map(({ message }) => message.type);
    expect(types).toEqual(pushed ? ['host-records'] : []);
  });

  it('asks for host records that are newer than its own or of hosts it does not know', () => {
    const { member, receive } = newMember();
    member.hosts.put(signed(other, 1, 5), START_MS);
    const versions = [
      { hostId: other, incarnation: 2, sequence: 0 },
      { hostId: peer, incarnation: 1, sequence: 1 },
    ];
    expect(sent(receive({ type: 'host-versions', versions, isReply: false })).map(({ message }) => message)).toEqual([
      {
        type: 'host-versions',
        versions: [
          { hostId: other, incarnation: 1, sequence: 5 },
          { hostId: peer, incarnation: 0, sequence: 0 },
        ],
        isReply: true,
      },
    ]);
  });
});

describe('hostile peers', () => {
  const stranger = (i: number) => `groups/g${i}`;
  const hostile: { name: string; message: SyncMessage }[] = [
    {
      name: 'buckets that do not exist',
      message: {
        type: 'catalog-buckets',
        hashes: [-1, 0.5, Number.NaN, ALL_BUCKETS, 2 ** 32].map((bucket) => ({ bucket, hash: 'x' })),
      },
    },
    {
      name: 'keys of buckets that do not exist',
      message: { type: 'catalog-keys', buckets: [-1, 0, 0.5, Number.NaN, ALL_BUCKETS], keys: [], isReply: false },
    },
    {
      name: 'keys and stamps that are none',
      message: {
        type: 'catalog-keys',
        buckets: [],
        keys: [
          { key: '../../etc', hlc: stamp(START_MS) },
          { key: 'groups/a', hlc: 'ffff' as Hlc },
        ],
        isReply: false,
      },
    },
    { name: 'a wish for keys nobody has', message: { type: 'catalog-want', keys: ['', '__proto__', 'groups/none'] } },
  ];
  it.each(hostile)('gives no answer to $name', ({ message }) => {
    const { receive } = newMember();
    expect(receive(message)).toEqual([]);
  });

  it('asks for at most one message of keys when a peer names a million', () => {
    const { receive } = newMember();
    const keys = Array.from({ length: 1_000_000 }, (_, i) => ({ key: stranger(i), hlc: stamp(START_MS) }));
    const effects = sent(receive({ type: 'catalog-keys', buckets: [], keys, isReply: false }));
    expect(effects.length).toBe(1);
    const wanted = effects[0]?.message.type === 'catalog-want' ? effects[0].message.keys.length : 0;
    expect(wanted).toBeGreaterThan(1_000);
    expect(wanted).toBeLessThanOrEqual(bounds.keysPerMessage);
  });

  it('lists each leaf once when a peer repeats its buckets', () => {
    const { member, receive } = newMember();
    for (let i = 0; i < 50; i++) member.write(stranger(i), {}, START_MS);
    const bucket = leafOf(stranger(7));
    const hashes = Array.from({ length: 100_000 }, () => ({ bucket, hash: 'x' }));
    const [answer] = sent(receive({ type: 'catalog-buckets', hashes }));
    expect(answer?.message).toMatchObject({ type: 'catalog-keys', buckets: [bucket] });
  });

  it('takes in no more host records and liveness than there can be members', () => {
    const { receive } = newMember();
    const records = Array.from({ length: limits.members + 5 }, (_, i) => signed(hostId(i), 1, 1));
    const [hosts] = receive({ type: 'host-records', records });
    expect(hosts?.type === 'apply-hosts' && hosts.records.length).toBe(limits.members);
    const updates = records.map(({ hostId: id }) => ({ hostId: id, status: 'dead' as const, incarnation: 1, by: id }));
    const [liveness] = receive({ type: 'liveness-list', updates, isReply: true });
    expect(liveness?.type === 'apply-liveness' && liveness.updates.length).toBe(limits.members);
  });

  it('answers a peer that asks for everything again and again within a budget that grows back', () => {
    const { member, receive } = newMember();
    for (let i = 0; i < 100; i++) member.write(stranger(i), { text: 'x'.repeat(100_000) }, START_MS);
    const wish: SyncMessage = { type: 'catalog-want', keys: Array.from({ length: 100 }, (_, i) => stranger(i)) };
    const bytes = (nowMs: number) => JSON.stringify(sent(receive(wish, nowMs))).length;
    let first = 0;
    for (let i = 0; i < 100; i++) first += bytes(START_MS);
    expect(first).toBeGreaterThan(bounds.budgetBytes / 2);
    expect(first).toBeLessThan(bounds.budgetBytes * 1.5);
    expect(bytes(START_MS)).toBe(2);
    expect(bytes(START_MS + 1_000)).toBeGreaterThan(bounds.messageBytes);
  });

  it('remembers no more peers than there can be members', () => {
    const { member, receive } = newMember();
    for (let i = 0; i < limits.members + 10; i++) receive(foreign(false), START_MS, hostId(i));
    expect(member.state.peers.size).toBe(limits.members);
  });
});

it('numbers the leaves after the upper buckets', () => {
  for (const key of ['groups/a', 'apps/a/b', 'events/ev_1']) {
    expect(leafOf(key)).toBeGreaterThanOrEqual(UPPER_BUCKETS);
    expect(leafOf(key)).toBeLessThan(UPPER_BUCKETS + LEAF_BUCKETS);
  }
});
