import fc from 'fast-check';
import { expect, it } from 'vitest';
import { assertNever } from '../../../agent/core/context.ts';
import { ask } from '../../../agent/core/placement/ask.ts';
import {
  adopt,
  award,
  createLedger,
  expire,
  free,
  RESERVATION_MS,
  release,
  setCapacity,
  totals,
} from '../../../agent/core/placement/ledger.ts';
import { portKey } from '../../../agent/core/placement/ports.ts';
import type { Offer, Requirement } from '../../../agent/core/placement/types.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { awardOf, container, facts, requirement } from '../../unit/placement/fixtures.ts';

const apps: readonly Requirement[] = [
  requirement({ appUid: 'plain', memoryBytes: 100 }),
  requirement({ appUid: 'greedy', memoryBytes: 700, cpuMilli: 1_500 }),
  requirement({ appUid: 'fixed', memoryBytes: 50, ports: [{ container: 80, host: 20_001 }], maxPerHost: 2 }),
  requirement({ appUid: 'auto', memoryBytes: 10, cpuMilli: 100, ports: [{ container: 80 }, { container: 81 }] }),
  requirement({ appUid: 'single', memoryBytes: 10, maxPerHost: 1 }),
];

const index = fc.nat({ max: 999 });
const of = <K extends string, T extends object>(type: K, fields: { [P in keyof T]: fc.Arbitrary<T[P]> }) =>
  fc.record<T>(fields).map((rest) => ({ type, ...rest }));
const step = fc.oneof(
  { weight: 5, arbitrary: of('ask', { auction: fc.nat(5), app: fc.nat(apps.length - 1), count: fc.nat(6) }) },
  { weight: 4, arbitrary: of('award', { index, count: fc.nat(4) }) },
  { weight: 1, arbitrary: of('award-again', { index }) },
  { weight: 1, arbitrary: of('release', { index }) },
  { weight: 2, arbitrary: of('free', { index }) },
  { weight: 1, arbitrary: of('resize', { bytes: fc.integer({ min: 0, max: 4_000 }), cpuMilli: fc.nat(4_000) }) },
  { weight: 1, arbitrary: of('adopt', { bytes: fc.nat(500), port: fc.integer({ min: 20_000, max: 20_009 }) }) },
  { weight: 1, arbitrary: of('wait', { forMs: fc.nat(RESERVATION_MS) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A ledger and everything that was ever offered and awarded, so that steps can refer to what is long gone. */
class Desk {
  readonly ledger = createLedger({ allocatableBytes: 3_000, cpuMilli: 4_000 });
  readonly #offers: { readonly offer: Offer; readonly needs: Requirement }[] = [];
  readonly #awards: ReturnType<typeof awardOf>[] = [];
  readonly #rng = makeRng(1);
  nowMs = 0;
  #containers = 0;

  /** True when a promise was made or turned into another. */
  take(next: Step): boolean {
    switch (next.type) {
      case 'ask':
        return this.#ask(next.auction, next.app, next.count);
      case 'award':
        return this.#award(next.index, next.count);
      case 'award-again':
        return this.#awardAgain(next.index);
      case 'release': {
        const known = this.#offers.at(next.index % Math.max(1, this.#offers.length));
        if (known !== undefined) release(this.ledger, known.offer.reservationId);
        return false;
      }
      case 'free': {
        const claimed = [...this.ledger.claims.keys()].at(next.index % Math.max(1, this.ledger.claims.size));
        if (claimed !== undefined) free(this.ledger, claimed);
        return false;
      }
      case 'resize':
        setCapacity(this.ledger, { allocatableBytes: next.bytes, cpuMilli: next.cpuMilli });
        return false;
      case 'adopt':
        this.#adopt(next.bytes, next.port);
        return false;
      case 'wait':
        this.nowMs += next.forMs;
        expire(this.ledger, this.nowMs);
        return false;
      default:
        return assertNever(next);
    }
  }

  #ask(auction: number, app: number, count: number): boolean {
    const needs = apps[app] ?? requirement();
    const auctionId = `auction-${auction}`;
    const context = { nowMs: this.nowMs, rng: this.#rng };
    const bid = ask(this.ledger, { auctionId, requirement: needs, replicas: count }, facts(), context);
    if (bid.ok) this.#offers.push({ offer: bid.offer, needs });
    return bid.ok;
  }

  #award(at: number, count: number): boolean {
    const known = this.#offers.at(at % Math.max(1, this.#offers.length));
    if (known === undefined) return false;
    const names = Array.from({ length: count }, () => `${this.#containers++}`);
    const call = awardOf(known.offer.reservationId, known.needs, names);
    const answer = award(this.ledger, call, this.nowMs);
    if (answer.ok) {
      this.#awards.push(call);
      expect(answer.claims.map((claim) => claim.containerId)).toEqual(names.map(container));
    }
    return answer.ok;
  }

  /** Gives what is left of it, whatever happened since, and promises nothing. */
  #awardAgain(at: number): boolean {
    const call = this.#awards.at(at % Math.max(1, this.#awards.length));
    if (call === undefined) return false;
    const left = call.assignments.flatMap(({ containerId }) => this.ledger.claims.get(containerId) ?? []);
    const before = totals(this.ledger);
    const answer = award(this.ledger, call, this.nowMs);
    expect(answer.ok ? answer.claims : []).toEqual(left);
    expect(totals(this.ledger)).toEqual(before);
    return false;
  }

  #adopt(memoryBytes: number, host: number): void {
    const port = { container: 80, host, protocol: 'tcp' as const };
    const claims = [...this.ledger.claims.values()];
    const isFree = !claims.some((claim) => claim.ports.some((taken) => portKey(taken) === portKey(port)));
    const containerId = container(`${this.#containers++}`);
    adopt(this.ledger, [
      { containerId, app: 'shop/old', appUid: 'old', memoryBytes, cpuMilli: 0, ports: isFree ? [port] : [] },
    ]);
  }
}

function check({ ledger, nowMs }: Desk, hasPromised: boolean): void {
  const { promisedBytes, heldBytes, promisedCpuMilli, heldCpuMilli } = totals(ledger);
  const { allocatableBytes, cpuMilli } = ledger.capacity;
  if (hasPromised || ledger.reservations.size > 0) {
    expect(promisedBytes + heldBytes).toBeLessThanOrEqual(allocatableBytes);
    expect(promisedCpuMilli + heldCpuMilli).toBeLessThanOrEqual(Math.max(cpuMilli, promisedCpuMilli));
  }
  const reservations = [...ledger.reservations.values()];
  const claims = [...ledger.claims.values()];
  const ports = [...claims.flatMap((claim) => claim.ports), ...reservations.flatMap(({ slots }) => slots.flat())];
  expect(new Set(ports.map(portKey)).size, 'no port twice').toBe(ports.length);
  for (const { appUid, maxPerHost = 1_000 } of apps) {
    const held = reservations.filter((reservation) => reservation.appUid === appUid);
    const count =
      claims.filter((claim) => claim.appUid === appUid).length +
      held.reduce((sum, reservation) => sum + reservation.slots.length, 0);
    expect(count, appUid).toBeLessThanOrEqual(maxPerHost);
  }
  for (const { expiresAtMs } of reservations) expect(expiresAtMs).toBeLessThanOrEqual(nowMs + RESERVATION_MS);
  expect(new Set(reservations.map(({ auctionId }) => auctionId)).size).toBe(reservations.length);
}

it('never promises more than the host has, whatever comes in whatever order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const desk = new Desk();
      for (const next of steps) check(desk, desk.take(next));
    }),
    { numRuns: 1_000 },
  );
});
