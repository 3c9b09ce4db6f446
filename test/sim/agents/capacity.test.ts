import { describe, expect, it } from 'vitest';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, MiB, onEngines, onMesh, seeds } from './scenario.ts';

/** Slots of one replica's size in the mesh: 4 hosts with room for 4 each. */
const SLOTS = 16;
const small = { hosts: 4, memoryBytes: 256 * MiB, latencyMs: 2 };

/** Begins deploys of these sizes at the same instant, each through another agent, and tells how each ended. */
async function race(mesh: MemoryMesh, sizes: readonly number[]): Promise<string[]> {
  const begun = sizes.map((size, index) => mesh.begin((index % 4) + 1, deployOf(`app-${index}`, size)));
  const results = await mesh.settle(Promise.all(begun));
  const ends: string[] = [];
  for (const { operationId = '' } of results) ends.push((await mesh.finished(1, operationId)).state);
  return ends;
}

const replicasOf = (mesh: MemoryMesh, app: number): number => onEngines(mesh, `app-${app}`).length;

describe('deploys that compete for the last memory', () => {
  it('all succeed when all fit, to the last slot', async () => {
    for (const seed of seeds(6)) {
      await onMesh({ ...small, seed }, async (mesh) => {
        expect(await race(mesh, [8, 8]), `seed ${seed}`).toEqual(['succeeded', 'succeeded']);
        expect(replicasOf(mesh, 0) + replicasOf(mesh, 1)).toBe(SLOTS);
      });
    }
  });

  it('end with one whole app and nothing of the other when only one fits', async () => {
    for (const seed of seeds(6)) {
      await onMesh({ ...small, seed }, async (mesh) => {
        expect((await race(mesh, [10, 10])).sort(), `seed ${seed}`).toEqual(['failed', 'succeeded']);
        await mesh.advance(12_000);
        expect([replicasOf(mesh, 0), replicasOf(mesh, 1)].sort()).toEqual([0, 10]);
        expect(mesh.host(1).platform.apps('team')).toHaveLength(1);
        await deployed(mesh, 2, deployOf('rest', SLOTS - 10));
      });
    }
  });

  it('fill the mesh as far as whole apps fit', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...small, seed }, async (mesh) => {
        const ends = await race(mesh, [4, 4, 4, 4, 4, 4]);
        await mesh.advance(12_000);
        const sizes = ends.map((_, app) => replicasOf(mesh, app));
        expect(sizes.sort(), `seed ${seed}`).toEqual([0, 0, 4, 4, 4, 4]);
        expect(ends.filter((end) => end === 'succeeded')).toHaveLength(4);
      });
    }
  });

  it('get different host ports, and as many replicas as hosts can publish one port', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...small, seed }, async (mesh) => {
        const automatic = [{ container: 80 }];
        await deployed(mesh, 1, deployOf('auto', 8, { ports: automatic, memoryBytes: 16 * MiB }));
        const fixed = { ports: [{ container: 80, host: 8_080 }], memoryBytes: 16 * MiB };
        await deployed(mesh, 2, deployOf('fixed', 4, fixed));
        const operation = await mesh.finished(3, await begin(mesh, 3, deployOf('more', 1, fixed)));
        expect(operation).toMatchObject({ state: 'failed', problem: { code: 'unplaceable' } });
        expect(operation.problem?.detail).toMatch(/8080/);
      });
    }
  });
});
