import { describe, expect, it } from 'vitest';
import type { HostId } from '../../../protocol/ids.ts';
import type { Move, MoveOperation } from '../../../protocol/schemas/operation.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import {
  begin,
  deployed,
  deployOf,
  MiB,
  onEngines,
  onMesh,
  replicasOn,
  scaleOf,
  seeds,
  settledAt,
} from './scenario.ts';
import { watching } from './watch-app.ts';

const five = { hosts: 5, latencyMs: 2 };

function movesOff(mesh: MemoryMesh, hostId: HostId): Move[] {
  return mesh
    .host(1)
    .platform.containers({ host: hostId })
    .map((c) => ({ containerId: c.id, group: c.group, app: c.app, cluster: c.cluster, replica: c.replica, hostId }));
}

const drain = (mesh: MemoryMesh, via: number, number: number, deadlineMs?: number) => {
  const { id: hostId } = mesh.host(number);
  const deadline = deadlineMs === undefined ? {} : { deadlineMs };
  return begin(mesh, via, { kind: 'host.drain', hostId, moves: movesOff(mesh, hostId), ...deadline });
};

const operation = (mesh: MemoryMesh, via: number, id: string) =>
  mesh.host(via).platform.operation(id) as MoveOperation | undefined;
const isOver = (mesh: MemoryMesh, via: number, id: string) => () =>
  (operation(mesh, via, id)?.state ?? 'running') !== 'running';
const hostOf = (mesh: MemoryMesh, via: number, number: number) => mesh.host(via).platform.host(mesh.host(number).id);

