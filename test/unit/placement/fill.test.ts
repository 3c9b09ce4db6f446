import { describe, expect, it } from 'vitest';
import { fill } from '../../../agent/core/placement/fill.ts';
import type { Offer } from '../../../agent/core/placement/types.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { MiB, offer } from './fixtures.ts';

const fillAll = (offers: readonly Offer[], replicas: number, zones: Record<string, number> = {}) =>
  fill({
    offers,
    replicas,
    memoryBytes: 512 * MiB,
    zoneReplicas: new Map(Object.entries(zones)),
    rng: makeRng(1),
  });

const cases = [
  {
    name: 'a zone with fewer replicas comes before everything else',
    offers: [
      offer('good', { zone: 'west', appReplicas: 1, imagePresent: true }),
      offer('poor', { zone: 'east', appReplicas: 0, recentFailures: 4, containers: 90, memoryFreeBytes: 600 * MiB }),
    ],
    best: 'poor',
    lost: '1 replica of the app in zone west; poor: 0 replicas of the app in zone east',
  },
  {
    name: 'a zone counts replicas on hosts that offer nothing',
    offers: [offer('west', { zone: 'west' }), offer('east', { zone: 'east', containers: 5 })],
    zones: { west: 2, east: 1 },
    best: 'east',
    lost: '2 replicas of the app in zone west; east: 1 replica of the app in zone east',
  },
  {
    name: 'then a host with fewer replicas of the app',
    offers: [
      offer('one', { appReplicas: 1, imagePresent: true }),
      offer('none', { recentFailures: 4, memoryFreeBytes: 600 * MiB }),
    ],
    best: 'none',
    lost: '1 replica of the app there; none: 0 replicas of the app there',
  },
  {
    name: 'then one where it did not fail lately',
    offers: [offer('failed', { recentFailures: 1, imagePresent: true }), offer('fine', { memoryFreeBytes: 600 * MiB })],
    best: 'fine',
    lost: '1 recent failure of the app; fine: 0 recent failures of the app',
  },
  {
    name: 'then one with more memory left, as a ratio',
    offers: [
      offer('large', { memoryFreeBytes: 4_096 * MiB, memoryAllocatableBytes: 65_536 * MiB, imagePresent: true }),
      offer('small', { memoryFreeBytes: 2_048 * MiB, memoryAllocatableBytes: 4_096 * MiB }),
    ],
    best: 'small',
    lost: '5 % of memory free after placing; small: 38 % of memory free after placing',
  },
  {
    name: 'then one that has the image',
    offers: [offer('without', { memoryFreeBytes: 8_191 * MiB }), offer('with', { imagePresent: true, containers: 3 })],
    best: 'with',
    lost: 'image not there; with: image there',
  },
  {
    name: 'then one with fewer containers',
    offers: [offer('busy', { containers: 3 }), offer('idle', { containers: 2 })],
    best: 'idle',
    lost: '3 containers; idle: 2 containers',
  },
  {
    name: 'a host that keeps failing the app comes last, also for another zone',
    offers: [
      offer('fine', { zone: 'west', appReplicas: 3 }),
      offer('failing', { zone: 'east', recentFailures: 5, imagePresent: true }),
    ],
    best: 'fine',
    lost: '5 recent failures of the app; fine: 0 recent failures of the app',
  },
];

describe('a replica goes to the best offer', () => {
  it.each(cases)('$name', ({ offers, zones, best, lost }) => {
    const filled = fillAll(offers, 1, zones);
    expect(filled.hosts).toEqual([best]);
    expect([...filled.lost.values()]).toEqual([lost]);
    expect(fillAll([...offers].reverse(), 1, zones).hosts, 'in whatever order the offers came').toEqual([best]);
  });

  it('by chance among equals, and every one has its chance', () => {
    const offers = [offer('a'), offer('b'), offer('c')];
    const seeds = Array.from({ length: 60 }, (_, seed) => seed);
    const picked = seeds.map(
      (seed) => fill({ offers, replicas: 1, memoryBytes: MiB, zoneReplicas: new Map(), rng: makeRng(seed) }).hosts[0],
    );
    expect(new Set(picked)).toEqual(new Set(['a', 'b', 'c']));
  });

  it('so that many replicas balance over zones and hosts', () => {
    const offers = ['w1', 'w2', 'w3', 'e1'].map((name) => offer(name, { zone: name.slice(0, 1) }));
    const { hosts } = fillAll(offers, 6);
    const counts = ['w1', 'w2', 'w3', 'e1'].map((name) => hosts.filter((host) => host === name).length);
    expect(counts).toEqual([1, 1, 1, 3]);
  });
});
