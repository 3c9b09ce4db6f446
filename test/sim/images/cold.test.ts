import { describe, expect, it } from 'vitest';
import { seedsFor } from '../framework/seeds.ts';
import { boundMs } from './bound.ts';
import { equalHosts, expectWhole, MiB, mbit, run, trackerOf, wantAll, worldOf } from './scenario.ts';

const file = 'cold.test.ts';

/** Hosts, size of the blob, seeds, and the largest part of the bound that they may take. */
const cases = [
  { hosts: 1, mebibytes: 64, seeds: 2, atMost: 1.05 },
  { hosts: 2, mebibytes: 64, seeds: 5, atMost: 1.1 },
  { hosts: 2, mebibytes: 16, seeds: 5, atMost: 1.1 },
  { hosts: 8, mebibytes: 16, seeds: 5, atMost: 1.35 },
  { hosts: 4, mebibytes: 64, seeds: 20, atMost: 1.25 },
  { hosts: 4, mebibytes: 200, seeds: 20, atMost: 1.25 },
  { hosts: 8, mebibytes: 64, seeds: 20, atMost: 1.25 },
  { hosts: 8, mebibytes: 200, seeds: 20, atMost: 1.25 },
  { hosts: 50, mebibytes: 64, seeds: 5, atMost: 1.45 },
  { hosts: 50, mebibytes: 200, seeds: 5, atMost: 1.45 },
  { hosts: 500, mebibytes: 200, seeds: 1, atMost: 1.6 },
];

describe('hosts that want the same blob at the same time', () => {
  it.each(cases)(
    '$hosts hosts get $mebibytes MiB in $atMost x the fluid bound, and one copy leaves the upstream',
    ({ hosts, mebibytes, seeds, atMost }) => {
      for (const seed of seedsFor(41, seeds)) {
        const plans = equalHosts(hosts);
        const world = worldOf(seed, plans, { sizeBytes: mebibytes * MiB });
        run(file, seed, world, () => {
          wantAll(world);
          const tookMs = expectWhole(world, world.hosts);
          expect(world.originBytes).toBe(mebibytes * MiB);
          expect(tookMs / boundMs(mebibytes * MiB, mbit(100), plans)).toBeLessThanOrEqual(atMost);
        });
      }
    },
  );

  it.each([
    { hosts: 4, rate: mbit(100), atMost: 1.4 },
    { hosts: 8, rate: mbit(50), atMost: 1.25 },
  ])(
    '$hosts hosts whose messages wait for 50 ms in full lines still get it in $atMost x the bound',
    ({ hosts, rate, atMost }) => {
      for (const seed of seedsFor(45, 5)) {
        const plans = equalHosts(hosts, { upRate: rate, downRate: rate });
        const world = worldOf(seed, plans, { sizeBytes: 200 * MiB, originRate: rate, latencyMs: 50 });
        run(file, seed, world, () => {
          wantAll(world);
          expect(expectWhole(world, world.hosts) / boundMs(200 * MiB, rate, plans)).toBeLessThanOrEqual(atMost);
          expect(world.originBytes).toBe(200 * MiB);
        });
      }
    },
  );

  it.each([0, 1, 300 * 1024, 3 * MiB + 1])('get a blob of %i bytes, be it of one piece or of few', (sizeBytes) => {
    for (const seed of seedsFor(42, 5)) {
      const world = worldOf(seed, equalHosts(8), { sizeBytes });
      run(file, seed, world, () => {
        wantAll(world);
        expectWhole(world, world.hosts, 10_000);
        expect(world.originBytes).toBe(sizeBytes);
      });
    }
  });

  it.each(seedsFor(43, 5))('are not held up by a slow one among them (seed %i)', (seed) => {
    const slow = { upRate: mbit(10), downRate: mbit(10) };
    const plans = [...equalHosts(7), slow];
    const world = worldOf(seed, plans);
    run(file, seed, world, () => {
      wantAll(world);
      const fast = world.hosts.slice(0, 7);
      const fastMs = expectWhole(world, fast);
      const allMs = expectWhole(world, world.hosts);
      expect(world.originBytes).toBe(64 * MiB);
      expect(allMs / boundMs(64 * MiB, mbit(100), plans)).toBeLessThanOrEqual(1.25);
      // All comes through the host that fetches, so a slow one sets the pace.
      const isFedFast = fast.includes(trackerOf(world));
      if (isFedFast) expect(fastMs / boundMs(64 * MiB, mbit(100), plans.slice(0, 7))).toBeLessThanOrEqual(1.7);
    });
  });

  it.each(seedsFor(44, 5))('take one copy over two zones (seed %i)', (seed) => {
    const world = worldOf(seed, [...equalHosts(10, { zone: 'a' }), ...equalHosts(10, { zone: 'b' })]);
    run(file, seed, world, () => {
      wantAll(world);
      expectWhole(world, world.hosts, 12_000);
      expect(world.originBytes).toBe(64 * MiB);
    });
  });
});

describe('hosts that want the same blob one after the other', () => {
  it.each(seedsFor(45, 10))('get it from those before them (seed %i)', (seed) => {
    const plans = equalHosts(12);
    const world = worldOf(seed, plans);
    run(file, seed, world, () => {
      for (const [index, host] of world.hosts.entries()) world.after(1_000 * index, () => host.want());
      const tookMs = expectWhole(world, world.hosts);
      expect(world.originBytes).toBe(64 * MiB);
      expect((tookMs - 11_000) / boundMs(64 * MiB, mbit(100), plans)).toBeLessThanOrEqual(1.25);
    });
  });

  it.each(seedsFor(46, 5))('get it from holders without any upstream (seed %i)', (seed) => {
    const world = worldOf(seed, equalHosts(8), { origin: undefined });
    run(file, seed, world, () => {
      for (const host of world.hosts.slice(0, 3)) host.hold();
      for (const host of world.hosts.slice(3)) host.want();
      expectWhole(world, world.hosts, 12_000);
      expect(world.originBytes).toBe(0);
    });
  });

  it('are told when nobody has it and nobody can get it', () => {
    const world = worldOf(1, equalHosts(4), { origin: undefined });
    wantAll(world);
    world.run(4_000);
    expect(world.hosts.map(({ failure }) => failure)).toEqual([undefined, undefined, undefined, undefined]);
    world.run(6_000);
    expect(world.hosts.map(({ failure }) => failure)).toEqual(Array.from({ length: 4 }, () => 'not-found'));
  });

  it('are told when the upstream fails, and get it when it answers again', () => {
    const world = worldOf(1, equalHosts(4));
    world.isOriginUp = false;
    wantAll(world);
    world.run(5_000);
    expect(world.hosts.map(({ failure }) => failure)).toEqual(Array.from({ length: 4 }, () => 'upstream-unavailable'));
    world.isOriginUp = true;
    expectWhole(world, world.hosts, 30_000);
    expect(world.originBytes).toBe(64 * MiB);
  });
});
