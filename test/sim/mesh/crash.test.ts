import { expect, it } from 'vitest';
import { keys } from '../../../agent/core/catalog/keys.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { invariant } from '../framework/invariants.ts';
import { calmNetwork } from '../framework/network.ts';
import { sample } from '../framework/rng.ts';
import { MeshWorld } from './mesh-world.ts';
import { checkEviction, expectAgreement } from './rules.ts';
import { anyOf, keepBusy, scenario } from './scenario.ts';

const file = 'crash.test.ts';

/** Waits until every running member holds this one in a status. */
function expectStatus(mesh: MeshWorld, target: HostId, status: string, withinMs: number): number {
  const holdsIt = ({ mesh: state }: (typeof mesh.running)[number]): boolean =>
    state.self === target || state.membership.members.get(target)?.status === status;
  const tookMs = mesh.world.runUntil(() => mesh.running.every(holdsIt), withinMs);
  invariant(tookMs !== undefined, `${target} is ${status} everywhere within ${withinMs} ms`, () => '');
  return tookMs ?? withinMs;
}

scenario(30, {
  name: 'a killed host is known dead everywhere in under ten seconds, and alive again soon after its restart',
  file,
  sizes: 'upTo300',
  network: calmNetwork,
  run: (mesh) => {
    mesh.world.run(3_000);
    const victim = anyOf(mesh, mesh.ids);
    mesh.crash(victim);
    expectStatus(mesh, victim, 'dead', 10_000);
    mesh.start(victim);
    expectAgreement(mesh);
  },
});

scenario(31, {
  name: 'hosts crash and restart, one without its catalog, while people write: all agree in the end',
  file,
  network: { ...calmNetwork, lossProbability: 0.05 },
  clockSkewMsMax: 120_000,
  run: (mesh, members) => {
    const { world } = mesh;
    keepBusy(mesh, 10_000, 400);
    world.run(2_000);
    const victims = sample(world.rng, mesh.ids, Math.max(1, Math.floor(members / 10)));
    for (const [index, victim] of victims.entries()) {
      world.after(world.rng() * 3_000, () => mesh.crash(victim, index === 0));
      world.after(4_000 + world.rng() * 4_000, () => mesh.start(victim));
    }
    world.run(10_000);
    world.network.options = calmNetwork;
    expectAgreement(mesh);
  },
});

scenario(32, {
  name: 'an evicted host is nobody’s member again, also not after a restart, and the others go on',
  file,
  network: { ...calmNetwork, lossProbability: 0.05 },
  run: (mesh) => {
    const { world } = mesh;
    world.run(2_000);
    const [evicted = mesh.ids[0], by = mesh.ids[1]] = sample(world.rng, mesh.ids, 2);
    if (evicted === undefined || by === undefined) throw new Error('too few members');
    mesh.evict(by, evicted);
    const { onEvent } = world;
    world.onEvent = (id) => {
      onEvent(id);
      if (world.rng() < 0.02) checkEviction(mesh, evicted);
    };
    world.run(3_000);
    mesh.crash(evicted);
    mesh.start(evicted);
    world.run(3_000);
    mesh.crash(evicted);
    const isKnown = (): boolean =>
      mesh.running.every(({ mesh: state }) => state.catalog.records.has(keys.eviction(evicted)));
    invariant(isKnown(), 'the eviction reached everybody', () => evicted);
    checkEviction(mesh, evicted);
    expectAgreement(mesh);
  },
});

it('a host that leaves is known to have left within a second, and nobody thinks itself cut off', () => {
  const mesh = new MeshWorld({ seed: 1, members: 5, network: calmNetwork });
  mesh.world.run(3_000);
  const isolated: string[] = [];
  mesh.onEffect = ({ hostId }, effect) => {
    if (effect.type === 'isolated-changed') isolated.push(hostId);
  };
  const [first, second, third] = mesh.ids;
  for (const leaver of [first, second, third]) {
    if (leaver === undefined) continue;
    mesh.step(leaver, { type: 'leave' });
    expectStatus(mesh, leaver, 'left', 1_000);
    mesh.crash(leaver);
  }
  mesh.world.run(40_000);
  expect(isolated).toEqual([]);
  expect(mesh.running.map(({ mesh: state }) => state.membership.dead.size)).toEqual([0, 0]);
});

it('of two members, when one dies, the one with the smaller id acts at once and the other after half a minute', () => {
  for (const [victimAt, survivorAt, isCautious] of [
    [1, 0, false],
    [0, 1, true],
  ] as const) {
    const mesh = new MeshWorld({ seed: 7, members: 2, network: calmNetwork });
    const victim = mesh.ids[victimAt];
    const survivor = mesh.ids[survivorAt];
    if (victim === undefined || survivor === undefined) throw new Error('two members are needed');
    mesh.world.run(3_000);
    mesh.crash(victim);
    expectStatus(mesh, victim, 'dead', 10_000);
    expect(mesh.member(survivor).mesh.membership.isIsolated).toBe(isCautious);
    mesh.world.run(31_000);
    expect(mesh.member(survivor).mesh.membership.isIsolated).toBe(false);
  }
});
