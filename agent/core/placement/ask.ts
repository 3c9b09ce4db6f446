import { type HostId, newId, type ReservationId } from '../../../protocol/ids.ts';
import type { PublishedPort } from '../../../protocol/schemas/host.ts';
import type { Refusal, RefusalRule } from '../../../protocol/schemas/operation.ts';
import type { Context } from '../context.ts';
import { affinityLimits, companyOf } from './affinity.ts';
import { match } from './constraints.ts';
import { award, expire, type Ledger, portsInUse, RESERVATION_MS, type Reservation, totals } from './ledger.ts';
import { choosePorts, fitsSpecs, type PortKey, type PortRange, portKey } from './ports.ts';
import { type Limit, slotLimits } from './slot-limits.ts';
import type { Ask, Bid, Requirement } from './types.ts';

/** What the host knows of itself besides its ledger, read for each ask. */
export interface HostFacts {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly zone: string;
  /** Facts, start-up labels and operators' labels merged. */
  readonly labels: Readonly<Record<string, string>>;
  readonly isCordoned: boolean;
  readonly isEngineReady: boolean;
  readonly unmanagedContainers: number;
  /** Ports used by unmanaged containers and other processes. */
  readonly takenPorts: ReadonlySet<PortKey>;
  readonly portRange: PortRange;
  /** The asked image is on the engine's disk. */
  readonly hasImage: boolean;
  /** Of the asked app, here, in the last five minutes. */
  readonly recentFailures: number;
}

/**
 * Answers an ask with an offer whose reservation holds memory, CPU and ports of its slots, or with a refusal.
 *
 * An auction has one reservation per host. Asking again renews and may enlarge it under the same id, and never shrinks it, so
 * a repeated or late ask does no harm.
 */
export function ask(ledger: Ledger, wish: Ask, facts: HostFacts, ctx: Context): Bid {
  const { auctionId, requirement, replicas } = wish;
  expire(ledger, ctx.nowMs);
  const held = takeBack(ledger, auctionId, requirement);
  const verdict = verdictOnHost(requirement, facts);
  if (verdict !== undefined) return refuse(facts, verdict, ledger, auctionId);

  const wanted = Math.max(replicas, held?.slots.length ?? 0, 1);
  const counted = [...slotLimits(ledger, requirement), ...affinityLimits(ledger, requirement)];
  const reachable = Math.min(wanted, ...counted.map((each) => each.slots));
  const { slots, ports } = choosePortsOfSlots(ledger, requirement, facts, held, reachable, ctx.rng);
  // Of rules that are equally tight a port comes last: it may be one that the container to be replaced has.
  const all = [...counted, ...ports];
  const tightest = all.reduce((least, next) => (next.slots < least.slots ? next : least));
  const binding = { ...tightest, slotsUnheld: Math.min(...all.map((each) => each.slotsUnheld)) };
  const granted = slots.length;
  if (granted === 0) return refuse(facts, binding, ledger, auctionId);

  const before = totals(ledger);
  const reservationId = held?.id ?? newId<ReservationId>('reservation', ctx.nowMs, ctx.rng);
  const { appUid, memoryBytes, cpuMilli } = requirement;
  ledger.reservations.set(reservationId, {
    id: reservationId,
    auctionId,
    app: `${requirement.group}/${requirement.app}`,
    appUid,
    memoryBytes,
    cpuMilli,
    slots,
    expiresAtMs: ctx.nowMs + RESERVATION_MS,
  });
  return {
    ok: true,
    offer: {
      hostId: facts.hostId,
      hostName: facts.hostName,
      zone: facts.zone,
      reservationId,
      expiresInMs: RESERVATION_MS,
      slots: granted,
      appReplicas: stayingReplicas(ledger, wish),
      memoryFreeBytes: ledger.capacity.allocatableBytes - before.promisedBytes - before.heldBytes,
      memoryAllocatableBytes: ledger.capacity.allocatableBytes,
      imagePresent: facts.hasImage,
      ...companyOf(ledger, requirement),
      ...spreadValuesOf(requirement, facts),
      containers: ledger.claims.size + facts.unmanagedContainers,
      recentFailures: facts.recentFailures,
      ...(granted < wanted ? { limitedBy: refusalOf(facts, binding, ledger, auctionId) } : {}),
    },
  };
}

/** The answer to an ask as it would be now, after awards of what is `given`: an offer that holds nothing. */
export function quote(ledger: Ledger, wish: Ask, facts: HostFacts, ctx: Context): Bid {
  const copy = { ...ledger, claims: new Map(ledger.claims), reservations: new Map(ledger.reservations) };
  const { given = [], requirement } = wish;
  const before = given.length === 0 ? undefined : ask(copy, { ...wish, replicas: given.length }, facts, ctx);
  if (before?.ok === true) {
    const { appUid, image, memoryBytes, cpuMilli, ports } = requirement;
    const spec = { image, memoryBytes, cpuMilli, ports: [...ports] };
    const assignments = given.map((containerId, replica) => ({ containerId, replica }));
    award(copy, { reservationId: before.offer.reservationId, appUid, spec, assignments }, ctx.nowMs);
  }
  return ask(copy, wish, facts, ctx);
}

