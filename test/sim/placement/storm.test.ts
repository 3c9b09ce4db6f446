import { describe, expect, it } from 'vitest';
import type { Requirement } from '../../../agent/core/placement/types.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { calmNetwork, type NetworkOptions } from '../framework/network.ts';
import { intBetween, makeRng, type Rng, sample } from '../framework/rng.ts';
import { runSeed, seedsFor } from '../framework/seeds.ts';
import { type Demand, type HostPlan, Marketplace } from './marketplace.ts';

const MiB = 1024 * 1024;
const file = 'test/sim/placement';
const roughCalls: NetworkOptions = { delayMinMs: 1, delayMeanMs: 20, lossProbability: 0.1, duplicateProbability: 0.05 };

const planHosts = (rng: Rng): HostPlan[] =>
  Array.from({ length: rng() < 0.8 ? intBetween(rng, 5, 20) : intBetween(rng, 30, 100) }, (_, index) => ({
    id: `host-${String(index).padStart(3, '0')}` as HostId,
    zone: `zone-${intBetween(rng, 1, 3)}`,
    capacity: { allocatableBytes: intBetween(rng, 0, 24) * 64 * MiB + intBetween(rng, 0, 63) * MiB, cpuMilli: 8_000 },
  }));

const appOf = (index: number, rest: Partial<Requirement> = {}): Requirement => ({
  group: 'shop',
  app: `app-${index}`,
  appUid: `a${String(index).padStart(3, '0')}`,
  cluster: 'default',
  image: 'web',
  memoryBytes: 64 * MiB,
  cpuMilli: 0,
  ports: [],
  constraints: [],
  ...rest,
});

const slotsOf = (plans: readonly HostPlan[]): number =>
  plans.reduce((sum, { capacity }) => sum + Math.floor(capacity.allocatableBytes / (64 * MiB)), 0);

/** Wants everything within half a second, in several auctions at once. */
function wantAll(market: Marketplace, demands: readonly Demand[], rng: Rng): void {
  for (const demand of demands) market.world.after(500 * rng(), () => market.want(demand));
  market.world.run(500);
}

function settle(market: Marketplace, atMostMs: number): void {
  const tookMs = market.world.runUntil(() => market.isQuiet, atMostMs, 250);
  expect(tookMs, 'auctions come to an end').toBeDefined();
  market.world.run(11_000);
  const open = market.ledgers.reduce((sum, ledger) => sum + ledger.reservations.size, 0);
  expect(open, 'no reservation is left over').toBe(0);
}

const placedOf = (market: Marketplace, demands: readonly Demand[]): number[] =>
  demands.map(({ requirement }) => {
    const replicas = market.replicasOf(requirement.appUid);
    expect(new Set(replicas).size, 'no replica runs twice').toBe(replicas.length);
    return replicas.length;
  });

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0);

describe('many auctioneers at once', () => {
  it.each(seedsFor(31, 20))('fill the hosts to the last slot when each takes what fits (seed %i)', (seed) => {
    const rng = makeRng(seed);
    const plans = planHosts(rng);
    const market = new Marketplace(seed, calmNetwork, plans);
    runSeed(seed, file, market.world.trace, () => {
      const slots = slotsOf(plans);
      const each = Math.ceil((slots * 1.2) / 10);
      const demands = Array.from({ length: 10 }, (_, index): Demand => {
        return { requirement: appOf(index), replicas: each, allOrNothing: false };
      });
      wantAll(market, demands, rng);
      settle(market, 120_000);
      expect(total(placedOf(market, demands))).toBe(Math.min(slots, 10 * each));
    });
  });

  it.each(seedsFor(32, 20))('place every app whole or not at all, and each one that fits (seed %i)', (seed) => {
    const rng = makeRng(seed);
    const plans = planHosts(rng);
    const market = new Marketplace(seed, calmNetwork, plans);
    runSeed(seed, file, market.world.trace, () => {
      const demands = Array.from({ length: 8 }, (_, index): Demand => {
        const replicas = intBetween(rng, 1, Math.max(1, Math.ceil(slotsOf(plans) / 4)));
        return { requirement: appOf(index), replicas, allOrNothing: true };
      });
      wantAll(market, demands, rng);
      settle(market, 240_000);
      const left = market.slotsLeft(64 * MiB);
      for (const [index, placed] of placedOf(market, demands).entries()) {
        const replicas = demands[index]?.replicas ?? 0;
        expect([0, replicas], 'whole or not at all').toContain(placed);
        if (placed === 0) expect(replicas, 'an app left out would not have fitted').toBeGreaterThan(left);
      }
    });
  });

  it.each(seedsFor(33, 20))(
    'keep every promise through lost calls and crashes, then place the rest (seed %i)',
    (seed) => {
      const rng = makeRng(seed);
      const plans = planHosts(rng);
      const market = new Marketplace(seed, roughCalls, plans);
      runSeed(seed, file, market.world.trace, () => {
        const slots = slotsOf(plans);
        const demands = Array.from({ length: 8 }, (_, index): Demand => {
          return { requirement: appOf(index), replicas: Math.floor(slots / 8), allOrNothing: index % 2 === 0 };
        });
        for (const { id } of sample(rng, plans, 4)) {
          const crashMs = 3_000 * rng();
          market.world.after(crashMs, () => market.crash(id));
          market.world.after(crashMs + 4_000 * rng(), () => market.start(id));
        }
        wantAll(market, demands, rng);
        market.world.run(10_000);
        market.world.network.options = calmNetwork;
        settle(market, 240_000);
        expect(total(placedOf(market, demands))).toBe(8 * Math.floor(slots / 8));
      });
    },
  );

  it.each(seedsFor(34, 20))('promise no CPU, port or memory twice whatever is asked (seed %i)', (seed) => {
    const rng = makeRng(seed);
    const plans = planHosts(rng);
    const market = new Marketplace(seed, roughCalls, plans);
    runSeed(seed, file, market.world.trace, () => {
      const demands = Array.from({ length: 12 }, (_, index): Demand => {
        const requirement = appOf(index, {
          memoryBytes: intBetween(rng, 6, 300) * MiB,
          cpuMilli: rng() < 0.5 ? 0 : intBetween(rng, 1, 40) * 100,
          ports: [
            ...(rng() < 0.5 ? [{ container: 80, host: intBetween(rng, 20_000, 20_003) }] : []),
            ...(rng() < 0.5 ? [{ container: 81 }] : []),
          ],
          ...(rng() < 0.3 ? { maxPerHost: intBetween(rng, 1, 3) } : {}),
        });
        return { requirement, replicas: intBetween(rng, 1, 20), allOrNothing: rng() < 0.5 };
      });
      wantAll(market, demands, rng);
      for (const { id } of sample(rng, plans, 2)) {
        market.crash(id);
        market.world.after(2_000, () => market.start(id));
      }
      market.world.run(10_000);
      market.world.network.options = calmNetwork;
      settle(market, 240_000);
      placedOf(market, demands);
    });
  });
});
