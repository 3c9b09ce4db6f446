import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { ModelCommand } from '../../../agent/core/model/decide.ts';
import { resolvedSpec } from '../../../agent/core/model/versions.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { Version, VersionSpec } from '../../../protocol/schemas/version.ts';
import { digestOf } from '../images/fixtures.ts';
import { hostA, hostB, hostC, newWorld, World } from './world.ts';

const spec: VersionSpec = { image: 'nginx:1' };
const deployed = { kind: 'app.deploy', group: 'web', app: 'shop', cluster: 'default', replicas: 2, spec } as const;

describe('refusals name a code, the cause and the field, and write nothing', () => {
  const MiB = 1024 * 1024;
  const withSpec = (change: Partial<VersionSpec>): ModelCommand => ({
    kind: 'version.create',
    group: 'web',
    app: 'shop',
    spec: { ...spec, ...change },
  });
  const rows: { name: string; command: ModelCommand; code: string; detail?: string; pointers?: string[] }[] = [
    { name: 'a group that does not exist', command: { kind: 'group.delete', group: 'x' }, code: 'not-found' },
    { name: 'a group with apps', command: { kind: 'group.delete', group: 'web' }, code: 'conflict', detail: 'shop' },
    {
      name: 'an app in no group',
      command: { kind: 'app.put', group: 'x', app: 'y' },
      code: 'not-found',
      pointers: ['/group'],
    },
    {
      name: 'no memory and no default',
      command: { kind: 'app.deploy', group: 'bare', app: 'y', cluster: 'default', replicas: 1, spec },
      code: 'invalid-request',
      pointers: ['/spec/memoryBytes'],
    },
    {
      name: 'a container port twice',
      command: withSpec({ ports: [{ container: 80 }, { container: 80, protocol: 'tcp' }] }),
      code: 'invalid-request',
      pointers: ['/spec/ports/1/container'],
    },
    {
      name: 'a host port twice',
      command: withSpec({
        ports: [
          { container: 80, host: 8080 },
          { container: 81, host: 8080 },
        ],
      }),
      code: 'invalid-request',
      pointers: ['/spec/ports/1/host'],
    },
    {
      name: 'a volume target twice, written differently',
      command: withSpec({
        volumes: [
          { name: 'a', target: '/data' },
          { name: 'b', target: '//data/./' },
        ],
      }),
      code: 'invalid-request',
      pointers: ['/spec/volumes/1/target'],
    },
    {
      name: 'a volume outside its place, and at the root',
      command: withSpec({
        volumes: [
          { name: 'a', target: '/a/../b' },
          { name: 'b', target: '/' },
        ],
      }),
      code: 'invalid-request',
      pointers: ['/spec/volumes/0/target', '/spec/volumes/1/target'],
    },
    {
      name: 'a fixed host port for two replicas on a host',
      command: withSpec({ ports: [{ container: 80, host: 8080 }], maxPerHost: 2 }),
      code: 'invalid-request',
      pointers: ['/spec/maxPerHost'],
    },
    {
      name: 'an image that is no reference',
      command: withSpec({ image: 'team//web' }),
      code: 'invalid-request',
      pointers: ['/spec/image'],
    },
    {
      name: 'a label of our own',
      command: withSpec({ labels: { 'shoal.app': 'x' } }),
      code: 'invalid-request',
      pointers: ['/spec/labels/shoal.app'],
    },
    {
      name: 'a version that no record can hold',
      command: withSpec({
        env: Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`E${i}`, 'é'.repeat(10_000)])),
      }),
      code: 'too-large',
    },
    {
      name: 'a version and a spec',
      command: { ...deployed, version: 1 },
      code: 'invalid-request',
      pointers: ['/version'],
    },
    {
      name: 'a version that does not exist',
      command: { kind: 'app.deploy', group: 'web', app: 'shop', cluster: 'default', replicas: 1, version: 9 },
      code: 'not-found',
      pointers: ['/version'],
    },
    {
      name: 'an app that does not exist, without a spec',
      command: { kind: 'app.deploy', group: 'web', app: 'y', cluster: 'default', replicas: 1 },
      code: 'not-found',
      pointers: ['/app'],
    },
    {
      name: 'a cluster that does not exist',
      command: { ...deployed, cluster: 'gpu' },
      code: 'not-found',
      pointers: ['/cluster'],
    },
    {
      name: 'a scale where nothing is deployed',
      command: { kind: 'app.scale', group: 'web', app: 'shop', cluster: 'edge', replicas: 1 },
      code: 'not-found',
      pointers: ['/cluster'],
    },
    {
      name: 'the reserved cluster',
      command: { kind: 'cluster.put', cluster: 'default', selector: [] },
      code: 'conflict',
    },
    {
      name: 'a cluster in use',
      command: { kind: 'cluster.delete', cluster: 'used' },
      code: 'conflict',
      detail: 'web/shop',
    },
    {
      name: 'a host that never joined',
      command: { kind: 'host.set', hostId: `${hostA}x` as typeof hostA, cordoned: true },
      code: 'not-found',
    },
    {
      name: 'a host that was evicted already',
      command: { kind: 'member.evict', hostId: hostC, reason: '' },
      code: 'conflict',
    },
    {
      name: 'a token that does not exist',
      command: { kind: 'token.revoke', tokenId: `tk_${'0'.repeat(26)}` },
      code: 'not-found',
    },
  ];
  it.each(rows)('$name', ({ command, code, detail, pointers }) => {
    const world = newWorld();
    world.do({ kind: 'group.put', group: 'bare' });
    world.do({ kind: 'cluster.put', cluster: 'used', selector: [{ label: 'disk', op: '==', values: ['ssd'] }] });
    world.do({ kind: 'cluster.put', cluster: 'edge', selector: [] });
    world.do({ ...deployed, cluster: 'used', spec: { ...spec, memoryBytes: 8 * MiB } });
    world.do({ kind: 'member.evict', hostId: hostC, reason: 'gone' });
    const verdict = world.ask(command);
    expect(verdict).toMatchObject({ ok: false, code });
    if (verdict.ok) return;
    expect(verdict.detail).toContain(detail ?? '');
    expect(verdict.faults.map(({ pointer }) => pointer)).toEqual(pointers ?? expect.anything());
  });
});

