import { describe, expect, it } from 'vitest';
import type { App } from '../../../protocol/schemas/model.ts';
import { type AppOperationRecord, isAppOperation } from '../../../protocol/schemas/operation.ts';
import type { VersionSpec } from '../../../protocol/schemas/version.ts';
import { newWorld, type World } from './world.ts';

const names = { group: 'web', app: 'shop' } as const;
const inDefault = { ...names, cluster: 'default' } as const;
const spec = (tag = '1'): VersionSpec => ({ image: `nginx:${tag}` });
const deploy = (replicas: number, tag = '1') =>
  ({ kind: 'app.deploy', ...inDefault, replicas, spec: spec(tag) }) as const;
const scale = (replicas: number) => ({ kind: 'app.scale', ...inDefault, replicas }) as const;

function started(world: World, command: Parameters<World['do']>[0]): AppOperationRecord {
  const { operation } = world.do(command);
  if (operation === undefined || !isAppOperation(operation)) throw new Error('no operation was started');
  return operation;
}

/** The controller's part: the operation reached its goal. */
const finish = (world: World, { id }: AppOperationRecord, state: AppOperationRecord['state'] = 'succeeded') =>
  world.change<AppOperationRecord>(`operations/${id}`, { state });

const deploymentsOf = (world: World) => world.get<App>('apps/web/shop')?.deployments;

describe('deploy', () => {
  it('makes app, version, deployment and operation in one step', () => {
    const world = newWorld();
    const operation = started(world, deploy(3));
    expect(operation).toMatchObject({ kind: 'deploy', state: 'running', version: 1, replicas: 3, cluster: 'default' });
    expect(operation.created).toEqual({ app: true, version: true });
    expect(operation).not.toHaveProperty('previous');
    expect(world.get('apps/web/shop')).toMatchObject({ latestVersion: 1, uid: operation.appUid });
    expect(world.get('versions/web/shop/000001')).toMatchObject({ number: 1, appUid: operation.appUid });
    expect(deploymentsOf(world)).toEqual([{ cluster: 'default', version: 1, replicas: 3, operationId: operation.id }]);
    expect(world.get(`operations/${operation.id}`)).toEqual(operation);
  });

  it('remembers what to restore, and keeps other clusters', () => {
    const world = newWorld();
    world.do({ kind: 'cluster.put', cluster: 'edge', selector: [] });
    finish(world, started(world, deploy(3)));
    const edge = started(world, { ...deploy(1), cluster: 'edge' });
    const next = started(world, deploy(2, '2'));
    expect(next).toMatchObject({ kind: 'upgrade', previous: { version: 1, replicas: 3 } });
    // What was rolled out stays to be looked at, whatever comes of it.
    expect(next).not.toHaveProperty('created');
    expect(deploymentsOf(world)).toMatchObject([
      { cluster: 'default', version: 2, replicas: 2 },
      { cluster: 'edge', version: 1, replicas: 1, operationId: edge.id },
    ]);
  });

  it('of what is wanted and reached already succeeds at once and changes nothing', () => {
    const world = newWorld();
    finish(world, started(world, deploy(3)));
    const before = world.get('apps/web/shop');
    const again = started(world, deploy(3));
    expect(again).toMatchObject({ state: 'succeeded', finishedAt: again.createdAt });
    expect(world.get('apps/web/shop')).toEqual(before);
  });

  it.each(['failed', 'cancelled'] as const)('of what is written already is tried again after it %s', (state) => {
    const world = newWorld();
    finish(world, started(world, deploy(3)), state);
    expect(started(world, deploy(3))).toMatchObject({ state: 'running' });
  });
});

describe('while an operation runs', () => {
  it('the same wish joins it', () => {
    const world = newWorld();
    const first = started(world, deploy(3));
    const verdict = world.do(deploy(3));
    expect(verdict).toMatchObject({ writes: [], operation: { id: first.id } });
    expect(world.do(scale(3)).operation?.id).toBe(first.id);
  });

  it('another wish supersedes it and takes over what to restore', () => {
    const world = newWorld();
    finish(world, started(world, deploy(1)));
    const second = started(world, deploy(2, '2'));
    const third = started(world, deploy(5, '3'));
    expect(third).toMatchObject({ kind: 'upgrade', version: 3, replicas: 5, previous: { version: 1, replicas: 1 } });
    const ended = world.get<AppOperationRecord>(`operations/${second.id}`);
    expect(ended).toMatchObject({ state: 'failed', problem: { code: 'superseded', instance: second.id } });
    expect(ended?.problem?.detail).toContain(third.id);
  });

  it('one that is being cancelled is not joined', () => {
    const world = newWorld();
    const first = started(world, deploy(3));
    world.do({ kind: 'operation.cancel', ...names, operationId: first.id });
    expect(world.do(deploy(3)).operation?.id).not.toBe(first.id);
  });

  it('an undeploy is not the same as a scale to nothing', () => {
    const world = newWorld();
    finish(world, started(world, deploy(3)));
    const scaled = started(world, scale(0));
    expect(scaled).toMatchObject({ toRemove: 3 });
    const gone = started(world, { kind: 'app.undeploy', ...inDefault });
    expect(gone).toMatchObject({ kind: 'undeploy', replicas: 0, previous: { version: 1, replicas: 3 } });
    expect(world.do({ kind: 'app.undeploy', ...inDefault }).operation?.id).toBe(gone.id);
  });
});

describe('cancel', () => {
  it('is noted once, and refused when the operation is over or of another app', () => {
    const world = newWorld();
    const { id } = started(world, deploy(3));
    const cancel = { kind: 'operation.cancel', ...names, operationId: id } as const;
    expect(world.do(cancel).body).toMatchObject({ id, state: 'running', cancelRequested: true });
    expect(world.do(cancel).writes).toEqual([]);
    expect(world.ask({ ...cancel, app: 'other' })).toMatchObject({ code: 'not-found' });
    world.change<AppOperationRecord>(`operations/${id}`, { state: 'cancelled' });
    expect(world.ask(cancel)).toMatchObject({ ok: false, code: 'conflict' });
  });
});

describe('delete', () => {
  it('supersedes what runs, wants nothing any more, and is answered again with the same operation', () => {
    const world = newWorld();
    world.do({ kind: 'cluster.put', cluster: 'edge', selector: [] });
    finish(world, started(world, deploy(3)));
    const edge = started(world, { ...deploy(2), cluster: 'edge' });
    const operation = started(world, { kind: 'app.delete', ...names });
    expect(operation).toMatchObject({ kind: 'delete-app', toRemove: 5 });
    expect(world.get(`operations/${edge.id}`)).toMatchObject({ state: 'failed', problem: { code: 'superseded' } });
    expect(world.get('apps/web/shop')).toMatchObject({ state: 'deleting', deletedBy: operation.id });
    expect(deploymentsOf(world)?.map(({ replicas }) => replicas)).toEqual([0, 0]);
    expect(world.do({ kind: 'app.delete', ...names })).toMatchObject({ writes: [], operation: { id: operation.id } });
  });

  it('can not be cancelled, and the app can not be changed meanwhile', () => {
    const world = newWorld();
    finish(world, started(world, deploy(3)));
    const { id } = started(world, { kind: 'app.delete', ...names });
    expect(world.ask({ kind: 'operation.cancel', ...names, operationId: id })).toMatchObject({ code: 'conflict' });
    for (const command of [deploy(1), scale(1), { kind: 'app.put', ...names } as const]) {
      expect(world.ask(command)).toMatchObject({ ok: false, code: 'in-progress' });
    }
  });
});
