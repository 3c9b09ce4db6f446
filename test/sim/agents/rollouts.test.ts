import { describe, expect, it } from 'vitest';
import type { CommandOf, RolloutAction } from '../../../protocol/schemas/commands.ts';
import type { AppOperation } from '../../../protocol/schemas/operation.ts';
import type { VersionSpec } from '../../../protocol/schemas/version.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, MiB, onEngines, onMesh, seeds, settledAt } from './scenario.ts';
import { watching } from './watch-app.ts';

const five = { hosts: 5, latencyMs: 2 };
const key = 'apps/team/web';

const upgradeOf = (
  replicas: number,
  manner: Partial<CommandOf<'app.deploy'>> = {},
  change: Partial<VersionSpec> = {},
) => ({ ...deployOf('web', replicas, { image: 'test:2', ...change }), ...manner });

const act = (mesh: MemoryMesh, via: number, action: RolloutAction) =>
  mesh.run(via, { kind: 'app.rollout', group: 'team', app: 'web', cluster: 'default', action });

const operation = (mesh: MemoryMesh, via: number, id: string) => mesh.host(via).platform.operation(id) as AppOperation;
const known = (mesh: MemoryMesh, via: number, id: string) =>
  mesh.host(via).platform.operation(id) as AppOperation | undefined;
const phase = (mesh: MemoryMesh, via: number, id: string) => known(mesh, via, id)?.rollout?.phase;
/** A member that has not heard of it yet says nothing of its end. */
const isOver = (mesh: MemoryMesh, via: number, id: string) => () =>
  (known(mesh, via, id)?.state ?? 'running') !== 'running';
const versions = (mesh: MemoryMesh) => onEngines(mesh, 'web').map((line) => line.split(' ')[1]);
const all = (count: number, version: string) => Array(count).fill(version);

describe('a rollout', () => {
  it('goes in batches, and neither misses a replica nor has more than a batch in excess', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 10));
        const id = await begin(mesh, 2, upgradeOf(10, { rollout: { batch: 2 } }));
        const seen = await watching(mesh, 'web', 'the end of the rollout', isOver(mesh, 3, id));
        expect(operation(mesh, 3, id), `seed ${seed}`).toMatchObject({ kind: 'upgrade', state: 'succeeded' });
        expect(seen).toEqual({ leastWorking: 10, mostExisting: 12 });
        await settledAt(mesh, 'web', 10);
        expect(versions(mesh)).toEqual(all(10, 'v2'));
        expect(mesh.host(4).platform.app('team', 'web')?.item.deployments[0]).toMatchObject({
          version: 2,
          reached: [1, 2],
        });
      });
    }
  });

  it('leaves the replicas spread as they were', async () => {
    for (const seed of seeds(10)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 5));
        const id = await begin(mesh, 2, upgradeOf(5));
        await mesh.until('the end of the rollout', isOver(mesh, 3, id));
        await settledAt(mesh, 'web', 5);
        const hosts = onEngines(mesh, 'web').map((line) => line.replace(/^.*@/, '').split(' ')[0]);
        expect(new Set(hosts).size, `seed ${seed}`).toBe(5);
      });
    }
  });

  it('stops first where nothing may run in excess, and misses no more than it may', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 6));
      const id = await begin(mesh, 1, upgradeOf(6, { rollout: { maxSurge: 0, maxUnavailable: 2, batch: 2 } }));
      const seen = await watching(mesh, 'web', 'the end', isOver(mesh, 1, id));
      expect(operation(mesh, 1, id).state).toBe('succeeded');
      expect(seen.leastWorking).toBe(4);
      expect(seen.mostExisting).toBeLessThanOrEqual(6);
    });
  });

  it('stops first where a fixed port leaves no other way, and says so', async () => {
    await onMesh({ ...five, hosts: 3 }, async (mesh) => {
      const ports = [{ container: 80, host: 8_080 }];
      await deployed(mesh, 1, deployOf('web', 3, { ports }));
      const id = await begin(mesh, 1, upgradeOf(3, {}, { ports }));
      await mesh.until('stop first', () => operation(mesh, 1, id).rollout?.stopFirst !== undefined);
      expect(operation(mesh, 1, id).rollout?.stopFirst).toMatch(/8080/);
      const seen = await watching(mesh, 'web', 'the end', isOver(mesh, 1, id));
      expect(operation(mesh, 1, id).state).toBe('succeeded');
      expect(seen.leastWorking).toBe(2);
    });
  });

  it('goes back when that is not allowed to miss a replica', async () => {
    await onMesh({ ...five, hosts: 3 }, async (mesh) => {
      const ports = [{ container: 80, host: 8_080 }];
      await deployed(mesh, 1, deployOf('web', 3, { ports }));
      const before = onEngines(mesh, 'web');
      const id = await begin(mesh, 1, upgradeOf(3, { rollout: { maxUnavailable: 0 } }, { ports }));
      const seen = await watching(mesh, 'web', 'the end', isOver(mesh, 1, id));
      expect(operation(mesh, 1, id)).toMatchObject({ state: 'failed', problem: { code: 'unplaceable' } });
      expect(seen.leastWorking).toBe(3);
      expect(onEngines(mesh, 'web')).toEqual(before);
    });
  });

  it('grows an app in its turn', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 3));
      const id = await begin(mesh, 1, upgradeOf(6, { rollout: { batch: 1 } }));
      const seen = await watching(mesh, 'web', 'the end', isOver(mesh, 1, id));
      expect(seen.leastWorking).toBe(3);
      await settledAt(mesh, 'web', 6);
      expect(versions(mesh)).toEqual(all(6, 'v2'));
    });
  });
});