describe('a drain', () => {
  it('moves everything off the host, each replica working elsewhere before it stops here', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 10));
        await deployed(mesh, 1, deployOf('one', 1));
        const id = await drain(mesh, 2, 3);
        const seen = await watching(mesh, 'web', 'the end of the drain', isOver(mesh, 1, id));
        expect(operation(mesh, 1, id), `seed ${seed}`).toMatchObject({ state: 'succeeded', unmoved: [] });
        expect(seen.leastWorking).toBe(10);
        expect(mesh.host(3).engine.containers).toEqual([]);
        expect(hostOf(mesh, 4, 3)).toMatchObject({ cordoned: true });
        expect(hostOf(mesh, 4, 3)?.drainedAt).toBeDefined();
        await settledAt(mesh, 'web', 10);
      });
    }
  });

  it('of some hosts of many, of many apps, misses no replica at any moment', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...five, hosts: 12, seed }, async (mesh) => {
        const apps = Array.from({ length: 4 }, (_, index) => `app${index}`);
        for (const app of apps) await deployed(mesh, 1, deployOf(app, 12, { memoryBytes: 16 * MiB }));
        const drained = [10, 11, 12];
        const ids: string[] = [];
        for (const number of drained) ids.push(await drain(mesh, 1, number));
        await mesh.until('the end of all', () => {
          for (const app of apps) expect(new Set(replicasOn(mesh, app)).size, `seed ${seed}, ${app}`).toBe(12);
          return ids.every((id) => isOver(mesh, 1, id)());
        });
        await mesh.until('rest', () => apps.every((app) => replicasOn(mesh, app).length === 12));
        expect(drained.flatMap((number) => mesh.host(number).engine.containers)).toEqual([]);
      });
    }
  });

  it('moves a single replica without a moment in which none works', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('one', 1));
      const number = mesh.hosts.find(({ engine }) => engine.containers.length > 0)?.number ?? 1;
      const id = await drain(mesh, 1, number);
      const seen = await watching(mesh, 'one', 'the end', isOver(mesh, 1, id));
      expect(seen.leastWorking).toBe(1);
      expect(replicasOn(mesh, 'one')).toEqual([0]);
    });
  });

  it('of several hosts at once moves nothing onto another of them', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 5));
      const [first, second] = [await drain(mesh, 1, 2), await drain(mesh, 3, 4)];
      const before = new Set(
        mesh
          .host(2)
          .engine.containers.concat(mesh.host(4).engine.containers)
          .map((c) => c.engineId),
      );
      const strangers = () =>
        [2, 4].flatMap((n) => mesh.host(n).engine.containers).filter((c) => !before.has(c.engineId));
      await watching(mesh, 'web', 'both', () => {
        expect(strangers()).toEqual([]);
        return isOver(mesh, 1, first)() && isOver(mesh, 1, second)();
      });
      expect(operation(mesh, 1, first)?.state).toBe('succeeded');
      expect(operation(mesh, 1, second)?.state).toBe('succeeded');
      await settledAt(mesh, 'web', 5);
    });
  });

  it('names what blocks it, and goes on when that is gone', async () => {
    await onMesh({ ...five, hosts: 2, memoryBytes: 256 * MiB }, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 2, { memoryBytes: 150 * MiB }));
      const id = await drain(mesh, 1, 2);
      await mesh.until('blocked', () => operation(mesh, 1, id)?.steps.some(({ step }) => step === 'blocked') ?? false);
      const [step] = operation(mesh, 1, id)?.steps ?? [];
      expect(step?.detail).toMatch(/needs 150 MiB/);
      await mesh.advance(20_000);
      expect(replicasOn(mesh, 'web')).toEqual([0, 1]);
      await mesh.run(1, { kind: 'app.scale', group: 'team', app: 'web', cluster: 'default', replicas: 1 });
      await mesh.until('the end', isOver(mesh, 1, id));
      expect(operation(mesh, 1, id)?.state).toBe('succeeded');
      expect(onEngines(mesh, 'web')).toHaveLength(1);
    });
  });

  it('keeps containers with their volumes, says so, and stops them at the deadline', async () => {
    await onMesh({ ...five, hosts: 3 }, async (mesh) => {
      await deployed(mesh, 1, deployOf('db', 3, { volumes: [{ name: 'data', target: '/data' }] }));
      const before = onEngines(mesh, 'db');
      const id = await drain(mesh, 1, 2, 60_000);
      await mesh.until('blocked', () => operation(mesh, 3, id)?.steps[0]?.step === 'blocked');
      expect(operation(mesh, 3, id)?.steps[0]?.detail).toMatch(/volume/);
      expect(onEngines(mesh, 'db')).toEqual(before);
      await mesh.until('the end', isOver(mesh, 1, id), 120_000);
      expect(operation(mesh, 1, id)).toMatchObject({
        state: 'failed',
        problem: { code: 'drain-incomplete' },
        unmoved: [{ outcome: 'lost' }],
      });
      expect(mesh.host(2).engine.containers).toEqual([]);
      // Its home is its home: it comes back there and nowhere else.
      await mesh.advance(20_000);
      expect(replicasOn(mesh, 'db')).toHaveLength(2);
      await mesh.run(1, { kind: 'host.set', hostId: mesh.host(2).id, cordoned: false });
      await settledAt(mesh, 'db', 3);
      expect(onEngines(mesh, 'db')).toEqual(before);
    });
  });

  it('is cancelled: the host is as before, what has moved stays', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 10));
      const id = await drain(mesh, 1, 2);
      await mesh.advance(2_000);
      await mesh.run(3, { kind: 'drain.cancel', hostId: mesh.host(2).id, operationId: id as never });
      await mesh.until('the end', isOver(mesh, 1, id));
      expect(operation(mesh, 1, id)?.state).toBe('cancelled');
      expect(hostOf(mesh, 1, 2)).toMatchObject({ cordoned: false });
      await settledAt(mesh, 'web', 10);
    });
  });

  it('goes on when the steward of the host dies, and when the agent of the host does', async () => {
    for (const seed of seeds(6)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 10));
        const target = 3;
        const steward = mesh.stewardOf(`hosts/${mesh.host(target).id}`);
        const victim = seed % 2 === 0 ? target : steward;
        const via = [1, 2, 4, 5].find((number) => number !== victim) ?? 1;
        const id = await drain(mesh, via, target);
        await mesh.advance(400 * seed);
        mesh.kill(victim);
        await mesh.advance(15_000);
        await mesh.restart(victim);
        await mesh.until('the end', isOver(mesh, via, id), 180_000);
        expect(operation(mesh, via, id)?.state, `seed ${seed}`).toBe('succeeded');
        expect(mesh.host(target).engine.containers).toEqual([]);
        await settledAt(mesh, 'web', 10);
      });
    }
  });

  it('goes on while a rollout is paused, and a scale does not wait for what can not leave', async () => {
    await onMesh({ ...five, hosts: 3, memoryBytes: 256 * MiB }, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 3, { memoryBytes: 32 * MiB }));
      await begin(mesh, 1, { ...deployOf('web', 3, { image: 'test:2', memoryBytes: 32 * MiB }), canary: { count: 1 } });
      await mesh.advance(10_000);
      await mesh.run(1, { kind: 'app.rollout', group: 'team', app: 'web', cluster: 'default', action: 'pause' });
      await mesh.until('the end', isOver(mesh, 1, await drain(mesh, 1, 2)));
      expect(mesh.host(2).engine.containers).toEqual([]);
      expect(
        onEngines(mesh, 'web')
          .map((line) => line.split(' ')[1])
          .sort(),
      ).toEqual(['v1', 'v1', 'v2']);
      await mesh.run(1, { kind: 'host.set', hostId: mesh.host(2).id, cordoned: false });

      await deployed(mesh, 1, deployOf('other', 2, { memoryBytes: 8 * MiB }));
      await deployed(mesh, 1, deployOf('big', 1, { memoryBytes: 200 * MiB }));
      const home = mesh.hosts.find(({ engine }) =>
        engine.containers.some(({ memoryBytes }) => memoryBytes > 100 * MiB),
      );
      await drain(mesh, 1, home?.number ?? 2);
      await deployed(mesh, 1, scaleOf('other', 3));
    });
  });

  it('is refused when nobody else could take anything', async () => {
    await onMesh({ ...five, hosts: 2 }, async (mesh) => {
      await drain(mesh, 1, 1);
      await expect(drain(mesh, 1, 2)).rejects.toMatchObject({ code: 'conflict' });
    });
  });
});

