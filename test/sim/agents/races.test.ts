import { describe, expect, it } from 'vitest';
import type { Command } from '../../../protocol/schemas/commands.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, onEngines, onMesh, scaleOf, seeds, settledAt } from './scenario.ts';

const five = { hosts: 5, latencyMs: 3 };
const removal: Command = { kind: 'app.delete', group: 'team', app: 'web' };
const noneRunning = (mesh: MemoryMesh): boolean =>
  mesh
    .host(1)
    .platform.operations()
    .every(({ state }) => state !== 'running');

describe('commands that race', () => {
  it('scales up and down through different agents end at the size that is written', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 3));
        const sizes = [6, 1, 4, 2, 5];
        await mesh.settle(Promise.all(sizes.map((size, index) => mesh.begin(index + 1, scaleOf('web', size)))));
        await mesh.until('the end of all operations', () => noneRunning(mesh));
        const wanted = mesh.host(1).platform.app('team', 'web')?.item.deployments[0]?.replicas ?? 0;
        expect(sizes, `seed ${seed}`).toContain(wanted);
        await settledAt(mesh, 'web', wanted, mesh.hosts, 5_000);
        await mesh.advance(5_000);
        expect(onEngines(mesh, 'web')).toHaveLength(wanted);
      });
    }
  });

  it('a delete during a deploy wins, whenever it comes', async () => {
    for (const seed of seeds(6)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        const deploy = await begin(mesh, 1, deployOf('web', 5));
        await mesh.advance((seed - 1) * 40);
        const operationId = await begin(mesh, 2, removal);
        expect(await mesh.finished(3, operationId), `seed ${seed}`).toMatchObject({ state: 'succeeded' });
        const { state } = await mesh.finished(3, deploy);
        expect(['failed', 'succeeded']).toContain(state);
        await mesh.advance(12_000);
        expect(onEngines(mesh, 'web')).toEqual([]);
        expect(mesh.host(4).platform.apps('team')).toEqual([]);
      });
    }
  });

  it('an undeploy takes the app out of its cluster and leaves the app', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 4));
      await deployed(mesh, 2, { kind: 'app.undeploy', group: 'team', app: 'web', cluster: 'default' });
      expect(onEngines(mesh, 'web')).toEqual([]);
      expect(mesh.host(3).platform.app('team', 'web')?.item.deployments).toEqual([]);
      await deployed(mesh, 3, { kind: 'app.deploy', group: 'team', app: 'web', cluster: 'default', replicas: 2 });
      await settledAt(mesh, 'web', 2);
    });
  });

  it('the same deploy ten times at once is one operation', async () => {
    await onMesh(five, async (mesh) => {
      const again = Array.from({ length: 10 }, (_, index) => mesh.begin((index % 5) + 1, deployOf('web', 3)));
      const ids = new Set((await mesh.settle(Promise.all(again))).map(({ operationId }) => operationId));
      expect(ids.size).toBe(1);
      expect(await mesh.finished(1, [...ids][0] ?? '')).toMatchObject({ state: 'succeeded' });
    });
  });

  it('If-Match lets one of two changes through', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 2));
      const ifMatch = mesh.host(1).platform.app('team', 'web')?.revision ?? '';
      const both = [2, 3].map((size) => mesh.begin(size, scaleOf('web', size + 1), { ifMatch }));
      const results = await mesh.settle(Promise.allSettled(both));
      const refused = results.filter(({ status }) => status === 'rejected');
      expect(refused).toMatchObject([{ reason: { code: 'precondition-failed' } }]);
    });
  });
});

describe('an app made again under the name of a deleted one', () => {
  it('has nothing to do with it: a host that was away does not bring the old one back', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 5));
        const { uid } = mesh.host(1).platform.app('team', 'web')?.item ?? {};
        mesh.kill(5);
        await mesh.advance(10_000);
        const operationId = await begin(mesh, 1, removal);
        expect(await mesh.finished(1, operationId)).toMatchObject({ state: 'succeeded' });
        await deployed(mesh, 2, deployOf('web', 2, { image: 'test:2' }));
        expect(mesh.host(1).platform.app('team', 'web')?.item.uid).not.toBe(uid);
        expect(onEngines(mesh, 'web', [mesh.host(5)])).toHaveLength(1);
        await mesh.restart(5);
        await settledAt(mesh, 'web', 2);
        await mesh.advance(5_000);
        const images = mesh.hosts.flatMap(({ engine }) => engine.containers.map(({ image }) => image));
        expect(images, `seed ${seed}`).toEqual(['test:2', 'test:2']);
      });
    }
  });
});
