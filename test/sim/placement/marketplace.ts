import type { HostFacts } from '../../../agent/core/placement/ask.ts';
import type { AuctionOutcome } from '../../../agent/core/placement/auction-types.ts';
import { chooseCandidates, type HostView } from '../../../agent/core/placement/filter.ts';
import {
  adopt,
  createLedger,
  type Ledger,
  type LedgerCapacity,
  RESERVATION_MS,
  totals,
} from '../../../agent/core/placement/ledger.ts';
import { portKey } from '../../../agent/core/placement/ports.ts';
import type { Requirement } from '../../../agent/core/placement/types.ts';
import { type ContainerId, type HostId, newId } from '../../../protocol/ids.ts';
import { invariant } from '../framework/invariants.ts';
import type { NetworkOptions } from '../framework/network.ts';
import { sample } from '../framework/rng.ts';
import { World } from '../framework/world.ts';
import { HostProcess, type Message } from './host-process.ts';

export interface HostPlan {
  readonly id: HostId;
  readonly zone: string;
  readonly capacity: LedgerCapacity;
}

/** An app somebody wants; a steward keeps auctioning for what is missing of it. */
export interface Demand {
  readonly requirement: Requirement;
  readonly replicas: number;
  readonly allOrNothing: boolean;
}

interface Stewardship {
  readonly demand: Demand;
  auctions: number;
  /** The host whose auction runs. */
  auctioneer: string | undefined;
  againAtMs: number;
  isGivenUp: boolean;
}

const auctionsMax = 40;
/** Gossip is this old at most. Milliseconds. */
const gossipMs = 1_000;

/** Hosts with their ledgers, and stewards that auction for apps from random hosts at once. */
export class Marketplace {
  readonly world: World<Message>;
  readonly outcomes: AuctionOutcome[] = [];
  readonly #plans: ReadonlyMap<string, HostPlan>;
  readonly #hosts = new Map<string, HostProcess>();
  readonly #stewards = new Map<string, Stewardship>();
  readonly #replicas = new Map<ContainerId, number>();
  #gossip: readonly HostView[] = [];

