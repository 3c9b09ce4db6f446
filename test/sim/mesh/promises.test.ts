import { describe, expect, it } from 'vitest';
import type { HostId } from '../../../protocol/ids.ts';
import { calmNetwork } from '../framework/network.ts';
import { intBetween } from '../framework/rng.ts';
import { runSeed, seedsFor } from '../framework/seeds.ts';
import { MeshWorld } from './mesh-world.ts';
import { anyOf } from './scenario.ts';

const file = 'test/sim/mesh/promises.test.ts';

describe('a change is visible everywhere within a second, with at most 5 copies received per member', () => {
  it.each(seedsFor(500, 3))('100 members whose tree has yet to form, seed %i', (seed) => {
    const mesh = new MeshWorld({ seed, members: 100, network: calmNetwork, isSettled: true });
    const { world } = mesh;
    runSeed(seed, file, world.trace, () => {
      let copies = 0;
      const changes = 60;
      const visibleMs: number[] = [];
      world.onSend = (_from, _to, { type }) => {
        if (type === 'delta') copies += 1;
      };
      for (let change = 0; change < changes; change++) {
        const hostId = anyOf(mesh, mesh.ids);
        mesh.publishHost(hostId);
        const { sequence } = mesh.member(hostId);
        const hasIt = ({ mesh: state }: (typeof mesh.running)[number]): boolean =>
          state.hosts.get(hostId)?.signed.sequence === sequence;
        visibleMs.push(world.runUntil(() => mesh.running.every(hasIt), 5_000, 10) ?? Number.POSITIVE_INFINITY);
      }
      expect(Math.max(...visibleMs)).toBeLessThan(1_000);
      expect(copies / changes / 99).toBeLessThanOrEqual(5);
    });
  });
});

describe('a dead host is known everywhere, whether its sockets break or it falls silent', () => {
  it.each(
    [
      { members: 5, withinMs: 6_500 },
      { members: 30, withinMs: 10_000 },
    ].flatMap((size) => (['killed', 'cut'] as const).map((how) => ({ ...size, how }))),
  )('$members members, $how: within $withinMs ms', ({ members, withinMs, how }) => {
    for (const seed of seedsFor(510, 10)) {
      const mesh = new MeshWorld({ seed, members, network: calmNetwork, isSettled: true });
      runSeed(seed, file, mesh.world.trace, () => {
        mesh.world.run(3_000 + intBetween(mesh.world.rng, 0, 1_000));
        const victim = anyOf(mesh, mesh.ids);
        const rest = mesh.ids.filter((id) => id !== victim);
        if (how === 'killed') mesh.crash(victim);
        else mesh.world.network.partition([rest, [victim]]);
        expect(mesh.world.runUntil(() => isDeadFor(mesh, victim, rest), 30_000)).toBeLessThan(withinMs);
      });
    }
  });
});

const isDeadFor = (mesh: MeshWorld, victim: HostId, rest: readonly HostId[]): boolean =>
  rest.every((id) => mesh.member(id).mesh.membership.members.get(victim)?.status === 'dead');
