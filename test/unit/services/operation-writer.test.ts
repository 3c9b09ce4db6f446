import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keys } from '../../../agent/core/catalog/keys.ts';
import type { PlacedContainer } from '../../../agent/core/deploy/actual.ts';
import { OperationWriter } from '../../../agent/services/controller/operation-writer.ts';
import type { Happening } from '../../../agent/services/events/event-recorder.ts';
import type { ContainerId, OperationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord, Decision } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { CatalogMember, hostIdOf } from './member.ts';

const opId = (digit: number) => `op_0000000000000000000000000${digit}` as OperationId;
const ctId = (index: number) => `ct_${String(index).padStart(26, '0')}` as ContainerId;
const at = '2030-01-01T00:00:00Z';

const app: App = {
  group: 'team',
  name: 'web',
  uid: 'ap_1',
  state: 'active',
  latestVersion: 2,
  deployments: [{ cluster: 'default', version: 2, replicas: 3, operationId: opId(2) }],
  createdAt: at,
  updatedAt: at,
};
const version = (number: number): Version => ({
  group: 'team',
  app: 'web',
  appUid: 'ap_1',
  number,
  spec: { image: 'test:1' },
  memoryBytes: 1,
  specHash: 'x',
  createdAt: at,
  createdBy: 'admin',
});
const operation: AppOperationRecord = {
  id: opId(2),
  kind: 'deploy',
  state: 'running',
  group: 'team',
  app: 'web',
  appUid: 'ap_1',
  cluster: 'default',
  version: 2,
  replicas: 3,
  previous: { version: 1, replicas: 2 },
  created: { app: false, version: true },
  createdAt: at,
  actor: 'admin',
  acceptedBy: hostIdOf('self'),
  decisions: [],
  failures: [],
};
const problem = problemOf('unplaceable', 'no room', operation.id);

function fileOf(content: string) {
  const sha256 = createHash('sha256').update(content).digest('hex');
  const sizeBytes = content.length;
  const contentBase64 = Buffer.from(content).toString('base64');
  return {
    key: keys.file('team', 'web', sha256),
    file: { path: `/${content}`, sha256, sizeBytes, mode: '0444' },
    record: { group: 'team', app: 'web', sizeBytes, contentBase64 },
  };
}

async function world(change: { app?: Partial<App>; operation?: Partial<AppOperationRecord> } = {}) {
  const member = new CatalogMember();
  const told: Happening[] = [];
  const writer = new OperationWriter({
    catalog: member.catalog,
    clock: member.clock,
    events: { record: (happening) => told.push(happening) },
    steward: {
      change: async (_, draw) => {
        for (const { key, value } of draw()) await member.put(key, value);
      },
    },
  });
  const stored = { app: { ...app, ...change.app }, operation: { ...operation, ...change.operation } };
  await member.put(keys.app('team', 'web'), stored.app);
  await member.put(keys.operation(operation.id), stored.operation);
  for (const number of [1, 2]) await member.put(keys.version('team', 'web', number), version(number));
  const read = {
    app: () => member.catalog.get<App>(keys.app('team', 'web'))?.value,
    operation: (id = operation.id) => member.catalog.get<AppOperationRecord>(keys.operation(id))?.value,
    versions: () => member.catalog.list<Version>('versions/team/web/').map(({ value }) => value.number),
  };
  return { member, writer, told, read, ...stored };
}

describe('an operation that fails', () => {
  it('leaves what was before, without the version it made', async () => {
    const { writer, read, told, ...w } = await world();
    await writer.fail(w.app, w.operation, problem);
    expect(read.app()?.deployments).toMatchObject([{ version: 1, replicas: 2 }]);
    expect(read.versions()).toEqual([1]);
    expect(read.operation()).toMatchObject({ state: 'failed', problem: { code: 'unplaceable' } });
    expect(told.map(({ kind }) => kind)).toEqual(['operation.failed']);
  });

  it('takes the app with it that it made', async () => {
    const created = { app: true, version: true };
    const { previous: _, ...first } = operation;
    const { member, writer, read, app: made } = await world();
    await member.put(keys.operation(operation.id), { ...first, created });
    await writer.fail(made, { ...first, created }, problem);
    expect(read.app()).toBeUndefined();
    expect(read.versions()).toEqual([]);
  });

  it('takes the contents of files with it that only its version has', async () => {
    const { member, writer, read: _, ...w } = await world();
    const [both, second] = ['both', 'second'].map(fileOf);
    if (both === undefined || second === undefined) throw new Error('no files');
    for (const { key, record } of [both, second]) await member.put(key, record);
    await member.put(keys.version('team', 'web', 1), { ...version(1), spec: { image: 'test:1', files: [both.file] } });
    const spec = { image: 'test:1', files: [both.file, second.file] };
    await member.put(keys.version('team', 'web', 2), { ...version(2), spec });
    const held = () => member.catalog.list('files/team/web/').map(({ key }) => key);
    expect(held()).toHaveLength(2);
    await writer.fail(w.app, w.operation, problem);
    expect(held()).toEqual([both.key]);
    await member.put(keys.app('team', 'web'), { ...app, state: 'deleting', deletedBy: operation.id });
    await writer.finishDeletion(app);
    expect(held()).toEqual([]);
  });

  it('keeps a version that is used in another cluster', async () => {
    const elsewhere = { cluster: 'eu', version: 2, replicas: 1, operationId: opId(3) };
    const { writer, read, ...w } = await world({ app: { deployments: [...app.deployments, elsewhere] } });
    await writer.fail(w.app, w.operation, problem);
    expect(read.versions()).toEqual([1, 2]);
  });

  it('touches nothing when it was superseded meanwhile', async () => {
    const { writer, read, told, ...w } = await world({ operation: { state: 'failed' } });
    await writer.fail(w.app, { ...w.operation, state: 'running' }, problem);
    expect(read.app()).toEqual(app);
    expect(told).toEqual([]);
  });

  it('ends all the same when its app is gone or was made anew, and leaves the new one alone', async () => {
    for (const uid of ['ap_2', undefined]) {
      const { member, writer, read, ...w } = await world();
      const anew = uid === undefined ? undefined : { ...app, uid, deployments: [] };
      await member.put(keys.app('team', 'web'), anew);
      await writer.fail(w.app, w.operation, problem);
      expect(read.operation()?.state).toBe('failed');
      expect(read.app()).toEqual(anew);
    }
  });
});

