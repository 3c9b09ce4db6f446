import type { ReservationId } from '../../../protocol/ids.ts';
import type { Capacity, UnmanagedContainer } from '../../../protocol/schemas/host.ts';
import type { Context } from '../../core/context.ts';
import type { ContainerIdentity } from '../../core/host/container.ts';
import { ask, type HostFacts, quote } from '../../core/placement/ask.ts';
import { memoryCapacity } from '../../core/placement/capacity.ts';
import {
  type AwardAnswer,
  adopt,
  award,
  createLedger,
  expire,
  free,
  type Ledger,
  release,
  setCapacity,
} from '../../core/placement/ledger.ts';
import type { PortKey, PortRange } from '../../core/placement/ports.ts';
import { countFailures, type RecentFailures, recordFailure } from '../../core/placement/recent-failures.ts';
import type { Ask, Award, Bid, Requirement } from '../../core/placement/types.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Machine } from '../../ports/machine.ts';
import type { HostIdentity } from './options.ts';

/** Automatic host ports: below Linux's ephemeral range (32768 and up), so that outgoing connections don't take them. */
export const defaultPortRange: PortRange = { first: 20_000, last: 29_999 };
/** What a running container that Shoal did not make counts when it has no memory limit. */
const UNLIMITED_BYTES = 256 * 1024 ** 2;
const EXPIRE_EVERY_MS = 1_000;

/** What the host may promise, before unmanaged containers. */
export interface CapacityOptions {
  readonly memoryBytes: number;
  readonly reserveBytes: number;
  readonly cpuMilli: number;
}

/** 5 % of the memory, at least 256 MiB and at most 1 GiB: for the system, the engine and the agent. */
export const defaultReserveBytes = (memoryBytes: number): number =>
  Math.round(Math.min(1024 ** 3, Math.max(256 * 1024 ** 2, memoryBytes / 20)));

/** Who bids, and what it can't know itself. */
export interface BidderDeps {
  readonly clock: Clock;
  readonly machine: Machine;
  readonly identity: HostIdentity;
  readonly portRange: PortRange;
  /** Facts, start-up labels and operators' labels merged. */
  readonly labels: () => Readonly<Record<string, string>>;
  readonly isCordoned: () => boolean;
  /** True once everything on the engine is known, and while it answers. */
  readonly isEngineReady: () => boolean;
  readonly hasImage: (image: Pick<Requirement, 'image' | 'resolvedImage'>) => Promise<boolean>;
  readonly changed: () => void;
}

/** Keeps the host's ledger: answers asks with offers it can hold, turns awards into claims, ends them. */
export class Bidder {
  readonly ledger: Ledger = createLedger({ allocatableBytes: 0, cpuMilli: 0 });
  readonly #deps: BidderDeps;
  readonly #failures: RecentFailures = new Map();
  #capacity: CapacityOptions = { memoryBytes: 0, reserveBytes: 0, cpuMilli: 0 };
  #unmanagedBytes = 0;
  #unmanagedCount = 0;
  #unmanagedPorts: ReadonlySet<PortKey> = new Set();
  #cancelExpiry = () => {};

  constructor(deps: BidderDeps) {
    this.#deps = deps;
  }

  start(capacity: CapacityOptions): void {
    this.#capacity = capacity;
    this.setUnmanaged([], new Set());
    this.#cancelExpiry = this.#deps.clock.every(EXPIRE_EVERY_MS, () => {
      if (expire(this.ledger, this.#deps.clock.nowMs()) > 0) this.#deps.changed();
    });
  }

  stop(): void {
    this.#cancelExpiry();
  }

  get memory(): Pick<Capacity, 'memoryBytes' | 'reserveBytes' | 'unmanagedBytes'> {
    const { memoryBytes, reserveBytes } = this.#capacity;
    return { memoryBytes, reserveBytes, unmanagedBytes: this.#unmanagedBytes };
  }

  /** Never throws for an ask that can't be met: that is a refusal. */
  async ask(request: Ask): Promise<Bid> {
    const facts = await this.#factsFor(request);
    return ask(this.ledger, request, facts, this.#context());
  }

  /** What it would answer to an ask now. Holds nothing. */
  async quote(request: Ask): Promise<Bid> {
    const facts = await this.#factsFor(request);
    return quote(this.ledger, request, facts, this.#context());
  }

  #context(): Context {
    const { clock } = this.#deps;
    return { nowMs: clock.nowMs(), rng: () => clock.random() };
  }

  async #factsFor({ requirement }: Ask): Promise<HostFacts> {
    const { machine, hasImage, clock, identity, portRange } = this.#deps;
    const { appUid, ports } = requirement;
    const [isPresent, listening] = await Promise.all([
      hasImage(requirement),
      ports.length === 0 ? [] : machine.takenPorts(),
    ]);
    return {
      hostId: identity.hostId,
      hostName: identity.hostName,
      zone: identity.zone,
      portRange,
      labels: this.#deps.labels(),
      isCordoned: this.#deps.isCordoned(),
      isEngineReady: this.#deps.isEngineReady(),
      unmanagedContainers: this.#unmanagedCount,
      takenPorts: new Set([...listening, ...this.#unmanagedPorts]),
      hasImage: isPresent,
      recentFailures: countFailures(this.#failures, appUid, clock.nowMs()),
    };
  }

  award(request: Award): AwardAnswer {
    return award(this.ledger, request, this.#deps.clock.nowMs());
  }

  release(reservationId: ReservationId): void {
    release(this.ledger, reservationId);
    // A record that shows it as held went out if anything else of the host changed meanwhile.
    this.#deps.changed();
  }

  /** Its container is gone. */
  free({ containerId }: ContainerIdentity): void {
    free(this.ledger, containerId);
  }

  /** Takes containers over that the engine has already. */
  adopt(identities: readonly ContainerIdentity[]): void {
    const claims = identities.map(({ containerId, group, app, appUid, spec, ports }) => {
      return {
        containerId,
        app: `${group}/${app}`,
        appUid,
        memoryBytes: spec.memoryBytes,
        cpuMilli: spec.cpuMilli ?? 0,
        ports,
      };
    });
    adopt(this.ledger, claims);
  }

  /** Counts against this host in the next auctions for the app. */
  failed({ appUid }: ContainerIdentity): void {
    recordFailure(this.#failures, appUid, this.#deps.clock.nowMs());
  }

  /** What runs beside our containers, and the host ports it uses. */
  setUnmanaged(unmanaged: readonly UnmanagedContainer[], ports: ReadonlySet<PortKey>): void {
    const { memoryBytes: totalBytes, reserveBytes, cpuMilli } = this.#capacity;
    const capacity = memoryCapacity({ totalBytes, reserveBytes, unmanaged, unlimitedBytes: UNLIMITED_BYTES });
    this.#unmanagedBytes = capacity.unmanagedBytes;
    this.#unmanagedCount = unmanaged.length;
    this.#unmanagedPorts = ports;
    setCapacity(this.ledger, { allocatableBytes: capacity.allocatableBytes, cpuMilli });
  }
}
