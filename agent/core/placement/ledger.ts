import type { ContainerId, ReservationId } from '../../../protocol/ids.ts';
import type { PublishedPort } from '../../../protocol/schemas/host.ts';
import { fitsSpecs, type PortKey, portKey } from './ports.ts';
import type { Award, Claim } from './types.ts';

/** Open reservations of one host; further auctions are refused until some end. */
export const RESERVATIONS_MAX = 256;
/** Life of a reservation that is neither awarded nor released. Longer than an auction's rounds are apart, milliseconds. */
export const RESERVATION_MS = 10_000;

/** What a host may promise in all. */
export interface LedgerCapacity {
  readonly allocatableBytes: number;
  readonly cpuMilli: number;
}

/** Room for `slots.length` replicas of one app, held for one auction until `expiresAtMs`. */
export interface Reservation {
  readonly id: ReservationId;
  readonly auctionId: string;
  /** `group/name` of the app. */
  readonly app: string;
  readonly appUid: string;
  /** Of one replica. */
  readonly memoryBytes: number;
  /** Of one replica. */
  readonly cpuMilli: number;
  /** Host ports of each replica. */
  readonly slots: readonly (readonly PublishedPort[])[];
  readonly expiresAtMs: number;
}

/**
 * A host's own book of promises. Only this host writes it, so nobody else can promise its memory.
 *
 * Invariant after every accepted step: claims + reservations <= capacity in memory and CPU, and no port twice. Claims adopted
 * from the engine, or a capacity that shrank, may exceed it; then there are no reservations and nothing new is accepted.
 */
export interface Ledger {
  capacity: LedgerCapacity;
  readonly claims: Map<ContainerId, Claim>;
  /** Oldest first; at most one per auction. */
  readonly reservations: Map<ReservationId, Reservation>;
}

export interface Totals {
  /** Sum of the claims. */
  readonly promisedBytes: number;
  readonly promisedCpuMilli: number;
  /** Sum of the open reservations. */
  readonly heldBytes: number;
  readonly heldCpuMilli: number;
}

export type AwardAnswer =
  | { readonly ok: true; readonly claims: readonly Claim[] }
  /** `invalid-request`: the award does not fit what was reserved. Codes of the error table. */
  | { readonly ok: false; readonly reason: 'reservation-expired' | 'invalid-request' };

export const createLedger = (capacity: LedgerCapacity): Ledger => ({
  capacity,
  claims: new Map(),
  reservations: new Map(),
});

export function totals(ledger: Ledger): Totals {
  const sum = { promisedBytes: 0, promisedCpuMilli: 0, heldBytes: 0, heldCpuMilli: 0 };
  for (const claim of ledger.claims.values()) {
    sum.promisedBytes += claim.memoryBytes;
    sum.promisedCpuMilli += claim.cpuMilli;
  }
  for (const { memoryBytes, cpuMilli, slots } of ledger.reservations.values()) {
    sum.heldBytes += memoryBytes * slots.length;
    sum.heldCpuMilli += cpuMilli * slots.length;
  }
  return sum;
}

/**
 * Turns (part of) a reservation into claims; the rest of it is free at once. A late award is refused.
 *
 * An award may come again because its answer was lost. Container ids are never reused, so a claim with one of its ids shows
 * that it was carried out before: the answer is then what is left of its claims (a container may be gone meanwhile).
 */
export function award(
  ledger: Ledger,
  { reservationId, appUid, spec, assignments }: Pick<Award, 'reservationId' | 'appUid' | 'spec' | 'assignments'>,
  nowMs: number,
): AwardAnswer {
  const earlier = assignments.flatMap(({ containerId }) => ledger.claims.get(containerId) ?? []);
  if (earlier.some((claim) => claim.appUid !== appUid)) return { ok: false, reason: 'invalid-request' };
  if (earlier.length > 0) return { ok: true, claims: earlier };

  const reservation = ledger.reservations.get(reservationId);
  if (reservation === undefined || hasExpired(reservation, nowMs)) return { ok: false, reason: 'reservation-expired' };
  const isAsReserved =
    reservation.appUid === appUid &&
    reservation.memoryBytes === spec.memoryBytes &&
    reservation.cpuMilli === (spec.cpuMilli ?? 0) &&
    reservation.slots.every((ports) => fitsSpecs(ports, spec.ports ?? []));
  const ids = new Set(assignments.map((assignment) => assignment.containerId));
  if (!isAsReserved || ids.size !== assignments.length || ids.size > reservation.slots.length) {
    return { ok: false, reason: 'invalid-request' };
  }

  ledger.reservations.delete(reservationId);
  const { memoryBytes, cpuMilli, app } = reservation;
  const claims = [...ids].map((containerId, index): Claim => {
    return { containerId, app, appUid, memoryBytes, cpuMilli, ports: reservation.slots[index] ?? [] };
  });
  for (const claim of claims) ledger.claims.set(claim.containerId, claim);
  return { ok: true, claims };
}

/** Gives a reservation back. Unknown, expired and awarded ones are fine. */
export function release(ledger: Ledger, reservationId: ReservationId): void {
  ledger.reservations.delete(reservationId);
}

/** Drops what has expired; to be called on every tick. Returns how many. */
export function expire(ledger: Ledger, nowMs: number): number {
  const before = ledger.reservations.size;
  for (const reservation of ledger.reservations.values()) {
    if (hasExpired(reservation, nowMs)) ledger.reservations.delete(reservation.id);
  }
  return before - ledger.reservations.size;
}

/** Also when it would last longer than any can: the clock was set back meanwhile, and nobody waits for it any more. */
const hasExpired = ({ expiresAtMs }: Reservation, nowMs: number): boolean =>
  expiresAtMs <= nowMs || expiresAtMs > nowMs + RESERVATION_MS;

/** The container is gone from the engine: its promise ends. */
export function free(ledger: Ledger, containerId: ContainerId): void {
  ledger.claims.delete(containerId);
}

/** Takes over what the engine runs already, whatever the capacity; reservations in its way are dropped. */
export function adopt(ledger: Ledger, claims: readonly Claim[]): void {
  for (const claim of claims) ledger.claims.set(claim.containerId, claim);
  const taken = new Set(claims.flatMap((claim) => claim.ports.map(portKey)));
  for (const { id, slots } of ledger.reservations.values()) {
    if (slots.some((ports) => ports.some((port) => taken.has(portKey(port))))) ledger.reservations.delete(id);
  }
  makeRoom(ledger);
}

/** The host shrank, grew, or its unmanaged containers changed. The newest reservations that no longer fit are dropped. */
export function setCapacity(ledger: Ledger, capacity: LedgerCapacity): void {
  ledger.capacity = capacity;
  makeRoom(ledger);
}

/** Host ports in claims and in open reservations. */
export function portsInUse({ claims, reservations }: Ledger): { claimed: Set<PortKey>; held: Set<PortKey> } {
  const claimed = new Set([...claims.values()].flatMap((claim) => claim.ports.map(portKey)));
  const held = new Set([...reservations.values()].flatMap(({ slots }) => slots.flat().map(portKey)));
  return { claimed, held };
}

function makeRoom(ledger: Ledger): void {
  for (const id of [...ledger.reservations.keys()].reverse()) {
    const { promisedBytes, heldBytes, promisedCpuMilli, heldCpuMilli } = totals(ledger);
    const { allocatableBytes, cpuMilli } = ledger.capacity;
    if (promisedBytes + heldBytes <= allocatableBytes && promisedCpuMilli + heldCpuMilli <= cpuMilli) return;
    ledger.reservations.delete(id);
  }
}
