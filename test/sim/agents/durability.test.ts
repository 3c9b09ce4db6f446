import { describe, expect, it } from 'vitest';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployOf, onMesh, seeds, settledAt } from './scenario.ts';

/** The agent that took the request, or the one that decided it. */
const victims = {
  'the agent that took the request': (_mesh: MemoryMesh, via: number) => via,
  'the steward': (mesh: MemoryMesh) => mesh.stewardOf('apps/team/web'),
};

/** Without its content no container runs. */
const files = [{ path: '/etc/app.conf', content: 'port = 80' }];

describe('an accepted deploy survives the loss of any one agent right after the answer', () => {
  for (const hosts of [2, 3, 5]) {
    for (const [who, victimOf] of Object.entries(victims)) {
      it(`${hosts} hosts, ${who} dies`, async () => {
        for (const seed of seeds(4)) {
          await onMesh({ hosts, seed, latencyMs: 2 }, async (mesh) => {
            const via = (seed % hosts) + 1;
            const operationId = await begin(mesh, via, deployOf('web', hosts, { files }));
            const victim = victimOf(mesh, via);
            mesh.kill(victim);
            // Its engine ends too: what it was awarded has to run elsewhere.
            mesh.host(victim).engine.crash();

            const [survivor] = mesh.running;
            const { platform } = survivor ?? mesh.host(1);
            await mesh.until('the app, its version and the operation', () => {
              const [version] = platform.versions('team', 'web');
              const isThere = platform.app('team', 'web') !== undefined && version !== undefined;
              return isThere && platform.operation(operationId) !== undefined;
            });
            const operation = await mesh.finished(survivor?.number ?? 1, operationId, 90_000);
            expect(operation, `seed ${seed}`).toMatchObject({ state: 'succeeded' });
            await settledAt(mesh, 'web', hosts, mesh.running);
          });
        }
      });
    }
  }

  it('and is answered again to the same key, through whomever', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ hosts: 3, seed, latencyMs: 2 }, async (mesh) => {
        const idempotencyKey = 'one-and-the-same';
        const first = await mesh.run(1, deployOf('web', 2), { idempotencyKey });
        mesh.kill(mesh.stewardOf('apps/team/web'));
        for (const { number } of mesh.running) {
          const again = await mesh.run(number, deployOf('web', 2), { idempotencyKey });
          expect(again, `seed ${seed}, h${number}`).toMatchObject({ operationId: first.operationId, replayed: true });
        }
      });
    }
  });

  it('also when what was looked up for the request has changed since, but not to another request', async () => {
    await onMesh({ hosts: 2, seed: 1, latencyMs: 2 }, async (mesh) => {
      const standing = (digit: string) => ({ resolvedImage: `team/web@sha256:${digit.repeat(64)}` });
      const context = { idempotencyKey: 'one-and-the-same', asked: { image: 'team/web' } };
      const first = await mesh.run(1, { ...deployOf('web', 2), ...standing('1') }, context);
      const again = await mesh.run(2, { ...deployOf('web', 2), ...standing('2') }, context);
      expect(again).toMatchObject({ operationId: first.operationId, replayed: true });
      const other = mesh.run(
        2,
        { ...deployOf('web', 2), ...standing('1') },
        { ...context, asked: { image: 'team/api' } },
      );
      await expect(other).rejects.toMatchObject({ code: 'idempotency-mismatch' });
    });
  });
});
