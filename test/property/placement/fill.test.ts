import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fill } from '../../../agent/core/placement/fill.ts';
import { FAILURES_TO_COME_LAST } from '../../../agent/core/placement/recent-failures.ts';
import type { Offer } from '../../../agent/core/placement/types.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { offer } from '../../unit/placement/fixtures.ts';

const offerFields = fc.record({
  zone: fc.constantFrom('', 'west', 'east', 'north'),
  slots: fc.nat(6),
  appReplicas: fc.nat(3),
  memoryFreeBytes: fc.nat(8_000),
  memoryAllocatableBytes: fc.integer({ min: 1, max: 8_000 }),
  imagePresent: fc.boolean(),
  containers: fc.nat(4),
  recentFailures: fc.nat(6),
});
const offersOf = (fields: fc.Arbitrary<Partial<Offer>>) =>
  fc.array(fields, { maxLength: 12 }).map((list) => list.map((rest, index) => offer(`h${index}`, rest)));
const offers = offersOf(offerFields);
const calmOffers = offersOf(offerFields.map((fields) => ({ ...fields, appReplicas: 0, recentFailures: 0 })));

const run = (list: readonly Offer[], replicas: number, seed: number) =>
  fill({ offers: list, replicas, memoryBytes: 10, zoneReplicas: new Map(), rng: makeRng(seed) });
const count = (hosts: readonly string[], host: string) => hosts.filter((each) => each === host).length;
const slotsOf = (list: readonly Offer[]) => list.reduce((sum, { slots }) => sum + slots, 0);

describe('filling offers', () => {
  it('uses no slot twice and leaves none free while replicas are missing', () => {
    fc.assert(
      fc.property(offers, fc.nat(40), fc.nat(), (list, replicas, seed) => {
        const { hosts } = run(list, replicas, seed);
        expect(hosts).toHaveLength(Math.min(replicas, slotsOf(list)));
        for (const { hostId, slots } of list) expect(count(hosts, hostId)).toBeLessThanOrEqual(slots);
      }),
    );
  });

  it('depends on the seed and the offers, not on their order: the order of offers is total', () => {
    fc.assert(
      fc.property(
        offers.chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
        fc.nat(20),
        fc.nat(),
        ([list, shuffled], replicas, seed) => {
          expect(run(shuffled, replicas, seed)).toEqual(run(list, replicas, seed));
        },
      ),
    );
  });

  it('gives replica by replica: fewer wanted is a prefix of more wanted', () => {
    fc.assert(
      fc.property(offers, fc.nat(20), fc.nat(), (list, replicas, seed) => {
        expect(run(list, replicas + 1, seed).hosts.slice(0, replicas)).toEqual(run(list, replicas, seed).hosts);
      }),
    );
  });

  it('balances zones as far as their slots allow', () => {
    fc.assert(
      fc.property(calmOffers, fc.nat(30), fc.nat(), (list, replicas, seed) => {
        const { hosts } = run(list, replicas, seed);
        const zones = [...Map.groupBy(list, ({ zone }) => zone).values()];
        const placed = zones.map((zone) => zone.reduce((sum, { hostId }) => sum + count(hosts, hostId), 0));
        const most = Math.max(0, ...placed);
        for (const [index, zone] of zones.entries()) {
          const isFull = placed[index] === slotsOf(zone);
          expect(isFull || (placed[index] ?? 0) >= most - 1).toBe(true);
        }
      }),
    );
  });

  it('gives no host of a zone a second replica while another one there has none and a free slot', () => {
    fc.assert(
      fc.property(calmOffers, fc.nat(30), fc.nat(), (list, replicas, seed) => {
        const { hosts } = run(list, replicas, seed);
        for (const zone of Map.groupBy(list, ({ zone }) => zone).values()) {
          const most = Math.max(...zone.map(({ hostId }) => count(hosts, hostId)));
          for (const { hostId, slots } of zone) {
            const placed = count(hosts, hostId);
            expect(placed === slots || placed >= most - 1).toBe(true);
          }
        }
      }),
    );
  });

  it('uses hosts that keep failing only when all others are full', () => {
    fc.assert(
      fc.property(offers, fc.nat(30), fc.nat(), (list, replicas, seed) => {
        const { hosts } = run(list, replicas, seed);
        const isFailing = ({ recentFailures }: Offer) => recentFailures >= FAILURES_TO_COME_LAST;
        const failing = list.filter(isFailing).reduce((sum, { hostId }) => sum + count(hosts, hostId), 0);
        const others = slotsOf(list.filter((each) => !isFailing(each)));
        expect(failing).toBe(Math.max(0, hosts.length - others));
      }),
    );
  });
});
