import { describe, expect, it } from 'vitest';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, onEngines, onMesh, seeds, settledAt } from './scenario.ts';

const three = { hosts: 3, latencyMs: 2 };
const checked = { health: { http: { port: 8_080, path: '/ok' }, intervalMs: 500, retries: 2 } };
const all = (mesh: MemoryMesh, app: string) => mesh.host(1).platform.containers({ app });
const areReady = (mesh: MemoryMesh, app: string) => () => all(mesh, app).every(({ ready }) => ready);

describe('a health check that agents make', () => {
  it('opens the gate of a deploy, and closes it for good when nothing answers', async () => {
    await onMesh(three, async (mesh) => {
      mesh.prober.set(8_080, true);
      await deployed(mesh, 1, deployOf('good', 3, checked));
      expect(all(mesh, 'good').every(({ health }) => health === 'healthy')).toBe(true);

      const bad = { health: { tcp: { port: 9_090 }, intervalMs: 500, retries: 2 } };
      const operation = await mesh.finished(1, await begin(mesh, 1, deployOf('bad', 2, bad)));
      expect(operation).toMatchObject({ state: 'failed', problem: { code: 'container-unhealthy' } });
      expect(operation.problem?.detail).toMatch(/9090 does not answer/);
      await mesh.advance(5_000);
      expect(onEngines(mesh, 'bad')).toEqual([]);
    });
  });

  it('restarts what got unhealthy, and what keeps failing is made anew, without a hot loop', async () => {
    for (const seed of seeds(2)) {
      await onMesh({ ...three, seed }, async (mesh) => {
        mesh.prober.set(8_080, true);
        await deployed(mesh, 1, deployOf('web', 2, checked));
        const ids = new Set(all(mesh, 'web').map(({ id }) => id));
        mesh.prober.set(8_080, false);
        await mesh.until('restarted', () => all(mesh, 'web').some(({ restarts }) => restarts > 0), 20_000);
        await mesh.until('made anew', () => all(mesh, 'web').some(({ id }) => !ids.has(id)), 120_000);
        const before = mesh.hosts.reduce((sum, { engine }) => sum + (engine.calls.get('create') ?? 0), 0);
        await mesh.advance(10 * 60_000);
        const made = mesh.hosts.reduce((sum, { engine }) => sum + (engine.calls.get('create') ?? 0), 0) - before;
        expect(made, `seed ${seed}`).toBeLessThan(60);
        mesh.prober.set(8_080, true);
        await settledAt(mesh, 'web', 2, mesh.hosts, 180_000);
        await mesh.until('ready', areReady(mesh, 'web'));
      });
    }
  });

  it('goes on when the agent starts again, and what works is taken as working meanwhile', async () => {
    await onMesh(three, async (mesh) => {
      mesh.prober.set(8_080, true);
      await deployed(mesh, 1, deployOf('web', 3, checked));
      await mesh.advance(70_000);
      mesh.kill(2);
      await mesh.restart(2);
      expect(
        mesh
          .host(2)
          .platform.containers({ host: mesh.host(2).id })
          .every(({ ready }) => ready),
      ).toBe(true);
      const looks = mesh.prober.looks;
      await mesh.advance(5_000);
      expect(mesh.prober.looks).toBeGreaterThan(looks + 20);
      expect(all(mesh, 'web').every(({ health }) => health === 'healthy')).toBe(true);
    });
  });

  it('ends with its container', async () => {
    await onMesh(three, async (mesh) => {
      mesh.prober.set(8_080, true);
      await deployed(mesh, 1, deployOf('web', 3, checked));
      await mesh.run(1, { kind: 'app.delete', group: 'team', app: 'web' });
      await mesh.until('gone', () => onEngines(mesh, 'web').length === 0);
      const looks = mesh.prober.looks;
      await mesh.advance(20_000);
      expect(mesh.prober.looks).toBe(looks);
    });
  });
});

describe("an image's own health check", () => {
  it('is waited for', async () => {
    await onMesh({ ...three, registry: ['test-checked'] }, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 2, { image: 'test-checked' }));
      expect(all(mesh, 'web').every(({ health }) => health === 'healthy')).toBe(true);
    });
  });

  it('is left out when the version says so', async () => {
    await onMesh({ ...three, registry: ['test-checked'] }, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 2, { image: 'test-checked', health: { none: true } }));
      expect(all(mesh, 'web').every(({ health }) => health === 'none')).toBe(true);
    });
  });
});