describe('an operation that succeeds', () => {
  it('drops the deployment when it was to undeploy', async () => {
    const { writer, read, ...w } = await world({ operation: { kind: 'undeploy' } });
    await writer.succeed(w.app, w.operation);
    expect(read.app()?.deployments).toEqual([]);
    expect(read.operation()?.state).toBe('succeeded');
  });
});

describe('the end of an app', () => {
  const deleting: Partial<App> = { state: 'deleting', deletedBy: opId(2), deployments: [] };

  it('takes its records away and closes the operation', async () => {
    const { writer, read, told, ...w } = await world({ app: deleting, operation: { kind: 'delete-app' } });
    await writer.finishDeletion(w.app);
    expect([read.app(), read.versions(), read.operation()?.state]).toEqual([undefined, [], 'succeeded']);
    expect(told).toMatchObject([{ kind: 'app.deleted' }]);
  });

  it('is off when the app is wanted again, or is another one by now', async () => {
    for (const now of [{ state: 'active' as const }, { ...deleting, uid: 'ap_2' }]) {
      const { member, writer, read, told, ...w } = await world({ app: deleting });
      const { deletedBy: _, ...rest } = w.app;
      await member.put(keys.app('team', 'web'), { ...rest, ...now });
      await writer.finishDeletion(w.app);
      expect(read.app()).toBeDefined();
      expect(told).toEqual([]);
    }
  });
});

describe('the record of an operation', () => {
  const host = hostIdOf('h1');
  const offer = (index: number) => ({
    hostId: hostIdOf(`h${index}`),
    hostName: `host-number-${index}`,
    zone: 'zone',
    slots: 9,
    appReplicas: 1,
    memoryFreeBytes: 1e9,
    memoryAllocatableBytes: 1e9,
    imagePresent: true,
    containers: 10,
    recentFailures: 0,
    awarded: index % 7 === 0 ? 1 : 0,
  });
  const refusal = (index: number) => ({
    hostId: hostIdOf(`h${index}`),
    hostName: `host-number-${index}`,
    rule: 'insufficient-memory' as const,
    detail: 'x'.repeat(400),
    numbers: { neededBytes: 1e9, allocatableBytes: 1e9, promisedBytes: 1e9, heldBytes: 0 },
    transient: false,
  });
  const decision = (round: number): Decision => ({
    at,
    auctioneer: host,
    wanted: 1_000,
    offers: Array.from({ length: 300 }, (_, index) => offer(index)),
    refusals: Array.from({ length: 64 }, (_, index) => refusal(index)),
    placed: [{ replica: round, containerId: ctId(round), hostId: host }],
  });
  const failed = (index: number) =>
    ({
      id: ctId(index),
      replica: index,
      hostId: host,
      operationId: operation.id,
      reason: { code: 'container-exited', detail: 'ö'.repeat(4_000) },
    }) as unknown as PlacedContainer;

  it('stays within what a record may have, and keeps the newest', async () => {
    const { writer, read } = await world();
    for (let round = 0; round < 24; round++) await writer.addDecisions(operation, [decision(round)]);
    await writer.addFailures(
      operation,
      Array.from({ length: 40 }, (_, index) => failed(index)),
    );
    await writer.fail(app, operation, problem);
    const record = read.operation();
    expect(Buffer.byteLength(JSON.stringify(record))).toBeLessThan(limits.recordBytes);
    expect(record?.decisions.at(-1)?.placed).toMatchObject([{ replica: 23 }]);
    expect(record?.decisions.at(-1)?.offers.filter(({ awarded }) => awarded > 0)).toHaveLength(43);
    expect(record?.failures.at(-1)).toMatchObject({ replica: 39 });
  });

  it('holds a failure once, and none of another operation', async () => {
    const { writer, read } = await world();
    await writer.addFailures(operation, [failed(1)]);
    const all = await writer.addFailures(operation, [failed(1), { ...failed(2), operationId: opId(1) }]);
    expect(all).toHaveLength(1);
    expect(read.operation()?.failures).toHaveLength(1);
  });

  it('is not written again when nothing happened', async () => {
    const { member, writer } = await world();
    const before = member.committed.length;
    await writer.addDecisions(operation, []);
    expect(member.committed).toHaveLength(before);
  });
});

describe('operations that only the loser of a conflict speaks of', () => {
  it('are ended, those of the winner are not', async () => {
    const { member, writer, read } = await world();
    await member.put(keys.operation(opId(3)), { ...operation, id: opId(3) });
    await member.clock.advance(10);
    const other = { ...app, deployments: [{ cluster: 'default', version: 1, replicas: 9, operationId: opId(3) }] };
    await member.receive(keys.app('team', 'web'), other);
    expect(read.app()?.deployments[0]?.replicas).toBe(9);
    await writer.endLosers('team', 'web');
    expect(read.operation(opId(2))).toMatchObject({ state: 'failed', problem: { code: 'superseded' } });
    expect(read.operation(opId(3))?.state).toBe('running');
  });
});
