import { describe, expect, it } from 'vitest';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { deployed, deployOf, MiB, onEngines, onMesh, replicasOn, seeds, settledAt } from './scenario.ts';

const three = { hosts: 3, latencyMs: 2 };
const others = (mesh: MemoryMesh, number: number) => mesh.hosts.filter((host) => host.number !== number);
const startedAt = (mesh: MemoryMesh): string[] =>
  mesh.hosts.flatMap(({ engine }) => engine.containers.map((c) => `${c.engineId} ${c.startedAt}`)).sort();

describe('an agent that starts again', () => {
  it('finds its containers, and nobody takes them for lost meanwhile', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 6));
        const before = startedAt(mesh);
        mesh.kill(2);
        await mesh.restart(2);
        await mesh.advance(5_000);
        expect(startedAt(mesh), `seed ${seed}`).toEqual(before);
      });
    }
  });
});

describe('a lost host', () => {
  it('is replaced elsewhere, and gives back what is too much when it returns', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 3));
        mesh.kill(2);
        mesh.host(2).engine.crash();
        await settledAt(mesh, 'web', 3, others(mesh, 2));
        mesh.host(2).engine.recover();
        await mesh.restart(2);
        await settledAt(mesh, 'web', 3);
        await mesh.advance(10_000);
        expect(replicasOn(mesh, 'web'), `seed ${seed}`).toHaveLength(3);
      });
    }
  });

  it('is not replaced when the app says so, nor after the other agents have started anew', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        await mesh.run(1, {
          kind: 'app.put',
          group: 'team',
          app: 'db',
          onHostLoss: { replace: 'never', afterMs: 0 },
        });
        await deployed(mesh, 1, deployOf('db', 3));
        mesh.kill(2);
        await mesh.advance(45_000);
        expect(onEngines(mesh, 'db', others(mesh, 2)), `seed ${seed}`).toHaveLength(2);
        for (const number of [1, 3]) mesh.kill(number);
        for (const number of [1, 3]) await mesh.restart(number);
        await mesh.advance(60_000);
        expect(onEngines(mesh, 'db', others(mesh, 2)), `seed ${seed}`).toHaveLength(2);
        await mesh.restart(2);
        await mesh.advance(10_000);
        expect(replicasOn(mesh, 'db')).toEqual([0, 1, 2]);
      });
    }
  });

  it('that takes the last room with it leaves replicas waiting until there is room again', async () => {
    for (const seed of seeds(2)) {
      await onMesh({ ...three, memoryBytes: 128 * MiB, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 6));
        mesh.kill(3);
        mesh.host(3).engine.crash();
        await mesh.advance(60_000);
        expect(replicasOn(mesh, 'web', others(mesh, 3))).toHaveLength(4);
        const unplaced = mesh
          .host(1)
          .platform.events()
          .filter(({ kind }) => kind === 'app.unplaced');
        expect(unplaced.length).toBeGreaterThan(0);
        // Told once for each reason, not with every try.
        expect(unplaced.length).toBeLessThanOrEqual(4);
        mesh.host(3).engine.recover();
        await mesh.restart(3);
        await settledAt(mesh, 'web', 6);
      });
    }
  });
});

describe('an agent that starts again', () => {
  it('finds its containers as it left them, and so do the others', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 6, { ports: [{ container: 80 }] }));
        const before = startedAt(mesh);
        for (const number of [1, 2, 3]) {
          mesh.kill(number);
          await mesh.advance(1_000);
          await mesh.restart(number);
          await mesh.advance(4_000);
        }
        await mesh.advance(20_000);
        expect(startedAt(mesh), `seed ${seed}`).toEqual(before);
      });
    }
  });

  it('all of them at once, too', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 6));
        const before = startedAt(mesh);
        for (const number of [1, 2, 3]) mesh.kill(number);
        await mesh.advance(5_000);
        for (const number of [1, 2, 3]) await mesh.restart(number);
        await mesh.advance(60_000);
        expect(startedAt(mesh), `seed ${seed}`).toEqual(before);
      });
    }
  });

  it('while it sees nobody starts no copies of what the others run', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ hosts: 5, latencyMs: 2, seed }, async (mesh) => {
        for (const app of ['a', 'b', 'c']) await deployed(mesh, 1, deployOf(app, 5));
        mesh.kill(2);
        mesh.partition([2], [1, 3, 4, 5]);
        await mesh.restart(2);
        await mesh.advance(25_000);
        expect(mesh.host(2).engine.containers, `seed ${seed}`).toHaveLength(3);
        mesh.heal();
        for (const app of ['a', 'b', 'c']) await settledAt(mesh, app, 5);
      });
    }
  });
});

describe('an engine', () => {
  it('that crashes and comes back starts its containers again; nobody else does', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 3));
        mesh.host(2).engine.crash();
        await mesh.advance(4_000);
        mesh.host(2).engine.recover();
        await settledAt(mesh, 'web', 3);
        await mesh.advance(5_000);
        expect(onEngines(mesh, 'web', [mesh.host(2)]), `seed ${seed}`).toHaveLength(1);
      });
    }
  });

  it('from which somebody removes a container by hand gets it again, or another host does', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 3));
        const { engine } = mesh.host(2);
        const [container] = engine.containers;
        await mesh.settle(engine.remove(container?.engineId ?? '', new AbortController().signal));
        expect(replicasOn(mesh, 'web')).toHaveLength(2);
        await settledAt(mesh, 'web', 3, mesh.hosts, 10_000);
      });
    }
  });
});

describe('a clock that is off', () => {
  for (const skewMs of [5 * 60_000, -5 * 60_000]) {
    it(`by ${skewMs / 60_000} minutes hurts nobody`, async () => {
      for (const seed of seeds(3)) {
        await onMesh({ ...three, seed }, async (mesh) => {
          mesh.host(2).skewMs = skewMs;
          await mesh.advance(2_000);
          for (const via of [1, 2, 3]) {
            await deployed(mesh, via, deployOf(`app-${via}`, 3));
            await deployed(mesh, via, deployOf(`app-${via}`, 3, { image: 'test:2' }));
          }
          mesh.kill(1);
          mesh.host(1).engine.crash();
          for (const app of ['app-1', 'app-2', 'app-3']) await settledAt(mesh, app, 3, others(mesh, 1));
          mesh.host(2).skewMs = 0;
          await deployed(mesh, 2, deployOf('app-2', 2, { image: 'test:1' }));
          await settledAt(mesh, 'app-2', 2, others(mesh, 1));
        });
      }
    });
  }

  it('too far ahead is refused in words, for nobody else would keep what it writes', async () => {
    await onMesh(three, async (mesh) => {
      mesh.host(2).skewMs = 20 * 60_000;
      const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
      const group = names.find((name) => mesh.stewardOf(`groups/${name}`) === 2) ?? '';
      const refusal = { code: 'not-replicated', message: expect.stringMatching(/clock/) };
      await expect(mesh.run(1, { kind: 'group.put', group })).rejects.toMatchObject(refusal);
    });
  });
});
