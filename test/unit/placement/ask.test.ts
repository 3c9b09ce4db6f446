import { describe, expect, it } from 'vitest';
import { ask, type HostFacts } from '../../../agent/core/placement/ask.ts';
import { award, createLedger, RESERVATION_MS, RESERVATIONS_MAX, totals } from '../../../agent/core/placement/ledger.ts';
import type { Requirement } from '../../../agent/core/placement/types.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { awardOf, facts, MiB, offered, requirement } from './fixtures.ts';

const newLedger = () => createLedger({ allocatableBytes: 2_048 * MiB, cpuMilli: 2_000 });
const context = { nowMs: 0, rng: makeRng(1) };

/** A host that runs one container of 512 MiB and one core on port 8080, and holds one more for auction `b`. */
function busyLedger() {
  const ledger = newLedger();
  const running = requirement({ appUid: 'ap_busy', cpuMilli: 1_000, ports: [{ container: 80, host: 8_080 }] });
  award(ledger, awardOf(offered(ledger, { needs: running }).reservationId, running, ['busy']), 0);
  const held = requirement({ appUid: 'ap_held', cpuMilli: 500, ports: [{ container: 80, host: 9_090 }] });
  offered(ledger, { auction: 'b', needs: held });
  return ledger;
}

interface Case {
  readonly name: string;
  readonly needs?: Partial<Requirement>;
  readonly host?: Partial<HostFacts>;
  readonly refusal: { readonly rule: string; readonly detail: string; readonly transient: boolean };
}

const cases: Case[] = [
  {
    name: 'memory that is promised',
    needs: { memoryBytes: 1_800 * MiB },
    refusal: {
      rule: 'insufficient-memory',
      detail: 'needs 1.7 GiB, 1 GiB free of 2 GiB: 512 MiB promised, 512 MiB held by other auctions',
      transient: false,
    },
  },
  {
    name: 'memory that other auctions hold',
    needs: { memoryBytes: 1_200 * MiB },
    refusal: {
      rule: 'insufficient-memory',
      detail: 'needs 1.1 GiB, 1 GiB free of 2 GiB: 512 MiB promised, 512 MiB held by other auctions',
      transient: true,
    },
  },
  {
    name: 'more cores than the host has',
    needs: { cpuMilli: 2_500 },
    refusal: { rule: 'insufficient-cpu', detail: 'needs 2.5 cores, the host has 2 cores', transient: false },
  },
  {
    name: 'cores that other auctions hold',
    needs: { cpuMilli: 1_000 },
    refusal: {
      rule: 'insufficient-cpu',
      detail: 'needs 1 core, 0.5 cores free of 2 cores: 1 core promised, 0.5 cores held by other auctions',
      transient: true,
    },
  },
  {
    name: 'a port of another container',
    needs: { ports: [{ container: 1, host: 8_080 }] },
    refusal: { rule: 'port-taken', detail: 'port tcp/8080 is taken by another container', transient: false },
  },
  {
    name: 'a port that another auction holds',
    needs: { ports: [{ container: 1, host: 9_090 }] },
    refusal: { rule: 'port-taken', detail: 'port tcp/9090 is reserved by another auction', transient: true },
  },
  {
    name: 'a port of another process',
    needs: { ports: [{ container: 1, host: 22 }] },
    host: { takenPorts: new Set(['tcp/22'] as const) },
    refusal: {
      rule: 'port-taken',
      detail: 'port tcp/22 is taken by something that Shoal does not run',
      transient: false,
    },
  },
  {
    name: 'one port twice',
    needs: {
      ports: [
        { container: 1, host: 7_000 },
        { container: 2, host: 7_000 },
      ],
    },
    refusal: {
      rule: 'port-taken',
      detail: 'port tcp/7000 is asked for twice by the same container',
      transient: false,
    },
  },
  {
    name: 'more automatic ports than the range has',
    needs: { ports: [{ container: 1 }, { container: 2 }] },
    host: { portRange: { first: 20_000, last: 20_000 } },
    refusal: { rule: 'port-taken', detail: 'no free port from 20000 to 20000', transient: false },
  },
  {
    name: 'a second replica of an app that allows one',
    needs: { appUid: 'ap_busy', maxPerHost: 1 },
    refusal: { rule: 'max-per-host', detail: 'at most 1 replica of the app per host: 1 here', transient: false },
  },
  {
    name: 'a replica where another auction holds the only one',
    needs: { appUid: 'ap_held', maxPerHost: 1 },
    refusal: {
      rule: 'max-per-host',
      detail: 'at most 1 replica of the app per host: 0 here, 1 reserved by another auction',
      transient: true,
    },
  },
  {
    name: 'anything while cordoned',
    host: { isCordoned: true },
    refusal: { rule: 'cordoned', detail: 'the host is cordoned: it gets no new containers', transient: false },
  },
  {
    name: 'anything without an engine',
    host: { isEngineReady: false },
    refusal: { rule: 'engine-unreachable', detail: 'the Docker engine does not answer', transient: false },
  },
  {
    name: 'labels it does not have',
    needs: { constraints: [{ label: 'disk', op: '==', values: ['ssd'] }] },
    host: { labels: { disk: 'hdd' } },
    refusal: { rule: 'constraint', detail: 'needs disk == ssd, the host has hdd', transient: false },
  },
];

