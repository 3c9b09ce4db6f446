import { limits } from '../../../protocol/limits.ts';
import type { RefusalRule } from '../../../protocol/schemas/operation.ts';
import { type Ledger, RESERVATIONS_MAX, type Reservation, totals } from './ledger.ts';
import { humanBytes, humanCores, plural } from './sizes.ts';
import type { Requirement } from './types.ts';

/** How many replicas one rule lets in, and why no more. */
export interface Limit {
  readonly rule: RefusalRule;
  readonly slots: number;
  /** The same if no other auction held anything. */
  readonly slotsUnheld: number;
  readonly detail: string;
  readonly numbers: Readonly<Record<string, number>>;
}

/** What each countable rule of the host lets in; the reservation of the asking auction must not be in the ledger. */
export const slotLimits = (ledger: Ledger, requirement: Requirement): Limit[] =>
  [memoryLimit, cpuLimit, perHostLimit, containersLimit, reservationsLimit].map((rule) => rule(ledger, requirement));

function memoryLimit(ledger: Ledger, { memoryBytes }: Requirement): Limit {
  const { promisedBytes, heldBytes } = totals(ledger);
  const { allocatableBytes } = ledger.capacity;
  const freeBytes = allocatableBytes - promisedBytes - heldBytes;
  const numbers = { neededBytes: memoryBytes, allocatableBytes, promisedBytes, heldBytes };
  return {
    rule: 'insufficient-memory',
    slots: fitting(freeBytes, memoryBytes),
    slotsUnheld: fitting(freeBytes + heldBytes, memoryBytes),
    detail: memoryDetail(numbers),
    numbers,
  };
}

function cpuLimit(ledger: Ledger, { cpuMilli }: Requirement): Limit {
  const { promisedCpuMilli, heldCpuMilli } = totals(ledger);
  const totalCpuMilli = ledger.capacity.cpuMilli;
  const freeCpuMilli = totalCpuMilli - promisedCpuMilli - heldCpuMilli;
  const numbers = { neededCpuMilli: cpuMilli, totalCpuMilli, promisedCpuMilli, heldCpuMilli };
  return {
    rule: 'insufficient-cpu',
    slots: fitting(freeCpuMilli, cpuMilli),
    slotsUnheld: fitting(freeCpuMilli + heldCpuMilli, cpuMilli),
    detail: cpuDetail(numbers),
    numbers,
  };
}

/** `needs 512 MiB, 300 MiB free of 2 GiB: 1.2 GiB promised, 500 MiB held by other auctions` */
export function memoryDetail(numbers: {
  readonly neededBytes: number;
  readonly allocatableBytes: number;
  readonly promisedBytes: number;
  readonly heldBytes: number;
}): string {
  const { neededBytes, allocatableBytes, promisedBytes, heldBytes } = numbers;
  const freeBytes = allocatableBytes - promisedBytes - heldBytes;
  const held = heldBytes > 0 ? `, ${humanBytes(heldBytes)} held by other auctions` : '';
  const free = `${humanBytes(freeBytes)} free of ${humanBytes(allocatableBytes)}`;
  return `needs ${humanBytes(neededBytes)}, ${free}: ${humanBytes(promisedBytes)} promised${held}`;
}

/** `needs 2 cores, 0.5 cores free of 4 cores: 3.5 cores promised` */
export function cpuDetail(numbers: {
  readonly neededCpuMilli: number;
  readonly totalCpuMilli: number;
  readonly promisedCpuMilli: number;
  readonly heldCpuMilli: number;
}): string {
  const { neededCpuMilli, totalCpuMilli, promisedCpuMilli, heldCpuMilli } = numbers;
  if (neededCpuMilli > totalCpuMilli) {
    return `needs ${humanCores(neededCpuMilli)}, the host has ${humanCores(totalCpuMilli)}`;
  }
  const held = heldCpuMilli > 0 ? `, ${humanCores(heldCpuMilli)} held by other auctions` : '';
  const free = `${humanCores(totalCpuMilli - promisedCpuMilli - heldCpuMilli)} free of ${humanCores(totalCpuMilli)}`;
  return `needs ${humanCores(neededCpuMilli)}, ${free}: ${humanCores(promisedCpuMilli)} promised${held}`;
}

/** A replica that asks for nothing fits any number of times, also on a host that promised too much. */
const fitting = (free: number, each: number): number =>
  each === 0 ? Number.MAX_SAFE_INTEGER : Math.max(0, Math.floor(free / each));

function perHostLimit(ledger: Ledger, { appUid, maxPerHost = Number.MAX_SAFE_INTEGER }: Requirement): Limit {
  const running = [...ledger.claims.values()].filter((claim) => claim.appUid === appUid).length;
  const held = slotCount(ledger, (reservation) => reservation.appUid === appUid);
  return {
    rule: 'max-per-host',
    slots: Math.max(0, maxPerHost - running - held),
    slotsUnheld: Math.max(0, maxPerHost - running),
    detail:
      `at most ${plural(maxPerHost, 'replica')} of the app per host: ${running} here` +
      `${held > 0 ? `, ${held} reserved by another auction` : ''}`,
    numbers: { maxPerHost, replicas: running, reserved: held },
  };
}

function containersLimit(ledger: Ledger): Limit {
  const containers = ledger.claims.size;
  const held = slotCount(ledger, () => true);
  const max = limits.containersPerHost;
  return {
    rule: 'too-many-containers',
    slots: Math.max(0, max - containers - held),
    slotsUnheld: Math.max(0, max - containers),
    detail: `at most ${plural(max, 'container')} per host: ${containers} here, ${held} reserved by other auctions`,
    numbers: { containersPerHost: max, containers, reserved: held },
  };
}

function reservationsLimit(ledger: Ledger): Limit {
  const open = ledger.reservations.size;
  return {
    rule: 'too-many-containers',
    slots: open < RESERVATIONS_MAX ? Number.MAX_SAFE_INTEGER : 0,
    slotsUnheld: Number.MAX_SAFE_INTEGER,
    detail: `${open} auctions hold reservations here, no more are taken`,
    numbers: { reservations: open, reservationsMax: RESERVATIONS_MAX },
  };
}

const slotCount = (ledger: Ledger, isCounted: (reservation: Reservation) => boolean): number =>
  [...ledger.reservations.values()].filter(isCounted).reduce((sum, { slots }) => sum + slots.length, 0);
