import { describe, expect, it } from 'vitest';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import { isAppOperation } from '../../../protocol/schemas/operation.ts';
import type { DeploymentPlan } from '../../../protocol/schemas/plan.ts';
import type { VersionSpec } from '../../../protocol/schemas/version.ts';
import type { MemoryMesh } from '../../framework/memory-mesh.ts';
import { makeRng } from '../framework/rng.ts';
import { begin, deployed, deployOf, MiB, onEngines, onMesh, seeds } from './scenario.ts';

type Deploy = CommandOf<'app.deploy'>;

const planOf = (mesh: MemoryMesh, via: number, command: Deploy, withGroup = false): Promise<DeploymentPlan> => {
  const context = { actor: { id: 'admin', role: 'admin' as const }, signal: new AbortController().signal, withGroup };
  return mesh.settle(mesh.host(via).platform.plan(command, context));
};

/** What people can see of a mesh: every record of the API, and what each host has promised or holds. */
const visible = (mesh: MemoryMesh) => {
  const { platform } = mesh.host(1);
  return structuredClone({
    apps: platform.apps(),
    versions: platform.versions('team', 'web'),
    operations: platform.operations().length,
    events: platform.events().length,
    held: platform.hosts().map(({ capacity }) => capacity.heldBytes),
    containers: platform.containers().length,
  });
};

/** Hosts that differ in free memory, so that no choice is left to chance. */
async function uneven(mesh: MemoryMesh): Promise<void> {
  for (const [index, sizeMiB] of [120, 240, 360, 480].entries()) {
    await deployed(mesh, 1, deployOf(`fill-${index}`, 1, { memoryBytes: sizeMiB * MiB }));
  }
}

function anyDeploy(rng: () => number): Deploy {
  const choose = <T>(...all: readonly T[]): T => all[Math.floor(rng() * all.length)] as T;
  const change: Partial<VersionSpec> = {
    memoryBytes: choose(32, 64, 150, 300) * MiB,
    ...choose({}, {}, { maxPerHost: 1 }, { maxPerHost: 2 }, { ports: [{ container: 80, host: 8_080 }] }),
    ...choose({}, {}, { affinity: [{ app: 'fill-0', rule: 'apart' as const, required: true }] }),
    ...choose({}, {}, { affinity: [{ app: 'fill-3', rule: 'with' as const }] }),
    ...choose({}, {}, {}, { constraints: [{ label: 'zone', op: '==' as const, values: ['moon'] }] }),
  };
  return deployOf('web', 1 + Math.floor(rng() * 8), change);
}

const placesOf = ({ auctions }: DeploymentPlan): string[] =>
  auctions
    .flatMap(({ version, placed }) => placed.map(({ replica, hostName }) => `${replica}@${hostName} v${version}`))
    .sort();

describe('a plan', () => {
  it('is what the deploy then does, whatever its rules, and leaves nothing', async () => {
    for (const seed of seeds(20)) {
      await onMesh({ hosts: 4, memoryBytes: 1024 * MiB, latencyMs: 2, seed }, async (mesh) => {
        await uneven(mesh);
        await mesh.advance(12_000);
        const command = anyDeploy(makeRng(seed));
        const before = visible(mesh);
        const plan = await planOf(mesh, 1 + (seed % 4), command);
        await mesh.advance(500);
        expect(visible(mesh), `seed ${seed}`).toEqual(before);
        const operation = await mesh.finished(2, await begin(mesh, 2, command));
        if (!isAppOperation(operation)) throw new Error(operation.kind);
        expect(operation.state === 'succeeded', `seed ${seed} ${operation.problem?.detail}`).toBe(plan.fits);
        expect(placesOf(plan), `seed ${seed}`).toEqual(onEngines(mesh, 'web'));
        const refused = plan.auctions.flatMap(({ refusals }) =>
          refusals.map(({ hostName, rule }) => `${hostName} ${rule}`),
        );
        const got = new Set(
          plan.fits ? plan.auctions.flatMap(({ placed }) => placed.map(({ hostName }) => hostName)) : [],
        );
        const last = operation.decisions
          .at(-1)
          ?.refusals.filter(({ hostName }) => !got.has(hostName))
          .map(({ hostName, rule }) => `${hostName} ${rule}`);
        expect(refused.sort(), `seed ${seed}`).toEqual(last?.sort());
      });
    }
  });

  it('over another version is the rollout: the order of its batches, and where the first one goes', async () => {
    for (const seed of seeds(5)) {
      await onMesh({ hosts: 4, memoryBytes: 1024 * MiB, latencyMs: 2, seed }, async (mesh) => {
        await deployed(mesh, 1, deployOf('web', 4));
        const command = deployOf('web', 4, { image: 'test:2' });
        const plan = await planOf(mesh, 3, command);
        expect(plan).toMatchObject({ fits: true, isNewVersion: true, version: 2, removals: [] });
        expect(plan.rollout).toMatchObject({ from: { version: 1, replicas: 4 }, batches: [[0], [1], [2], [3]] });
        expect(placesOf(plan)).toHaveLength(1);
        expect(mesh.host(1).platform.app('team', 'web')?.item.latestVersion).toBe(1);
        await deployed(mesh, 2, command);
        expect(onEngines(mesh, 'web')).toEqual(expect.arrayContaining(placesOf(plan)));
      });
    }
  });

  it('says when old containers have to stop first, and when that is not allowed', async () => {
    await onMesh({ hosts: 2, latencyMs: 2 }, async (mesh) => {
      const ports = [{ container: 80, host: 8_080 }];
      await deployed(mesh, 1, deployOf('web', 2, { ports }));
      const next = deployOf('web', 2, { ports, image: 'test:2' });
      const plan = await planOf(mesh, 1, next);
      expect(plan.fits).toBe(true);
      expect(plan.rollout?.stopFirst).toMatch(/h[12]: port tcp\/8080 is taken/);
      const strict = await planOf(mesh, 2, { ...next, rollout: { maxUnavailable: 0 } });
      expect(strict.fits).toBe(false);
    });
  });

  it('names a host that does not answer, and what goes when there are to be fewer', async () => {
    await onMesh({ hosts: 3, latencyMs: 2 }, async (mesh) => {
      await deployed(mesh, 1, deployOf('web', 3));
      const { spec: _same, ...one } = deployOf('web', 1);
      const fewer = await planOf(mesh, 1, one);
      expect(fewer.removals.map(({ why }) => why)).toEqual(['surplus', 'surplus']);
      mesh.partition([1, 2], [3]);
      const plan = await planOf(mesh, 1, deployOf('other', 2));
      expect(plan.auctions[0]?.refusals).toMatchObject([{ hostName: 'h3', rule: 'no-answer' }]);
      expect(plan.fits).toBe(true);
      mesh.heal();
      await mesh.advance(5_000);
    });
  });

  it('is refused as the deploy would be, and knows a group that is made first', async () => {
    await onMesh({ hosts: 2 }, async (mesh) => {
      const elsewhere = { ...deployOf('web', 1), group: 'new' };
      await expect(planOf(mesh, 1, elsewhere)).rejects.toMatchObject({ code: 'not-found' });
      expect(await planOf(mesh, 1, elsewhere, true)).toMatchObject({ fits: true, version: 1 });
      expect(
        mesh
          .host(1)
          .platform.groups()
          .map(({ item }) => item.name),
      ).toEqual(['team']);
      const missing = { ...deployOf('web', 1), cluster: 'none' };
      await expect(planOf(mesh, 1, missing)).rejects.toMatchObject({
        code: 'not-found',
        faults: [{ pointer: '/cluster' }],
      });
    });
  });
});