function stayingReplicas(ledger: Ledger, { requirement, leaving }: Ask): number {
  const goes = new Set(leaving);
  const own = [...ledger.claims.values()].filter(({ appUid }) => appUid === requirement.appUid);
  return own.filter(({ containerId }) => !goes.has(containerId)).length;
}

/** What the labels that the replicas are spread over say here. */
const spreadValuesOf = ({ spread }: Requirement, { labels }: HostFacts): { spreadValues?: readonly string[] } =>
  spread === undefined ? {} : { spreadValues: spread.map(({ label }) => labels[label] ?? '') };

/** Takes the auction's own reservation out of the book, so that the rules see only what others hold. */
function takeBack(ledger: Ledger, auctionId: string, requirement: Requirement): Reservation | undefined {
  const own = [...ledger.reservations.values()].find((reservation) => reservation.auctionId === auctionId);
  if (own === undefined) return undefined;
  ledger.reservations.delete(own.id);
  const isSame =
    own.appUid === requirement.appUid &&
    own.memoryBytes === requirement.memoryBytes &&
    own.cpuMilli === requirement.cpuMilli &&
    own.slots.every((ports) => fitsSpecs(ports, requirement.ports));
  return isSame ? own : undefined;
}

const refuse = (facts: HostFacts, limit: Limit, ledger: Ledger, auctionId: string): Bid => ({
  ok: false,
  refusal: refusalOf(facts, limit, ledger, auctionId),
});

/** `olderAuctions` tells an auctioneer whether to give way (see auction.ts). */
function refusalOf(facts: HostFacts, limit: Limit, ledger: Ledger, auctionId: string): Refusal {
  const older = [...ledger.reservations.values()].filter((reservation) => reservation.auctionId < auctionId).length;
  const transient = limit.slotsUnheld > limit.slots;
  return {
    hostId: facts.hostId,
    hostName: facts.hostName,
    rule: limit.rule,
    detail: limit.detail,
    numbers: transient ? { ...limit.numbers, olderAuctions: older } : { ...limit.numbers },
    transient,
  };
}

function verdictOnHost(requirement: Requirement, facts: HostFacts): Limit | undefined {
  const never = (rule: RefusalRule, detail: string): Limit => ({ rule, slots: 0, slotsUnheld: 0, detail, numbers: {} });
  if (!facts.isEngineReady) return never('engine-unreachable', 'the Docker engine does not answer');
  if (facts.isCordoned) return never('cordoned', 'the host is cordoned: it gets no new containers');
  const matched = match(facts.labels, requirement.constraints);
  return matched.ok ? undefined : never('constraint', matched.detail);
}

/** Ports for `count` replicas, those already held first, and the limit that ports set: none when all have theirs. */
function choosePortsOfSlots(
  ledger: Ledger,
  { ports }: Requirement,
  facts: HostFacts,
  held: Reservation | undefined,
  count: number,
  rng: () => number,
): { slots: (readonly PublishedPort[])[]; ports: Limit[] } {
  const slots: (readonly PublishedPort[])[] = held?.slots.slice(0, count) ?? [];
  const { claimed, held: heldByOthers } = portsInUse(ledger);
  const own = new Set<PortKey>(slots.flat().map(portKey));
  const isFirmlyTaken = (key: PortKey) => own.has(key) || claimed.has(key) || facts.takenPorts.has(key);
  while (slots.length < count) {
    const choice = choosePorts(ports, (key) => isFirmlyTaken(key) || heldByOthers.has(key), facts.portRange, rng);
    if (!choice.ok) {
      const isFreeUnheld = choosePorts(ports, isFirmlyTaken, facts.portRange, rng).ok;
      const detail = portDetail(choice.port, { own, claimed, heldByOthers }, facts);
      const numbers = { port: Number(choice.port?.split('/')[1] ?? 0) };
      const slotsUnheld = slots.length + Number(isFreeUnheld);
      return { slots, ports: [{ rule: 'port-taken', slots: slots.length, slotsUnheld, detail, numbers }] };
    }
    slots.push(choice.ports);
    for (const port of choice.ports) own.add(portKey(port));
  }
  return { slots, ports: [] };
}

function portDetail(
  key: PortKey | undefined,
  taken: { own: ReadonlySet<PortKey>; claimed: ReadonlySet<PortKey>; heldByOthers: ReadonlySet<PortKey> },
  { takenPorts, portRange }: HostFacts,
): string {
  if (key === undefined) return `no free port from ${portRange.first} to ${portRange.last}`;
  if (taken.own.has(key)) return `port ${key} can be published once per host`;
  if (taken.claimed.has(key)) return `port ${key} is taken by another container`;
  if (takenPorts.has(key)) return `port ${key} is taken by something that Shoal does not run`;
  if (taken.heldByOthers.has(key)) return `port ${key} is reserved by another auction`;
  return `port ${key} is asked for twice by the same container`;
}
