import { describe, expect, it } from 'vitest';
import { seedsFor } from '../framework/seeds.ts';
import {
  equalHosts,
  expectWhole,
  lostWith,
  MiB,
  run,
  runUntilProgress,
  trackerOf,
  wantAll,
  worldOf,
} from './scenario.ts';

const file = 'faults.test.ts';
const SIZE = 64 * MiB;

describe.each([0.3, 0.9])('a host that dies when %d of the pieces are there', (share) => {
  it.each(seedsFor(51, 10))('costs no second copy when it is any peer (seed %i)', (seed) => {
    const world = worldOf(seed, equalHosts(10));
    run(file, seed, world, () => {
      wantAll(world);
      runUntilProgress(world, share);
      const tracker = trackerOf(world);
      const victim = world.hosts.find((host) => host !== tracker && !host.isWhole);
      if (victim !== undefined) world.kill(victim.id);
      expectWhole(
        world,
        world.hosts.filter((host) => host !== victim),
        30_000,
      );
      expect(world.originBytes).toBe(SIZE);
    });
  });

  it.each(seedsFor(52, 10))('costs what only it had when it is the one that fetches (seed %i)', (seed) => {
    const world = worldOf(seed, equalHosts(10));
    run(file, seed, world, () => {
      wantAll(world);
      runUntilProgress(world, share);
      const victim = trackerOf(world);
      const lost = lostWith(world, victim);
      world.kill(victim.id);
      expectWhole(
        world,
        world.hosts.filter((host) => host !== victim),
        60_000,
      );
      expect(world.originBytes).toBeLessThanOrEqual(SIZE + lost);
    });
  });

  it.each(seedsFor(53, 5))('goes on with what it has when it starts again (seed %i)', (seed) => {
    const world = worldOf(seed, equalHosts(6));
    run(file, seed, world, () => {
      wantAll(world);
      runUntilProgress(world, share);
      const tracker = trackerOf(world);
      const victim = world.hosts.find((host) => host !== tracker && !host.isWhole);
      if (victim === undefined) return;
      world.kill(victim.id);
      world.run(4_000);
      const kept = victim.disk.size;
      world.restart(victim.id);
      victim.want();
      expect(victim.disk.size).toBe(kept);
      expectWhole(world, world.hosts, 30_000);
      expect(world.originBytes).toBe(SIZE);
    });
  });
});

describe('a mesh in two parts', () => {
  it.each(seedsFor(54, 10))('takes at most one copy each, and goes on as one when it heals (seed %i)', (seed) => {
    const world = worldOf(seed, equalHosts(10));
    run(file, seed, world, () => {
      wantAll(world);
      runUntilProgress(world, 0.3);
      const ids = world.hosts.map(({ id }) => id);
      world.partition([ids.slice(0, 5), ids.slice(5)]);
      world.run(4_000);
      world.heal();
      expectWhole(world, world.hosts, 60_000);
      expect(world.originBytes).toBeLessThanOrEqual(2 * SIZE);
    });
  });

  it.each(seedsFor(55, 5))('gets it on both sides when it does not heal (seed %i)', (seed) => {
    const world = worldOf(seed, equalHosts(10));
    run(file, seed, world, () => {
      wantAll(world);
      runUntilProgress(world, 0.3);
      const ids = world.hosts.map(({ id }) => id);
      world.partition([ids.slice(0, 5), ids.slice(5)]);
      expectWhole(world, world.hosts, 60_000);
      expect(world.originBytes).toBeLessThanOrEqual(2 * SIZE);
    });
  });
});

describe('the last holder', () => {
  it.each(seedsFor(56, 5))('may die once its pieces are elsewhere (seed %i)', (seed) => {
    const world = worldOf(seed, equalHosts(6), { origin: undefined });
    run(file, seed, world, () => {
      const [holder, ...others] = world.hosts;
      holder?.hold();
      for (const host of others) host.want();
      world.runUntil(
        () => world.content.sha256.every((_, piece) => others.some(({ disk }) => disk.has(piece))),
        60_000,
      );
      if (holder !== undefined) world.kill(holder.id);
      expectWhole(world, others, 30_000);
    });
  });
});

describe('lost messages', () => {
  it.each(seedsFor(57, 5))('cost time, no copy and no piece (seed %i)', (seed) => {
    const world = worldOf(seed, equalHosts(8), { lossProbability: 0.05 });
    run(file, seed, world, () => {
      wantAll(world);
      expectWhole(world, world.hosts, 60_000);
      expect(world.originBytes).toBe(SIZE);
    });
  });
});
