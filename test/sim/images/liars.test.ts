import { describe, expect, it } from 'vitest';
import { seedsFor } from '../framework/seeds.ts';
import { equalHosts, expectWhole, honest, MiB, run, trackerOf, wantAll, worldOf } from './scenario.ts';
import type { Manner } from './swarm-host.ts';
import type { SwarmWorld } from './swarm-world.ts';

const file = 'liars.test.ts';
const SIZE = 64 * MiB;

/** Nine honest hosts and one that is not; never the tracker, which is a scenario of its own. */
function worldWith(seed: number, manner: Manner): SwarmWorld {
  const isTracker = (world: SwarmWorld) => trackerOf(world).manner !== 'honest';
  const world = worldOf(seed, [...equalHosts(9), ...equalHosts(1, { manner })]);
  return isTracker(world) ? worldOf(seed, [...equalHosts(1, { manner }), ...equalHosts(9)]) : world;
}

const bansOf = (world: SwarmWorld) => honest(world).flatMap(({ banned }) => banned);
const liarsOf = (world: SwarmWorld) => world.hosts.filter(({ manner }) => manner !== 'honest').map(({ id }) => id);

describe('one that lies', () => {
  it.each(seedsFor(61, 10))('is banned for other bytes than it should send (seed %i)', (seed) => {
    const world = worldWith(seed, 'corrupts');
    run(file, seed, world, () => {
      wantAll(world);
      expectWhole(world, honest(world), 20_000);
      const bans = bansOf(world);
      expect(bans.length).toBeGreaterThan(0);
      expect(new Set(bans.map(({ peer, why }) => `${peer} ${why}`))).toEqual(
        new Set(liarsOf(world).map((id) => `${id} corrupt-piece`)),
      );
      expect(world.originBytes).toBe(SIZE);
    });
  });

  it.each(seedsFor(62, 10))(
    'is found out when the whole is wrong, and others give the right bytes (seed %i)',
    (seed) => {
      const world = worldWith(seed, 'forges');
      run(file, seed, world, () => {
        for (const host of honest(world).slice(0, 3)) host.hold();
        for (const host of world.hosts) if (!host.isWhole) host.want();
        expectWhole(world, honest(world), 90_000);
        const liars = new Set<string>(liarsOf(world));
        expect(bansOf(world).filter(({ peer }) => !liars.has(peer))).toEqual([]);
        expect(world.originBytes).toBe(0);
      });
    },
  );

  it.each(seedsFor(63, 5))('and is the only one that says to have it costs time and one copy (seed %i)', (seed) => {
    const world = worldWith(seed, 'forges');
    run(file, seed, world, () => {
      for (const host of world.hosts) if (host.manner !== 'honest') host.want();
      world.run(1_000);
      for (const host of honest(world)) host.want();
      expectWhole(world, honest(world), 90_000);
      expect(bansOf(world).some(({ why }) => why === 'false-proof')).toBe(true);
      expect(world.originBytes).toBeLessThanOrEqual(2 * SIZE);
    });
  });

  it.each(seedsFor(64, 5))('and has nothing of what it says costs time and one copy (seed %i)', (seed) => {
    const world = worldWith(seed, 'boasts');
    run(file, seed, world, () => {
      for (const host of world.hosts) if (host.manner !== 'honest') host.want();
      world.run(1_000);
      for (const host of honest(world)) host.want();
      expectWhole(world, honest(world), 60_000);
      expect(world.originBytes).toBe(SIZE);
    });
  });
});

describe('one that does nothing', () => {
  it.each(seedsFor(65, 10))('is left aside when it never sends what it offers (seed %i)', (seed) => {
    const world = worldWith(seed, 'stalls');
    run(file, seed, world, () => {
      wantAll(world);
      expectWhole(world, honest(world), 25_000);
      expect(world.originBytes).toBe(SIZE);
    });
  });

  it.each(seedsFor(66, 10))(
    'holds no slot for ever when it never gets to the end of what it takes (seed %i)',
    (seed) => {
      const world = worldWith(seed, 'hoards');
      run(file, seed, world, () => {
        wantAll(world);
        expectWhole(world, honest(world), 20_000);
        expect(world.originBytes).toBe(SIZE);
      });
    },
  );
});