describe('groups, apps and clusters', () => {
  it('a put creates, then changes only what it names', () => {
    const world = newWorld();
    world.do({ kind: 'group.put', group: 'web', description: 'shops' });
    expect(world.get('groups/web')).toMatchObject({ description: 'shops', defaultMemoryBytes: 64 * 1024 * 1024 });
    world.do({ kind: 'app.put', group: 'web', app: 'shop', onHostLoss: { replace: 'never', afterMs: 0 } });
    const { uid } = world.get<App>('apps/web/shop') ?? {};
    world.do({ kind: 'app.put', group: 'web', app: 'shop', description: 'sells' });
    expect(world.get('apps/web/shop')).toMatchObject({ uid, description: 'sells', onHostLoss: { replace: 'never' } });
  });

  it('an app made again after its deletion is another app', () => {
    const world = newWorld();
    const first = world.do({ kind: 'app.put', group: 'web', app: 'shop' }).body as App;
    world.apply([{ key: 'apps/web/shop', value: undefined }]);
    const second = world.do({ kind: 'app.put', group: 'web', app: 'shop' }).body as App;
    expect(second.uid).toMatch(/^ap_/);
    expect(second.uid).not.toBe(first.uid);
  });

  it('an empty group and an unused cluster can go', () => {
    const world = newWorld();
    world.do({ kind: 'cluster.put', cluster: 'edge', selector: [] });
    world.do({ kind: 'cluster.delete', cluster: 'edge' });
    world.do({ kind: 'group.delete', group: 'web' });
    expect([...world.records.keys()].filter((key) => !key.startsWith('members/'))).toEqual([]);
  });
});

