import { describe, expect, it } from 'vitest';
import type { Move } from '../../../protocol/schemas/operation.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, MiB, onEngines, onMesh, replicasOn, seeds, settledAt } from './scenario.ts';

const five = { hosts: 5, latencyMs: 2 };
const inDefault = { group: 'team', app: 'web', cluster: 'default' } as const;

const drain = (mesh: MemoryMesh, via: number, number: number) => {
  const { id: hostId } = mesh.host(number);
  const moves = mesh
    .host(via)
    .platform.containers({ host: hostId })
    .map(
      (c): Move => ({ containerId: c.id, group: c.group, app: c.app, cluster: c.cluster, replica: c.replica, hostId }),
    );
  return begin(mesh, via, { kind: 'host.drain', hostId, moves });
};
const stateOf = (mesh: MemoryMesh, via: number, id: string) =>
  mesh.host(via).platform.operation(id)?.state ?? 'running';
const over = (mesh: MemoryMesh, via: number, ids: readonly string[], deadlineMs = 240_000) =>
  mesh.until('the end of all operations', () => ids.every((id) => stateOf(mesh, via, id) !== 'running'), deadlineMs);
/** Every replica once, all of one version, and nothing changes any more. */
async function calm(mesh: MemoryMesh, count: number): Promise<void> {
  await settledAt(mesh, 'web', count);
  await mesh.advance(20_000);
  expect(replicasOn(mesh, 'web')).toHaveLength(count);
  expect(new Set(onEngines(mesh, 'web').map((line) => line.split(' ')[1])).size).toBe(1);
}

describe('a drain', () => {
  it('waits for an engine that went away, and goes on when it is back', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 10));
        const id = await drain(mesh, 1, 3);
        await mesh.advance(300 * seed);
        mesh.host(3).engine.crash();
        await mesh.advance(20_000);
        mesh.host(3).engine.recover();
        await over(mesh, 1, [id]);
        expect(stateOf(mesh, 1, id), `seed ${seed}`).toBe('succeeded');
        expect(mesh.host(3).engine.containers).toEqual([]);
        await calm(mesh, 10);
      });
    }
  });

  it('finds another place when the host that took a container is lost', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 5));
        const id = await drain(mesh, 1, 3);
        await mesh.until('a replacement', () =>
          mesh.hosts.some(({ engine, number }) => number !== 3 && engine.containers.length > 1),
        );
        const target =
          mesh.hosts.find(({ engine, number }) => number !== 3 && engine.containers.length > 1)?.number ?? 5;
        mesh.kill(target);
        mesh.host(target).engine.crash();
        const via = mesh.running[0]?.number ?? 1;
        await over(mesh, via, [id]);
        await settledAt(mesh, 'web', 5, mesh.running);
        mesh.host(target).engine.recover();
        await mesh.restart(target);
        await calm(mesh, 5);
      });
    }
  });

  it('in a partition is over on both sides after the heal, and nothing is doubled', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 10));
        const id = await drain(mesh, 1, 2);
        await mesh.advance(500 * seed);
        mesh.partition([1, 2], [3, 4, 5]);
        await mesh.advance(45_000);
        mesh.heal();
        for (const via of [1, 4]) await over(mesh, via, [id]);
        expect(stateOf(mesh, 4, id)).toBe(stateOf(mesh, 1, id));
        await calm(mesh, 10);
        expect(mesh.host(2).engine.containers, `seed ${seed}`).toEqual([]);
      });
    }
  });
});

describe('several operators at once, on different nodes', () => {
  it('upgrade, drain, scale and roll back: every operation ends, and the mesh comes to rest in one state', async () => {
    for (const seed of seeds(6)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 6));
        await deployed(mesh, 1, { ...deployOf('web', 6, { image: 'test:2' }), rollout: { batch: 3 } });
        const asked = [
          mesh.begin(1, { ...deployOf('web', 6, { memoryBytes: 65 * MiB }), ifRunning: 'supersede' }),
          mesh.begin(2, { kind: 'app.rollback', ...inDefault }),
          mesh.begin(3, { kind: 'app.scale', ...inDefault, replicas: 8 }),
          mesh.begin(5, { ...deployOf('web', 6, { memoryBytes: 66 * MiB }), ifRunning: 'refuse' }),
        ];
        const answers = await mesh.settle(Promise.allSettled(asked));
        const ids = answers.flatMap((answer) =>
          answer.status === 'fulfilled' ? (answer.value.operationId ?? []) : [],
        );
        const draining = await drain(mesh, 4, (seed % 5) + 1);
        const via = seed % 5 === 1 ? 1 : 2;
        await over(mesh, via, [...new Set([...ids, draining])]);
        const app = mesh.host(via).platform.app('team', 'web')?.item;
        const wanted = app?.deployments[0];
        expect(wanted?.rollout, `seed ${seed}`).toBeUndefined();
        await calm(mesh, wanted?.replicas ?? 0);
        expect(onEngines(mesh, 'web')[0]).toMatch(new RegExp(`v${wanted?.version}$`));
        expect(stateOf(mesh, via, draining)).toBe('succeeded');
      });
    }
  });
});

describe('the timeline', () => {
  it('is the same on every host after a heal, with what happened on both sides, in one order', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        mesh.partition([1, 2], [3, 4, 5]);
        await mesh.advance(8_000);
        await mesh.run(1, { kind: 'group.put', group: 'left' });
        await mesh.run(4, { kind: 'group.put', group: 'right' });
        await mesh.advance(2_000);
        mesh.heal();
        const lists = () =>
          mesh.hosts.map(({ platform }) =>
            platform
              .events()
              .map(({ id }) => id)
              .join(),
          );
        await mesh.until('one timeline', () => new Set(lists()).size === 1 && lists()[0] !== '');
        const kinds = mesh
          .host(3)
          .platform.events({ kind: 'group.set' })
          .map(({ group }) => group);
        expect(
          kinds.filter((group) => group !== 'team'),
          `seed ${seed}`,
        ).toEqual(['left', 'right']);
      });
    }
  });
});
