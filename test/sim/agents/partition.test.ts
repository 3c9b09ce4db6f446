import { describe, expect, it } from 'vitest';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { begin, deployed, deployOf, onEngines, onMesh, replicasOn, scaleOf, seeds, settledAt } from './scenario.ts';

const minority = [1, 2];
const majority = [3, 4, 5];
const hosts = { hosts: 5, latencyMs: 2 };

const sideOf = (mesh: MemoryMesh, numbers: readonly number[]) => numbers.map((number) => mesh.host(number));

async function healed(mesh: MemoryMesh): Promise<void> {
  mesh.heal();
  const views = () => new Set(mesh.running.map(({ belief }) => belief));
  await mesh.until('one view of all members', () => views().size === 1, 10_000);
}

/** Nobody writes any more. */
async function calm(mesh: MemoryMesh): Promise<void> {
  await mesh.advance(8_000);
  const before = mesh.hosts.map(({ disk }) => disk.writes);
  await mesh.advance(10_000);
  expect(mesh.hosts.map(({ disk }) => disk.writes)).toEqual(before);
}

describe('a partition', () => {
  it('the larger side replaces what it lost, the smaller one nothing; after it every replica runs once', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 5));
        mesh.partition(minority, majority);
        await settledAt(mesh, 'web', 5, sideOf(mesh, majority));
        expect(replicasOn(mesh, 'web', sideOf(mesh, minority)), `seed ${seed}`).toHaveLength(2);
        await healed(mesh);
        await settledAt(mesh, 'web', 5, mesh.hosts, 15_000);
        await calm(mesh);
      });
    }
  });

  it('serves both sides: what each deploys runs there, and everywhere once after it', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        mesh.partition(minority, majority);
        await mesh.advance(12_000);
        await deployed(mesh, 1, deployOf('left', 2));
        await deployed(mesh, 4, deployOf('right', 3));
        await healed(mesh);
        await settledAt(mesh, 'left', 2);
        await settledAt(mesh, 'right', 3);
        for (const { platform } of mesh.hosts) expect(platform.apps('team')).toHaveLength(2);
        await calm(mesh);
      });
    }
  });

  it('scaled on both sides: the later scale wins, the other is kept in the history and told of', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 3));
        mesh.partition(minority, majority);
        await mesh.advance(12_000);
        await begin(mesh, 1, scaleOf('web', 5));
        await mesh.advance(5_000);
        await begin(mesh, 3, scaleOf('web', 4));
        await mesh.advance(5_000);
        await healed(mesh);
        await settledAt(mesh, 'web', 4);
        await calm(mesh);
        const { platform } = mesh.host(2);
        const told = platform.events().filter(({ kind }) => kind === 'catalog.conflict');
        expect(told.some(({ message }) => message.startsWith('apps/team/web'))).toBe(true);
        expect(platform.operations().filter(({ state }) => state === 'running')).toEqual([]);
      });
    }
  });

  it('made the same new app on both sides: one of them is the app, nothing of the other is left', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        mesh.partition(minority, majority);
        await mesh.advance(12_000);
        await begin(mesh, 1, deployOf('web', 2));
        await mesh.advance(3_000);
        const other = await begin(mesh, 3, deployOf('web', 3, { image: 'test:2' }));
        await mesh.advance(5_000);
        await healed(mesh);
        await settledAt(mesh, 'web', 3);
        for (const { engine } of mesh.hosts) for (const { image } of engine.containers) expect(image).toBe('test:2');
        await calm(mesh);
        const { platform } = mesh.host(1);
        expect(platform.operation(other)?.state).toBe('succeeded');
        expect(platform.operations().filter(({ state }) => state === 'running')).toEqual([]);
      });
    }
  });

  it('gave the next version number to two specs: all replicas end up with the one that is the version', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 2));
        mesh.partition(minority, majority);
        await mesh.advance(12_000);
        await deployed(mesh, 1, deployOf('web', 2, { image: 'test:2', env: { SIDE: 'left' } }));
        await deployed(mesh, 3, deployOf('web', 2, { image: 'test:2', env: { SIDE: 'right' } }));
        // A later write of the app on the other side: app and version have winners on different sides.
        await deployed(mesh, 1, scaleOf('web', 3));
        await healed(mesh);
        await settledAt(mesh, 'web', 3);
        const hashes = () =>
          new Set(mesh.hosts.flatMap(({ engine }) => engine.containers.map((c) => c.labels['shoal.spec-hash'])));
        // The others are exchanged one after the other, each once its replacement works.
        await mesh.until('one spec', () => hashes().size === 1);
        await calm(mesh);
        const [, second] = mesh.host(1).platform.versions('team', 'web');
        expect([...hashes()], `seed ${seed}`).toEqual([second?.specHash]);
      });
    }
  });

  it('deleted on one side and deployed on the other: the later word counts, for all of it', async () => {
    for (const seed of seeds(3)) {
      for (const isDeletedLast of [true, false]) {
        await onMesh({ ...hosts, seed }, async (mesh) => {
          await deployed(mesh, 1, deployOf('web', 3));
          mesh.partition(minority, majority);
          await mesh.advance(12_000);
          const changes = [
            () => begin(mesh, 1, deployOf('web', 4, { image: 'test:2' })),
            () => begin(mesh, 3, { kind: 'app.delete', group: 'team', app: 'web' }),
          ];
          for (const change of isDeletedLast ? changes : changes.reverse()) {
            await change();
            await mesh.advance(6_000);
          }
          await healed(mesh);
          await settledAt(mesh, 'web', isDeletedLast ? 0 : 4);
          await calm(mesh);
          const { platform } = mesh.host(4);
          expect(platform.app('team', 'web') !== undefined, `seed ${seed}`).toBe(!isDeletedLast);
          expect(platform.operations().filter(({ state }) => state === 'running')).toEqual([]);
          expect(onEngines(mesh, 'web').every((line) => line.endsWith('v2'))).toBe(true);
        });
      }
    }
  });

  it('that comes and goes while apps are scaled leaves every app at its last size', async () => {
    for (const seed of seeds(3)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        for (const app of ['a', 'b', 'c']) await deployed(mesh, 1, deployOf(app, 2));
        for (let turn = 0; turn < 3; turn++) {
          mesh.partition(minority, majority);
          await mesh.advance(3_000 + turn * 5_000);
          for (const app of ['a', 'b', 'c']) await mesh.run(4, scaleOf(app, turn + 1)).catch(() => undefined);
          await mesh.advance(2_000);
          mesh.heal();
          await mesh.advance(4_000);
        }
        await healed(mesh);
        for (const app of ['a', 'b', 'c']) {
          const wanted = mesh.host(1).platform.app('team', app)?.item.deployments[0]?.replicas ?? 0;
          await settledAt(mesh, app, wanted);
        }
        await calm(mesh);
      });
    }
  });
});

describe('two hosts that cannot hear each other, though the others hear both', () => {
  it('are alive for everybody, and each takes commands for apps whose steward is the other', async () => {
    for (const seed of seeds(4)) {
      await onMesh({ ...hosts, seed }, async (mesh) => {
        mesh.partition([1], [2]);
        await mesh.advance(5_000);
        for (const app of ['a', 'b', 'c', 'd', 'e', 'f']) await deployed(mesh, 1, deployOf(app, 1));
        const stewards = new Set(
          mesh
            .host(1)
            .platform.operations()
            .map(({ steward }) => steward),
        );
        expect(stewards, `seed ${seed}`).toContain(mesh.host(2).id);
        for (const { platform } of mesh.hosts)
          expect(platform.hosts().map(({ status }) => status)).not.toContain('dead');
      });
    }
  });
});