describe('versions', () => {
  const create = (change: Partial<VersionSpec> = {}) =>
    ({ kind: 'version.create', group: 'web', app: 'shop', spec: { ...spec, ...change } }) as const;

  it('are numbered, and an identical spec is the version that exists', () => {
    const world = newWorld();
    world.do({ kind: 'app.put', group: 'web', app: 'shop' });
    const env = { A: '1', B: '2' };
    expect(world.do(create({ env })).body).toMatchObject({ number: 1, memoryBytes: 64 * 1024 * 1024 });
    const again = world.do(create({ env: { B: '2', A: '1' } }));
    expect(again).toMatchObject({ writes: [], body: { number: 1 } });
    expect(world.do(create({ env: { ...env, A: '2' } })).body).toMatchObject({ number: 2 });
    expect(world.get('apps/web/shop')).toMatchObject({ latestVersion: 2 });
  });

  it('differ when the image stands for something else; without a digest the hash is that of the spec alone', () => {
    const world = newWorld();
    world.do({ kind: 'app.put', group: 'web', app: 'shop' });
    const plain = '{"image":"nginx:1","memoryBytes":67108864}';
    const specHash = createHash('sha256').update(plain).digest('hex').slice(0, 16);
    expect(world.do(create()).body).toMatchObject({ number: 1, specHash });
    const pinned = { ...create(), resolvedImage: `team/app@${digestOf(1)}` };
    expect(world.do(pinned).body).toMatchObject({ number: 2, resolvedImage: `team/app@${digestOf(1)}`, spec });
    expect(world.do(pinned)).toMatchObject({ writes: [], body: { number: 2 } });
    const latest = world.do({ ...deployed, resolvedImage: `team/app@${digestOf(2)}` });
    expect(latest.operation).toMatchObject({ version: 3 });
    const third = world.get<Version>('versions/web/shop/000003');
    expect(third).toMatchObject({ resolvedImage: `team/app@${digestOf(2)}` });
    if (third !== undefined)
      expect(resolvedSpec(third)).toEqual({ ...spec, memoryBytes: 67108864, resolvedImage: `team/app@${digestOf(2)}` });
  });

  it('differ when the group default that they take differs', () => {
    const world = newWorld();
    world.do({ kind: 'app.put', group: 'web', app: 'shop' });
    world.do(create());
    world.do({ kind: 'group.put', group: 'web', defaultMemoryBytes: 32 * 1024 * 1024 });
    expect(world.do(create()).body).toMatchObject({ number: 2, memoryBytes: 32 * 1024 * 1024 });
  });

  it('of a failed deploy are gone: the newest that is left is deployed, and the number is not used again', () => {
    const world = newWorld();
    world.do({ kind: 'app.put', group: 'web', app: 'shop' });
    world.do(create());
    world.do(create({ image: 'nginx:2' }));
    world.apply([{ key: 'versions/web/shop/000002', value: undefined }]);
    const { operation } = world.do({ kind: 'app.deploy', group: 'web', app: 'shop', cluster: 'default', replicas: 1 });
    expect(operation).toMatchObject({ version: 1 });
    expect(world.do(create({ image: 'nginx:3' })).body).toMatchObject({ number: 3 });
  });
});

describe('hosts, members and tokens', () => {
  it('merges labels, takes away those that are null, keeps what is not named', () => {
    const world = newWorld();
    world.do({ kind: 'host.set', hostId: hostB, labels: { disk: 'ssd', rack: '1' }, cordoned: true });
    world.do({ kind: 'host.set', hostId: hostB, labels: { rack: null, room: 'x' } });
    expect(world.get(`hosts/${hostB}`)).toEqual({ hostId: hostB, labels: { disk: 'ssd', room: 'x' }, cordoned: true });
  });

  it('never evicts the last member', () => {
    const world = newWorld();
    world.do({ kind: 'member.evict', hostId: hostB, reason: 'old' });
    world.do({ kind: 'member.evict', hostId: hostC, reason: 'old' });
    expect(world.get(`evictions/${hostC}`)).toMatchObject({ by: 'tk_admin', reason: 'old' });
    expect(world.ask({ kind: 'member.evict', hostId: hostA, reason: 'old' })).toMatchObject({
      ok: false,
      code: 'conflict',
    });
  });

  it('shows a token without the hash of its secret; revoking twice is fine', () => {
    const world = newWorld();
    const { body } = world.do({ kind: 'token.create', expiresInMs: 60_000, maxUses: 2 });
    expect(body).toMatchObject({ maxUses: 2, usedBy: [], revoked: false });
    expect(body).not.toHaveProperty('secretHash');
    const tokenId = (body as { id: string }).id;
    expect(world.do({ kind: 'token.revoke', tokenId }).body).not.toHaveProperty('secretHash');
    expect(world.get(`tokens/${tokenId}`)).toMatchObject({ revoked: true, secretHash: 'f'.repeat(64) });
    expect(world.do({ kind: 'token.revoke', tokenId }).writes).toEqual([]);
  });

  it('drops tokens that expired long ago when it makes a new one', () => {
    const world = newWorld();
    const old = {
      id: 'tk_old',
      secretHash: '',
      createdAt: '',
      expiresAt: '2029-01-01T00:00:00.000Z',
      maxUses: 1,
      usedBy: [],
      revoked: false,
    };
    world.apply([{ key: 'tokens/tk_old', value: old }]);
    world.do({ kind: 'token.create', expiresInMs: 60_000, maxUses: 1 });
    expect(world.get('tokens/tk_old')).toBeUndefined();
  });
});

it('asserts that the shell made a secret for a token', () => {
  const world = new World();
  const context = world.context();
  const { tokenSecretHash: _none, ...without } = context;
  world.context = () => without;
  expect(() => world.ask({ kind: 'token.create', expiresInMs: 1_000, maxUses: 1 })).toThrow(/tokenSecretHash/);
});
