import { chooseCandidates, type HostView } from '../../agent/core/placement/filter.ts';
import { createLedger, free } from '../../agent/core/placement/ledger.ts';
import { type ContainerId, type HostId, newId } from '../../protocol/ids.ts';
import { sample } from '../../test/sim/framework/rng.ts';
import { World } from '../../test/sim/framework/world.ts';
import { HostProcess, type Message } from '../../test/sim/placement/host-process.ts';
import { factsOf, type HostPlan, viewOf } from '../../test/sim/placement/marketplace.ts';
import { percentile, round, writeResults } from './lib/results.ts';

/**
 * Auctions of the pure core on simulated hosts with a network of 1 ms one way: what one core of CPU can decide, and how long a
 * decision takes from its first ask to its last claim. CPU is that of all members together, asking and answering.
 */
const HOSTS = 100;
const AUCTIONS = 2_000;
const REPLICAS = 5;
const MiB = 1024 * 1024;

export interface AuctionSimResults {
  readonly hosts: number;
  readonly replicasPerAuction: number;
  readonly auctions: number;
  readonly placed: number;
  readonly auctionsPerSecond: number;
  readonly cpuPerAuctionMs: number;
  /** Virtual time, of which 4 ms are the network's. */
  readonly decisionMs: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** Starts one auction per virtual millisecond at random members; each frees its containers when it has ended. */
export function run(): AuctionSimResults {
  const network = { delayMinMs: 1, delayMeanMs: 0, lossProbability: 0, duplicateProbability: 0 };
  const world = new World<Message>({ seed: 1, network, tickMs: 100, clockSkewMsMax: 0 });
  const started = new Map<string, number>();
  const decisionsMs: number[] = [];
  let placed = 0;

  const plans = Array.from({ length: HOSTS }, (_, index): HostPlan => {
    const capacity = { allocatableBytes: 64 * 1_024 * MiB, cpuMilli: 64_000 };
    return { id: `host-${index}` as HostId, zone: `zone-${index % 3}`, capacity };
  });
  const hosts = new Map<string, HostProcess>();
  for (const plan of plans) {
    world.start(plan.id, () => {
      const host = new HostProcess(createLedger(plan.capacity), factsOf(plan), {
        send: (to, message) => world.send(plan.id, to, message),
        ended: (auctionId, outcome) => {
          decisionsMs.push(world.nowMs - (started.get(auctionId) ?? 0));
          placed += outcome.placed.length;
          for (const { hostId, containerId } of outcome.placed) drop(hostId, containerId);
        },
      });
      hosts.set(plan.id, host);
      return host;
    });
  }
  const drop = (hostId: HostId, containerId: ContainerId) => {
    const ledger = hosts.get(hostId)?.ledger;
    if (ledger !== undefined) free(ledger, containerId);
  };

  const auction = (index: number, gossip: readonly HostView[]) => {
    const [plan] = sample(world.rng, plans, 1);
    const host = hosts.get(plan?.id ?? '');
    if (plan === undefined || host === undefined) return;
    const requirement = {
      ...{ group: 'bench', app: `app-${index}`, appUid: `a${index}`, cluster: 'default', image: 'web' },
      ...{ memoryBytes: 64 * MiB, cpuMilli: 100, ports: [{ container: 80 }], constraints: [] },
    };
    const context = world.contextOf(plan.id);
    const auctionId = newId<string>('operation', context.nowMs, context.rng);
    started.set(auctionId, world.nowMs);
    const chosen = chooseCandidates(gossip, requirement, { selector: [] }, context.rng);
    const replicas = Array.from({ length: REPLICAS }, (_, replica) => replica);
    const setup = {
      auctionId,
      auctioneer: plan.id,
      requirement,
      replicas,
      zoneReplicas: new Map(),
      allOrNothing: true,
    };
    host.auction({ ...setup, ...chosen }, context);
  };

  const startedAtMs = performance.now();
  const gossip = plans.map((plan) => viewOf(plan, createLedger(plan.capacity)));
  for (let index = 0; index < AUCTIONS; index++) world.after(index, () => auction(index, gossip));
  world.runUntil(() => decisionsMs.length === AUCTIONS, AUCTIONS + 60_000);
  const tookMs = performance.now() - startedAtMs;

  return {
    hosts: HOSTS,
    replicasPerAuction: REPLICAS,
    auctions: decisionsMs.length,
    placed,
    auctionsPerSecond: round((decisionsMs.length / tookMs) * 1_000),
    cpuPerAuctionMs: round(tookMs / decisionsMs.length, 2),
    decisionMs: {
      p50: round(percentile(decisionsMs, 0.5), 1),
      p99: round(percentile(decisionsMs, 0.99), 1),
      max: round(percentile(decisionsMs, 1), 1),
    },
  };
}

if (import.meta.main) writeResults('auction-sim', { ...run() });
