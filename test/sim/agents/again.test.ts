import { describe, expect, it } from 'vitest';
import { begin, deployOf, onMesh, seeds } from './scenario.ts';

/** A replica that is awarded and not yet reported counts as there for 12 s. */
const SOON_MS = 5_000;

describe('a deploy after one that failed', () => {
  it('of the same name is not held up by what the first one was awarded', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ hosts: 3, latencyMs: 200, seed }, async (mesh) => {
        const fails = deployOf('web', 1, { restart: 'never', command: ['sh', '-c', 'exit 4'] });
        for (let attempt = 1; attempt <= 3; attempt++) {
          const startMs = mesh.clock.nowMs();
          const operation = await mesh.finished(1, await begin(mesh, 1, fails));
          expect(operation, `seed ${seed}`).toMatchObject({ problem: { code: 'container-exited' } });
          expect(mesh.clock.nowMs() - startMs, `seed ${seed}, attempt ${attempt}`).toBeLessThan(SOON_MS);
        }
      });
    }
  });
});
