import { describe, expect, it } from 'vitest';
import type { VersionSpec } from '../../../protocol/schemas/version.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, onEngines, onMesh, seeds, settledAt } from './scenario.ts';

const three = { hosts: 3, latencyMs: 2, registry: ['slow:1'] };

const faults: Record<string, { readonly change: Partial<VersionSpec>; readonly code: string; readonly says: RegExp }> =
  {
    'an image that nobody has': { change: { image: 'nobody/has:1' }, code: 'image-not-found', says: /nobody\/has:1/ },
    'a command that exits at once': {
      change: { command: ['sh', '-c', 'echo no such file; exit 3'] },
      code: 'container-exited',
      says: /exited with code 3.*no such file/s,
    },
    'a health check that never passes': {
      change: { health: { command: ['false'], intervalMs: 500, retries: 2 } },
      code: 'container-unhealthy',
      says: /unhealthy|health/,
    },
  };

/** Containers, claims and reservations that are left in the mesh. */
const left = (mesh: MemoryMesh): number =>
  mesh
    .host(1)
    .platform.hosts()
    .reduce((sum, { capacity }) => sum + capacity.promisedBytes + capacity.heldBytes, 0);

describe('a deploy that can not work', () => {
  for (const [what, { change, code, says }] of Object.entries(faults)) {
    it(`${what}: fails with the reason and leaves nothing`, async () => {
      for (const seed of seeds(2)) {
        await onMesh({ ...three, seed }, async (mesh) => {
          const operation = await mesh.finished(1, await begin(mesh, 1, deployOf('web', 2, change)));
          expect(operation, `seed ${seed}`).toMatchObject({ state: 'failed', problem: { code } });
          expect(operation.problem?.detail).toMatch(says);
          await mesh.until('nothing left', () => left(mesh) === 0, 15_000);
          expect(mesh.host(2).platform.app('team', 'web')).toBeUndefined();
          expect(mesh.host(2).platform.versions('team', 'web')).toEqual([]);
        });
      }
    });

    it(`${what}: leaves the version before as it was`, async () => {
      await onMesh(three, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 3));
        const before = onEngines(mesh, 'web');
        const operation = await mesh.finished(2, await begin(mesh, 2, deployOf('web', 3, change)));
        expect(operation).toMatchObject({ state: 'failed', problem: { code } });
        await mesh.advance(15_000);
        expect(onEngines(mesh, 'web')).toEqual(before);
        const app = mesh.host(3).platform.app('team', 'web')?.item;
        expect(app?.deployments).toMatchObject([{ version: 1, replicas: 3 }]);
      });
    });
  }
});

describe('a change of mind', () => {
  const slow = { image: 'slow:1' };

  it('a cancelled first deploy leaves nothing', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        const operationId = await begin(mesh, 1, deployOf('web', 3, slow));
        await mesh.advance(100 * (seed % 12));
        await mesh.run(2, { kind: 'operation.cancel', group: 'team', app: 'web', operationId: operationId as never });
        expect(await mesh.finished(3, operationId)).toMatchObject({
          state: 'cancelled',
          problem: { code: 'cancelled' },
        });
        await mesh.until('nothing left', () => left(mesh) === 0, 15_000);
        expect(mesh.host(1).platform.apps('team')).toEqual([]);
      });
    }
  });

  it('a cancelled update goes back to what was before', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 3));
        const operationId = await begin(mesh, 1, deployOf('web', 2, slow));
        await mesh.advance(100 * (seed % 12));
        await mesh.run(2, { kind: 'operation.cancel', group: 'team', app: 'web', operationId: operationId as never });
        expect(await mesh.finished(3, operationId)).toMatchObject({ state: 'cancelled' });
        await settledAt(mesh, 'web', 3);
        await mesh.advance(5_000);
        expect(onEngines(mesh, 'web').every((line) => line.endsWith('v1'))).toBe(true);
      });
    }
  });

  it('a newer deploy takes the place of one that is under way', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        const first = await begin(mesh, 1, deployOf('web', 3, slow));
        await mesh.advance(100 * (seed % 12));
        const second = await begin(mesh, 2, deployOf('web', 2));
        expect(await mesh.finished(3, second), `seed ${seed}`).toMatchObject({ state: 'succeeded' });
        expect(await mesh.finished(3, first)).toMatchObject({ state: 'failed', problem: { code: 'superseded' } });
        await settledAt(mesh, 'web', 2);
        await mesh.advance(5_000);
        expect(onEngines(mesh, 'web').every((line) => line.endsWith('v2'))).toBe(true);
      });
    }
  });
});
