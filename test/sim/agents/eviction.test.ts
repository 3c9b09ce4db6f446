import { describe, expect, it } from 'vitest';
import { deployed, deployOf, onEngines, onMesh, seeds, settledAt } from './scenario.ts';

const hosts = { hosts: 4, latencyMs: 2 };
/** Longer than a member that is cut off waits before it takes the others for dead. Milliseconds. */
const LONG_MS = 60_000;

describe('an evicted host', () => {
  it('is told, so it gives up what others run in its place and starts nothing of theirs', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 4));
        const victim = mesh.host(3);
        await mesh.run(1, { kind: 'member.evict', hostId: victim.id, reason: 'a test' });
        await settledAt(
          mesh,
          'web',
          4,
          [1, 2, 4].map((number) => mesh.host(number)),
        );
        await mesh.until('an empty evicted host', () => onEngines(mesh, 'web', [victim]).length === 0, 10_000);
        await mesh.advance(LONG_MS);
        expect(onEngines(mesh, 'web', [victim])).toEqual([]);
        expect(victim.platform.readiness()).toMatchObject({ ready: false, reason: expect.stringMatching(/evicted/) });
        await expect(mesh.run(3, { kind: 'group.put', group: 'more' })).rejects.toMatchObject({ code: 'evicted' });
      });
    }
  });

  it('that was away is told when it comes back', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 4));
        const victim = mesh.host(3);
        mesh.kill(3);
        await mesh.run(1, { kind: 'member.evict', hostId: victim.id, reason: 'a test' });
        await mesh.advance(2_000);
        await mesh.restart(3);
        await mesh.until('an empty evicted host', () => onEngines(mesh, 'web', [victim]).length === 0, 20_000);
        await mesh.advance(LONG_MS);
        expect(onEngines(mesh, 'web', [victim])).toEqual([]);
        await settledAt(mesh, 'web', 4);
      });
    }
  });
});