describe('canaries', () => {
  it('wait for a word, heal in the version that they had, and go on', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 4));
      const id = await begin(mesh, 1, upgradeOf(4, { canary: { replicas: [2] } }));
      await mesh.until('canaries', () => phase(mesh, 2, id) === 'holding');
      await mesh.advance(60_000);
      expect(versions(mesh).sort()).toEqual(['v1', 'v1', 'v1', 'v2']);
      expect(onEngines(mesh, 'web').find((line) => line.endsWith('v2'))).toMatch(/^2@/);

      const [gone] = mesh
        .host(1)
        .platform.containers({ app: 'web' })
        .filter(({ version }) => version === 1);
      await mesh.run(1, {
        kind: 'container.power',
        group: 'team',
        app: 'web',
        containerId: gone?.id as never,
        action: 'remove',
      });
      await mesh.advance(10_000);
      expect(versions(mesh).sort()).toEqual(['v1', 'v1', 'v1', 'v2']);

      await act(mesh, 3, 'continue');
      expect(await mesh.finished(1, id)).toMatchObject({ state: 'succeeded' });
      expect(versions(mesh)).toEqual(all(4, 'v2'));
    });
  });

  it('are refused where nothing else runs', async () => {
    await onMesh(five, async (mesh) => {
      await expect(mesh.run(1, { ...deployOf('web', 2), canary: { count: 1 } })).rejects.toMatchObject({
        code: 'conflict',
      });
      expect(mesh.host(1).platform.app('team', 'web')).toBeUndefined();
    });
  });
});