describe('a host refuses', () => {
  it.each(cases)('$name', ({ needs, host, refusal }) => {
    const ledger = busyLedger();
    const before = totals(ledger);
    const bid = ask(ledger, { auctionId: 'c', requirement: requirement(needs), replicas: 1 }, facts(host), context);
    expect(bid).toMatchObject({ ok: false, refusal: { hostName: 'alpha', ...refusal } });
    expect(totals(ledger), 'a refusal reserves nothing').toEqual(before);
  });

  it('further auctions when too many hold reservations, until those end', () => {
    const ledger = createLedger({ allocatableBytes: 1e12, cpuMilli: 0 });
    for (let index = 0; index < RESERVATIONS_MAX; index++) offered(ledger, { auction: `x${index}` });
    const one = { auctionId: 'c', requirement: requirement(), replicas: 1 };
    expect(ask(ledger, one, facts(), context)).toMatchObject({ ok: false, refusal: { transient: true } });
    expect(ask(ledger, one, facts(), { ...context, nowMs: RESERVATION_MS }).ok).toBe(true);
  });

  it('and tells how many of the auctions in its way are older', () => {
    const large = { requirement: requirement({ memoryBytes: 1_200 * MiB }), replicas: 1 };
    const numbersOf = (auctionId: string) => {
      const bid = ask(busyLedger(), { auctionId, ...large }, facts(), context);
      return bid.ok ? {} : bid.refusal.numbers;
    };
    expect(numbersOf('c')).toMatchObject({ olderAuctions: 1 });
    expect(numbersOf('a')).toMatchObject({ olderAuctions: 0 });
  });
});

describe('a host offers', () => {
  it('as many replicas as fit, and says why no more', () => {
    const offer = offered(newLedger(), { replicas: 10 });
    expect(offer.slots).toBe(4);
    expect(offer.limitedBy).toMatchObject({
      rule: 'insufficient-memory',
      transient: false,
      detail: 'needs 512 MiB, 2 GiB free of 2 GiB: 0 B promised',
    });
  });

  it('one replica with a fixed port, whatever is asked', () => {
    const offer = offered(newLedger(), {
      replicas: 3,
      needs: requirement({ ports: [{ container: 80, host: 8_080 }] }),
    });
    expect(offer.slots).toBe(1);
    expect(offer.limitedBy?.detail).toBe('port tcp/8080 can be published once per host');
  });

  it('different automatic ports for each replica, from its range and not taken', () => {
    const ledger = newLedger();
    const needs = requirement({ ports: [{ container: 80 }, { container: 53, protocol: 'udp' }, { container: 81 }] });
    const host = facts({ portRange: { first: 20_000, last: 20_007 }, takenPorts: new Set(['tcp/20003'] as const) });
    const { slots, reservationId } = offered(ledger, { replicas: 4, needs, host });
    expect(slots, 'seven free TCP ports, two each').toBe(3);
    const ports = ledger.reservations.get(reservationId)?.slots.flat() ?? [];
    const tcp = ports.filter((port) => port.protocol === 'tcp').map((port) => port.host);
    expect(new Set(tcp).size).toBe(6);
    expect(tcp).not.toContain(20_003);
    expect(Math.min(...tcp) >= 20_000 && Math.max(...tcp) <= 20_007).toBe(true);
  });

  it('the same reservation, larger and renewed, when its auction asks for more', () => {
    const ledger = newLedger();
    const first = offered(ledger, { replicas: 1 });
    const second = offered(ledger, { replicas: 3, nowMs: 5_000 });
    expect(second).toMatchObject({ reservationId: first.reservationId, slots: 3 });
    expect(ledger.reservations.get(first.reservationId)?.expiresAtMs).toBe(5_000 + RESERVATION_MS);
    const late = offered(ledger, { replicas: 1, nowMs: 5_001 });
    expect(late.slots, 'an ask that comes late does not shrink it').toBe(3);
    expect(totals(ledger).heldBytes).toBe(3 * 512 * MiB);
  });

  it('what tells it from other hosts', () => {
    const ledger = newLedger();
    const needs = requirement();
    award(ledger, awardOf(offered(ledger).reservationId, needs, ['one']), 0);
    const host = facts({ unmanagedContainers: 2, hasImage: true, recentFailures: 3, zone: 'west' });
    expect(offered(ledger, { auction: 'b', host })).toMatchObject({
      zone: 'west',
      appReplicas: 1,
      containers: 3,
      memoryFreeBytes: 1_536 * MiB,
      memoryAllocatableBytes: 2_048 * MiB,
      imagePresent: true,
      recentFailures: 3,
    });
  });
});