  constructor(seed: number, network: NetworkOptions, plans: readonly HostPlan[]) {
    this.world = new World<Message>({ seed, network, tickMs: 100, clockSkewMsMax: 60_000 });
    this.#plans = new Map(plans.map((plan) => [plan.id, plan]));
    for (const plan of plans) this.start(plan.id);
    this.world.onEvent = (id) => this.#checkHost(id);
    this.#everySoOften(gossipMs, () => {
      this.#gossip = plans.map((plan) => viewOf(plan, this.#hosts.get(plan.id)?.ledger ?? createLedger(plan.capacity)));
    });
    this.#everySoOften(50, () => this.#steer());
  }

  /** Starts a host; its claims are what its engine runs, its reservations are lost. */
  start(id: string): void {
    const plan = this.#plans.get(id);
    if (plan === undefined) throw new Error(`no host ${id}`);
    this.world.start(id, () => {
      const ledger = createLedger(plan.capacity);
      adopt(ledger, [...(this.#hosts.get(id)?.ledger.claims.values() ?? [])]);
      const host = new HostProcess(ledger, factsOf(plan), {
        send: (to, message) => this.#send(id, to, message),
        ended: (auctionId, outcome) => this.#ended(auctionId, outcome),
      });
      this.#hosts.set(id, host);
      return host;
    });
  }

  crash(id: string): void {
    this.world.crash(id);
    for (const steward of this.#stewards.values()) {
      if (steward.auctioneer === id) this.#rest(steward, RESERVATION_MS + 1_000);
    }
  }

  want(demand: Demand): void {
    this.#stewards.set(demand.requirement.appUid, {
      demand,
      auctions: 0,
      auctioneer: undefined,
      againAtMs: 0,
      isGivenUp: false,
    });
  }

  /** Nobody has anything left to do. */
  get isQuiet(): boolean {
    const isDone = (steward: Stewardship) => steward.isGivenUp || this.missing(steward.demand).length === 0;
    return [...this.#stewards.values()].every((steward) => steward.auctioneer === undefined && isDone(steward));
  }

  get ledgers(): Ledger[] {
    return [...this.#hosts.values()].map((host) => host.ledger);
  }

  /** How many more replicas the hosts have room for. */
  slotsLeft(memoryBytes: number): number {
    const free = (ledger: Ledger) => ledger.capacity.allocatableBytes - totals(ledger).promisedBytes;
    return this.ledgers.reduce((sum, ledger) => sum + Math.floor(free(ledger) / memoryBytes), 0);
  }

  /** Numbers of the replicas that no host has claimed, as a steward reads them from host records. */
  missing({ requirement, replicas }: Demand): number[] {
    const claimed = new Set(this.replicasOf(requirement.appUid));
    return Array.from({ length: replicas }, (_, replica) => replica).filter((replica) => !claimed.has(replica));
  }

  /** Replica numbers of the app's claims on all hosts; a number that comes twice is a replica that runs twice. */
  replicasOf(appUid: string): number[] {
    const claims = this.ledgers.flatMap((ledger) => [...ledger.claims.values()]);
    return claims.flatMap((claim) => (claim.appUid === appUid ? (this.#replicas.get(claim.containerId) ?? []) : []));
  }

  #send(from: string, to: string, message: Message): void {
    if (message.type === 'award') {
      for (const { containerId, replica } of message.award.assignments) this.#replicas.set(containerId, replica);
    }
    this.world.send(from, to, message);
  }

  #steer(): void {
    for (const steward of this.#stewards.values()) {
      if (steward.auctioneer !== undefined || steward.isGivenUp || this.world.nowMs < steward.againAtMs) continue;
      const missing = this.missing(steward.demand);
      if (missing.length === 0) continue;
      if (steward.auctions >= auctionsMax) steward.isGivenUp = true;
      else this.#auction(steward, missing);
    }
  }

  #auction(steward: Stewardship, replicas: readonly number[]): void {
    const up = [...this.#hosts.keys()].filter((id) => this.world.isUp(id));
    const [auctioneer] = sample(this.world.rng, up, 1);
    const host = auctioneer === undefined ? undefined : this.#hosts.get(auctioneer);
    if (auctioneer === undefined || host === undefined) return;
    steward.auctions++;
    steward.auctioneer = auctioneer;
    const { requirement, allOrNothing } = steward.demand;
    const context = this.world.contextOf(auctioneer);
    const chosen = chooseCandidates(this.#gossip, requirement, { selector: [] }, context.rng);
    const auctionId = `${requirement.appUid}:${newId('operation', context.nowMs, context.rng)}`;
    const id = { auctionId, auctioneer: auctioneer as HostId };
    host.auction({ ...id, requirement, replicas, ...chosen, zoneReplicas: new Map(), allOrNothing }, context);
  }

  #ended(auctionId: string, outcome: AuctionOutcome): void {
    this.outcomes.push(outcome);
    this.world.note(() => `${auctionId} ended ${outcome.kind}, missing ${outcome.missing.length}`);
    const steward = this.#stewards.get(auctionId.split(':')[0] ?? '');
    if (steward === undefined) return;
    this.#rest(steward, (outcome.unknown.length > 0 ? RESERVATION_MS : 0) + 1_000 * this.world.rng());
    const isWorthRetrying = outcome.isTransient || outcome.refusals.some(({ rule }) => rule === 'no-answer');
    if (outcome.kind === 'unplaceable' && !isWorthRetrying) steward.isGivenUp = true;
  }

  #rest(steward: Stewardship, forMs: number): void {
    steward.auctioneer = undefined;
    steward.againAtMs = this.world.nowMs + forMs;
  }

  #everySoOften(periodMs: number, action: () => void): void {
    action();
    this.world.after(periodMs, () => this.#everySoOften(periodMs, action));
  }

  /** What must hold on a host after every event there. */
  #checkHost(id: string): void {
    const ledger = this.#hosts.get(id)?.ledger;
    if (ledger === undefined) return;
    const { promisedBytes, heldBytes, promisedCpuMilli, heldCpuMilli } = totals(ledger);
    const { allocatableBytes, cpuMilli } = ledger.capacity;
    const sum = `${promisedBytes} + ${heldBytes} of ${allocatableBytes}`;
    invariant(promisedBytes + heldBytes <= allocatableBytes, 'memory is never promised twice', () => `${id}: ${sum}`);
    invariant(promisedCpuMilli + heldCpuMilli <= cpuMilli, 'CPU is never promised twice', () => id);
    const reservations = [...ledger.reservations.values()];
    const ports = [...ledger.claims.values(), ...reservations.flatMap(({ slots }) => slots.map((s) => ({ ports: s })))]
      .flatMap((holder) => holder.ports)
      .map(portKey);
    invariant(new Set(ports).size === ports.length, 'no port twice', () => `${id}: ${ports.join(' ')}`);
    const { nowMs } = this.world.contextOf(id);
    for (const { id: reservationId, expiresAtMs } of reservations) {
      const isBounded = expiresAtMs > nowMs - 200 && expiresAtMs <= nowMs + RESERVATION_MS;
      invariant(isBounded, 'no reservation outlives its expiry', () => `${id}: ${reservationId}`);
    }
  }
}

/** What a host that has nothing special knows of itself. */
export function factsOf({ id, zone }: HostPlan): HostFacts {
  return {
    hostId: id,
    hostName: id,
    zone,
    labels: {},
    isCordoned: false,
    isEngineReady: true,
    unmanagedContainers: 0,
    takenPorts: new Set(),
    portRange: { first: 20_000, last: 20_200 },
    hasImage: false,
    recentFailures: 0,
  };
}

/** What gossip tells of a host with this ledger. */
export function viewOf(plan: HostPlan, ledger: Ledger): HostView {
  const { promisedBytes, heldBytes, promisedCpuMilli } = totals(ledger);
  const { allocatableBytes, cpuMilli } = ledger.capacity;
  return {
    id: plan.id,
    name: plan.id,
    status: 'alive',
    zone: plan.zone,
    cordoned: false,
    labels: {},
    engine: { state: 'ready', version: '' },
    capacity: {
      memoryBytes: allocatableBytes,
      reserveBytes: 0,
      unmanagedBytes: 0,
      allocatableBytes,
      promisedBytes,
      heldBytes,
      cpuMilli,
      promisedCpuMilli,
    },
    containers: ledger.claims.size,
  };
}