describe('a version that does not work', () => {
  const faults: Record<string, { readonly change: Partial<VersionSpec>; readonly code: string }> = {
    'exits at once': { change: { command: ['sh', '-c', 'exit 3'] }, code: 'container-exited' },
    'never gets healthy': {
      change: { health: { command: ['false'], intervalMs: 500, retries: 2 } },
      code: 'container-unhealthy',
    },
    'works for a moment': { change: { command: ['sh', '-c', 'sleep 2; exit 1'] }, code: 'container-exited' },
    'has an image that nobody has': { change: { image: 'nobody/has:1' }, code: 'image-not-found' },
    'needs more memory than there is': { change: { memoryBytes: 2_000 * MiB }, code: 'unplaceable' },
  };
  for (const [what, { change, code }] of Object.entries(faults)) {
    it(`${what}: goes back without missing a replica, and says why`, async () => {
      for (const seed of seeds(2)) {
        await onMesh({ ...five, seed }, async (mesh) => {
          await deployed(mesh, 1, deployOf('web', 6));
          const before = onEngines(mesh, 'web');
          const id = await begin(mesh, 1, upgradeOf(6, { rollout: { minHealthyMs: 20_000 } }, change));
          const seen = await watching(mesh, 'web', 'the end', isOver(mesh, 1, id), 400_000);
          expect(operation(mesh, 1, id), `seed ${seed}`).toMatchObject({ state: 'failed', problem: { code } });
          expect(operation(mesh, 1, id).problem?.detail).toMatch(/Rolled back to version 1/);
          expect(seen.leastWorking).toBe(6);
          await mesh.advance(15_000);
          expect(onEngines(mesh, 'web')).toEqual(before);
          expect(mesh.host(2).platform.versions('team', 'web')).toHaveLength(2);
        });
      }
    });
  }

  it('pauses where the app says so, and goes back on demand', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 4));
      const change = { command: ['sh', '-c', 'exit 3'] };
      const id = await begin(mesh, 1, upgradeOf(4, { rollout: { onFailure: 'pause' } }, change));
      await mesh.until('pause', () => phase(mesh, 2, id) === 'paused');
      expect(operation(mesh, 2, id).rollout?.paused).toMatchObject({ by: 'failure' });
      await mesh.advance(120_000);
      expect(versions(mesh)).toEqual(all(4, 'v1'));
      await act(mesh, 2, 'abort');
      expect(await mesh.finished(1, id)).toMatchObject({ state: 'cancelled' });
      expect(versions(mesh)).toEqual(all(4, 'v1'));
    });
  });

  it('does not come to work in time: goes back', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 4));
      const change = { health: { command: ['false'], intervalMs: 60_000, retries: 50 } };
      const id = await begin(mesh, 1, upgradeOf(4, { rollout: { healthyDeadlineMs: 20_000 } }, change));
      expect(await mesh.finished(1, id)).toMatchObject({ state: 'failed', problem: { code: 'timeout' } });
      await settledAt(mesh, 'web', 4);
      expect(versions(mesh)).toEqual(all(4, 'v1'));
    });
  });
});

describe('people in a rollout', () => {
  it('pause and resume it', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 6));
      const id = await begin(mesh, 1, upgradeOf(6, { rollout: { batch: 1 } }));
      await mesh.until('the first', () => versions(mesh).includes('v2'));
      await act(mesh, 2, 'pause');
      await mesh.advance(20_000);
      const meanwhile = versions(mesh).filter((version) => version === 'v2').length;
      expect(meanwhile).toBeLessThan(3);
      await mesh.advance(60_000);
      expect(versions(mesh).filter((version) => version === 'v2')).toHaveLength(meanwhile);
      await act(mesh, 3, 'resume');
      expect(await mesh.finished(1, id)).toMatchObject({ state: 'succeeded' });
    });
  });

  it('roll back to what ran before, and to any version', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 4));
      for (const memoryBytes of [65 * MiB, 66 * MiB]) await deployed(mesh, 1, upgradeOf(4, {}, { memoryBytes }));
      const back = { kind: 'app.rollback', group: 'team', app: 'web', cluster: 'default' } as const;
      await deployed(mesh, 2, back);
      expect(versions(mesh)).toEqual(all(4, 'v2'));
      await deployed(mesh, 2, { ...back, to: 1 });
      expect(versions(mesh)).toEqual(all(4, 'v1'));
      await expect(mesh.run(1, { ...back, to: 9 })).rejects.toMatchObject({ code: 'not-found' });
    });
  });

  it('are refused or take over, as they ask, when another one is under way', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 4));
      const first = await begin(mesh, 1, upgradeOf(4, { canary: { count: 1 } }));
      const other = upgradeOf(4, { ifRunning: 'refuse' }, { memoryBytes: 65 * MiB });
      await expect(mesh.run(2, other)).rejects.toMatchObject({ code: 'in-progress' });
      const second = await begin(mesh, 2, { ...other, ifRunning: 'supersede' });
      await mesh.until('superseded', isOver(mesh, 2, first));
      expect(operation(mesh, 2, first)).toMatchObject({ state: 'failed', problem: { code: 'superseded' } });
      const seen = await watching(mesh, 'web', 'the end', isOver(mesh, 1, second));
      expect(seen.leastWorking).toBe(4);
      expect(versions(mesh)).toEqual(all(4, 'v3'));
    });
  });

  it('switch from blue to green when they say so', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 5));
      const id = await begin(mesh, 1, upgradeOf(5, { rollout: { strategy: 'blue-green' }, hold: true }));
      await mesh.until('green', () => phase(mesh, 2, id) === 'holding');
      await mesh.advance(30_000);
      expect(versions(mesh).sort()).toEqual([...all(5, 'v1'), ...all(5, 'v2')]);
      await act(mesh, 2, 'continue');
      expect(await mesh.finished(1, id)).toMatchObject({ state: 'succeeded' });
      await settledAt(mesh, 'web', 5);
      expect(versions(mesh)).toEqual(all(5, 'v2'));
    });
  });

  it('scale while it goes on', async () => {
    await onMesh(five, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 4));
      const id = await begin(mesh, 1, upgradeOf(4, { rollout: { batch: 1 } }));
      await mesh.advance(3_000);
      await mesh.run(2, { kind: 'app.scale', group: 'team', app: 'web', cluster: 'default', replicas: 7 });
      expect(await mesh.finished(1, id)).toMatchObject({ state: 'succeeded' });
      await settledAt(mesh, 'web', 7);
      expect(versions(mesh)).toEqual(all(7, 'v2'));
    });
  });
});

