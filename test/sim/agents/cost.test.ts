import { describe, expect, it } from 'vitest';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { deployed, deployOf, MiB, onMesh, seeds, settledAt } from './scenario.ts';

const sum = (mesh: MemoryMesh, type: string): number =>
  mesh.hosts.reduce((total, { traffic }) => total + (traffic.get(type) ?? 0), 0);

describe('the cost of nothing', () => {
  it('a mesh in which nothing happens writes nothing and tells nothing', async () => {
    for (const seed of seeds(2)) {
      await onMesh({ hosts: 5, seed }, async (mesh) => {
        for (const app of ['a', 'b']) await deployed(mesh, 1, deployOf(app, 5));
        await mesh.advance(15_000);
        const news = ['delta', 'host-records', 'catalog-records', 'catalog-buckets', 'liveness-list', 'graft'];
        const before = { writes: mesh.hosts.map(({ disk }) => disk.writes), news: news.map((type) => sum(mesh, type)) };
        const pings = sum(mesh, 'ping');
        await mesh.advance(60_000);
        const after = { writes: mesh.hosts.map(({ disk }) => disk.writes), news: news.map((type) => sum(mesh, type)) };
        expect(after, `seed ${seed}`).toEqual(before);
        expect(sum(mesh, 'ping')).toBeGreaterThan(pings);
      });
    }
  });
});

describe('a crowd', () => {
  it('30 agents place 60 apps at once, and replace what three of them lose', async () => {
    await onMesh({ hosts: 30, memoryBytes: 512 * MiB }, async (mesh) => {
      const names = Array.from({ length: 60 }, (_, index) => `app-${index}`);
      const begun = names.map((app, index) =>
        mesh.begin((index % 30) + 1, deployOf(app, 3, { memoryBytes: 32 * MiB })),
      );
      const ids = (await mesh.settle(Promise.all(begun))).map(({ operationId = '' }) => operationId);
      for (const id of ids) expect(await mesh.finished(7, id)).toMatchObject({ state: 'succeeded' });

      const messages = mesh.hosts.reduce(
        (total, { traffic }) => total + [...traffic.values()].reduce((a, b) => a + b, 0),
        0,
      );
      // 240 claims and some 1,000 phases of containers reach 29 others each.
      expect(messages / 30).toBeLessThan(4_000);

      for (const number of [3, 13, 23]) {
        mesh.kill(number);
        mesh.host(number).engine.crash();
      }
      for (const app of names) await settledAt(mesh, app, 3, mesh.running);
      await mesh.until('one view', () => new Set(mesh.running.map(({ belief }) => belief)).size === 1, 15_000);
    });
  });
});
