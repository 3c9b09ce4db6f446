import { describe, expect, it } from 'vitest';
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
import type { ReservationId } from '../../../protocol/ids.ts';
import { awardOf, container, MiB, offered, requirement } from './fixtures.ts';

const needs = requirement();
const newLedger = (allocatableBytes = 2_048 * MiB) => createLedger({ allocatableBytes, cpuMilli: 4_000 });
const book = (ledger: ReturnType<typeof newLedger>) => {
  const { promisedBytes, heldBytes } = totals(ledger);
  return { promisedMiB: promisedBytes / MiB, heldMiB: heldBytes / MiB };
};

describe('award', () => {
  it('turns a reservation into claims and frees what it does not use', () => {
    const ledger = newLedger();
    const { reservationId } = offered(ledger, { replicas: 3 });
    expect(book(ledger)).toEqual({ promisedMiB: 0, heldMiB: 1_536 });
    const answer = award(ledger, awardOf(reservationId, needs, ['one', 'two']), 0);
    expect(answer.ok && answer.claims.map((claim) => claim.containerId)).toEqual([container('one'), container('two')]);
    expect(book(ledger)).toEqual({ promisedMiB: 1_024, heldMiB: 0 });
  });

  it('gives the same claims again when its answer was lost', () => {
    const ledger = newLedger();
    const { reservationId } = offered(ledger, { replicas: 2 });
    const call = awardOf(reservationId, needs, ['one', 'two']);
    const first = award(ledger, call, 0);
    expect(award(ledger, call, RESERVATION_MS * 2)).toEqual(first);
    expect(book(ledger).promisedMiB).toBe(1_024);
  });

  it('repeated after a container has come and gone answers with what is left, and claims nothing anew', () => {
    const ledger = newLedger();
    const { reservationId } = offered(ledger, { replicas: 2 });
    const call = awardOf(reservationId, needs, ['one', 'two']);
    award(ledger, call, 0);
    free(ledger, container('one'));
    const answer = award(ledger, call, 0);
    expect(answer.ok && answer.claims.map((claim) => claim.containerId)).toEqual([container('two')]);
    free(ledger, container('two'));
    expect(award(ledger, call, 0)).toEqual({ ok: false, reason: 'reservation-expired' });
  });

  it.each([
    { name: 'expired', nowMs: RESERVATION_MS, change: {} },
    { name: 'unknown', nowMs: 0, change: { reservationId: 'rs_other' as ReservationId } },
    { name: 'made before the clock was set back', nowMs: -1, change: {} },
  ])('of a reservation that is $name is refused', ({ nowMs, change }) => {
    const ledger = newLedger();
    const { reservationId } = offered(ledger);
    const call = { ...awardOf(reservationId, needs, ['one']), ...change };
    expect(award(ledger, call, nowMs)).toEqual({ ok: false, reason: 'reservation-expired' });
    expect(ledger.claims.size).toBe(0);
  });

  it('of a released reservation is refused', () => {
    const ledger = newLedger();
    const { reservationId } = offered(ledger);
    release(ledger, reservationId);
    const answer = award(ledger, awardOf(reservationId, needs, ['one']), 0);
    expect(answer).toEqual({ ok: false, reason: 'reservation-expired' });
  });

  it.each([
    { name: 'more memory', needs: requirement({ memoryBytes: 1_024 * MiB }), containers: ['one'] },
    { name: 'more CPU', needs: requirement({ cpuMilli: 1_000 }), containers: ['one'] },
    { name: 'a port', needs: requirement({ ports: [{ container: 80 }] }), containers: ['one'] },
    { name: 'another app', needs: requirement({ appUid: 'ap_other' }), containers: ['one'] },
    { name: 'more containers', needs, containers: ['one', 'two', 'three'] },
    { name: 'one container twice', needs, containers: ['one', 'one'] },
  ])('that takes $name than was reserved is refused and changes nothing', ({ needs: taken, containers }) => {
    const ledger = newLedger();
    const { reservationId } = offered(ledger, { replicas: 2 });
    const answer = award(ledger, awardOf(reservationId, taken, containers), 0);
    expect(answer).toEqual({ ok: false, reason: 'invalid-request' });
    expect(book(ledger)).toEqual({ promisedMiB: 0, heldMiB: 1_024 });
  });
});

describe('what is held and promised', () => {
  it('is free again when a reservation expires, and when a container is gone', () => {
    const ledger = newLedger();
    const { reservationId } = offered(ledger, { auction: 'a' });
    award(ledger, awardOf(reservationId, needs, ['one']), 0);
    offered(ledger, { auction: 'b' });
    expect(expire(ledger, RESERVATION_MS - 1)).toBe(0);
    expect(expire(ledger, RESERVATION_MS)).toBe(1);
    expect(book(ledger)).toEqual({ promisedMiB: 512, heldMiB: 0 });
    free(ledger, container('one'));
    expect(book(ledger)).toEqual({ promisedMiB: 0, heldMiB: 0 });
  });

  it('loses its newest reservations first when the host shrinks', () => {
    const ledger = newLedger();
    const old = offered(ledger, { auction: 'a', replicas: 2 });
    offered(ledger, { auction: 'b', replicas: 2 });
    setCapacity(ledger, { allocatableBytes: 1_200 * MiB, cpuMilli: 4_000 });
    expect([...ledger.reservations.keys()]).toEqual([old.reservationId]);
  });

  it('may exceed a host that an operator shrank, by claims alone', () => {
    const ledger = newLedger();
    const { reservationId } = offered(ledger, { auction: 'a', replicas: 2 });
    offered(ledger, { auction: 'b' });
    award(ledger, awardOf(reservationId, needs, ['one', 'two']), 0);
    setCapacity(ledger, { allocatableBytes: 600 * MiB, cpuMilli: 4_000 });
    expect(book(ledger)).toEqual({ promisedMiB: 1_024, heldMiB: 0 });
  });

  it('takes over what the engine runs; a reservation in its way is dropped', () => {
    const ledger = newLedger();
    const ports = [{ container: 80, host: 8_080, protocol: 'tcp' as const }];
    offered(ledger, { auction: 'a', needs: requirement({ ports: [{ container: 80, host: 8_080 }] }) });
    const other = offered(ledger, { auction: 'b' });
    adopt(ledger, [
      { containerId: container('one'), app: 'shop/old', appUid: 'ap_old', memoryBytes: 64 * MiB, cpuMilli: 0, ports },
    ]);
    expect([...ledger.reservations.keys()]).toEqual([other.reservationId]);
    expect(book(ledger)).toEqual({ promisedMiB: 64, heldMiB: 512 });
  });
});