describe('when hosts die in a rollout', () => {
  it('the heir of its steward finishes it, whenever that dies', async () => {
    for (const seed of seeds(10)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 5));
        const steward = mesh.stewardOf(key);
        const via = (steward % 5) + 1;
        const id = await begin(mesh, via, upgradeOf(5, { rollout: { batch: 2 } }));
        await mesh.advance(700 * seed);
        mesh.kill(steward);
        const isLost = seed % 2 === 0;
        if (isLost) mesh.host(steward).engine.crash();
        expect(await mesh.finished(via, id, 120_000), `seed ${seed}`).toMatchObject({ state: 'succeeded' });
        await mesh.restart(steward);
        if (isLost) mesh.host(steward).engine.recover();
        await settledAt(mesh, 'web', 5);
        await mesh.advance(15_000);
        expect(versions(mesh), `seed ${seed}`).toEqual(all(5, 'v2'));
      });
    }
  });

  it('the heir of its steward takes a bad version back, whenever that dies', async () => {
    for (const seed of seeds(8)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 5));
        const steward = mesh.stewardOf(key);
        const via = (steward % 5) + 1;
        const id = await begin(mesh, via, upgradeOf(5, {}, { command: ['sh', '-c', 'sleep 6; exit 1'] }));
        await mesh.advance(1_500 * seed);
        mesh.kill(steward);
        expect(await mesh.finished(via, id, 120_000), `seed ${seed}`).toMatchObject({ state: 'failed' });
        await mesh.restart(steward);
        await settledAt(mesh, 'web', 5);
        await mesh.advance(15_000);
        expect(versions(mesh), `seed ${seed}`).toEqual(all(5, 'v1'));
      });
    }
  });

  it('it never takes away more than it may, also while others are lost', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 10));
        const id = await begin(mesh, 1, upgradeOf(10));
        await mesh.advance(1_000 * seed);
        const victim = (mesh.stewardOf(key) % 5) + 1;
        const onVictim = mesh.host(victim).engine.containers.length;
        mesh.kill(victim);
        mesh.host(victim).engine.crash();
        const via = mesh.running[0]?.number ?? 1;
        const seen = await watching(mesh, 'web', 'the end', isOver(mesh, via, id));
        expect(seen.leastWorking, `seed ${seed}`).toBeGreaterThanOrEqual(10 - onVictim);
        await settledAt(mesh, 'web', 10, mesh.running);
      });
    }
  });

  it('a partition ends in one version without duplicates', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...five, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 6));
        const id = await begin(mesh, 1, upgradeOf(6, { rollout: { batch: 1 } }));
        await mesh.advance(2_000 * seed);
        mesh.partition([1, 2], [3, 4, 5]);
        await mesh.advance(40_000);
        mesh.heal();
        await mesh.until('the end', isOver(mesh, 1, id), 180_000);
        await settledAt(mesh, 'web', 6);
        await mesh.advance(20_000);
        expect(versions(mesh), `seed ${seed}`).toEqual(all(6, 'v2'));
      });
    }
  });
});