describe('a host that leaves', () => {
  it('has to be drained first, and is out of the mesh for good', async () => {
    await onMesh({ ...five, hosts: 3 }, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 3));
      const hostId = mesh.host(3).id;
      await expect(mesh.run(1, { kind: 'host.remove', hostId })).rejects.toMatchObject({ code: 'conflict' });
      await mesh.until('the end', isOver(mesh, 1, await drain(mesh, 1, 3)));
      await mesh.run(1, { kind: 'host.remove', hostId });
      await mesh.until('gone', () => mesh.host(2).platform.host(hostId) === undefined);
      const told = () => mesh.host(1).platform.events({ kind: 'host.removed' });
      await mesh.until('it to be told', () => told().length > 0);
      expect(told()).toMatchObject([{ message: 'h3 was taken out of the mesh' }]);
      await settledAt(mesh, 'web', 3, mesh.hosts.slice(0, 2));
    });
  });
});

describe('a lost host', () => {
  it('with volumes is waited for', async () => {
    await onMesh({ ...five, hosts: 3 }, async (mesh) => {
      await deployed(mesh, 1, deployOf('db', 3, { volumes: [{ name: 'data', target: '/data' }] }));
      const before = onEngines(mesh, 'db');
      mesh.kill(2);
      mesh.host(2).engine.crash();
      await mesh.advance(60_000);
      expect(onEngines(mesh, 'db', [mesh.host(1), mesh.host(3)])).toHaveLength(2);
      mesh.host(2).engine.recover();
      await mesh.restart(2);
      await settledAt(mesh, 'db', 3);
      expect(onEngines(mesh, 'db')).toEqual(before);
    });
  });
});

describe('a rebalance', () => {
  it('spreads what came together while hosts were away, replacements first, and then has nothing to do', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        const others = [2, 3, 4, 5];
        for (const number of others)
          await mesh.run(1, { kind: 'host.set', hostId: mesh.host(number).id, cordoned: true });
        await mesh.advance(500);
        await deployed(mesh, 1, deployOf('web', 5));
        for (const number of others)
          await mesh.run(1, { kind: 'host.set', hostId: mesh.host(number).id, cordoned: false });
        await mesh.advance(30_000);
        expect(mesh.host(1).engine.containers, 'nothing moves unasked').toHaveLength(5);
        const moves = [...mesh.host(1).platform.rebalancePlan(50)];
        expect(moves.length).toBeGreaterThanOrEqual(3);
        const id = await begin(mesh, 1, { kind: 'rebalance.start', moves });
        const seen = await watching(mesh, 'web', 'the end', isOver(mesh, 1, id));
        expect(operation(mesh, 1, id), `seed ${seed}`).toMatchObject({ state: 'succeeded', unmoved: [] });
        expect(seen.leastWorking).toBe(5);
        await settledAt(mesh, 'web', 5);
        const perHost = mesh.hosts.map(({ engine }) => engine.containers.length);
        expect(Math.max(...perHost) - Math.min(...perHost)).toBeLessThanOrEqual(1);
        expect(mesh.host(2).platform.rebalancePlan(50)).toEqual([]);
      });
    }
  });
});
