import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ask, quote } from '../../../agent/core/placement/ask.ts';
import { Auction } from '../../../agent/core/placement/auction.ts';
import type { AuctionEffect, AuctionOutcome, AwardReply } from '../../../agent/core/placement/auction-types.ts';
import { adopt, award, createLedger, type Ledger, release } from '../../../agent/core/placement/ledger.ts';
import type { Requirement } from '../../../agent/core/placement/types.ts';
import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { container, facts, requirement } from '../../unit/placement/fixtures.ts';

/** An auction whose hosts only say what they would offer ends as the auction with the same hosts does, and leaves nothing. */

interface Site {
  readonly hostId: HostId;
  readonly ledger: Ledger;
  readonly zone: string;
  readonly isSilent: boolean;
}

const needs = fc.record({
  memoryBytes: fc.integer({ min: 1, max: 60 }),
  cpuMilli: fc.constantFrom(0, 500),
  ports: fc.constantFrom([], [{ container: 80 }], [{ container: 80, host: 20_001 }]),
  maxPerHost: fc.constantFrom(1, 2, 1_000),
  affinity: fc.constantFrom([], [{ app: 'shop/other', rule: 'apart' as const, required: true }]),
  spread: fc.constantFrom(undefined, [{ label: 'zone' }]),
});
const site = fc.record({
  bytes: fc.integer({ min: 0, max: 200 }),
  zone: fc.constantFrom('', 'a', 'b'),
  own: fc.nat(2),
  others: fc.nat(3),
  takesPort: fc.boolean(),
  isSilent: fc.boolean(),
});

type Drawn = typeof site extends fc.Arbitrary<infer T> ? T : never;

function siteOf(index: number, { bytes, zone, own, others, takesPort, isSilent }: Drawn): Site {
  const ledger = createLedger({ allocatableBytes: bytes, cpuMilli: 2_000 });
  const claim = (name: string, app: string, appUid: string, ports: Requirement['ports'] = []) => ({
    ...{ containerId: container(`${index}-${name}`), app, appUid, memoryBytes: 5, cpuMilli: 100 },
    ports: ports.map((port) => ({ container: port.container, host: port.host ?? 0, protocol: 'tcp' as const })),
  });
  adopt(ledger, [
    ...Array.from({ length: own }, (_, n) => claim(`own-${n}`, 'shop/web', 'ap_web')),
    ...Array.from({ length: others }, (_, n) => claim(`other-${n}`, 'shop/other', 'ap_other')),
    ...(takesPort ? [claim('port', 'shop/port', 'ap_port', [{ container: 80, host: 20_001 }])] : []),
  ]);
  return { hostId: `host-${index}` as HostId, ledger, zone, isSilent };
}

/** Runs an auction to its end; both kinds draw the same numbers. */
function run(sites: readonly Site[], wanted: Requirement, replicas: number, allOrNothing: boolean, isReal: boolean) {
  const [auctionRng, hostRng] = [makeRng(3), makeRng(5)];
  const given = new Map<HostId, readonly ContainerId[]>();
  let nowMs = 0;
  let outcome: AuctionOutcome | undefined;
  const context = (rng: () => number) => ({ nowMs, rng });
  const auction = new Auction({
    ...{ auctionId: 'a', auctioneer: 'me' as HostId, requirement: wanted, allOrNothing, refusals: [] },
    replicas: Array.from({ length: replicas }, (_, replica) => replica),
    candidates: sites.map(({ hostId, zone }) => ({ hostId, hostName: hostId, zone })),
    zoneReplicas: new Map(),
  });
  const queue: AuctionEffect[] = [...auction.start(context(auctionRng))];
  const siteAt = (hostId: HostId) => sites.find((one) => one.hostId === hostId) as Site;
  const answer = (effect: AuctionEffect): readonly AuctionEffect[] => {
    if (effect.type === 'ended') outcome = effect.outcome;
    if (effect.type === 'ended') return [];
    const { ledger, zone, hostId, isSilent } = siteAt(effect.hostId);
    const host = facts({ hostId, hostName: hostId, zone, labels: { zone } });
    switch (effect.type) {
      case 'ask': {
        if (isSilent) return auction.noAnswer(hostId, context(auctionRng));
        const wish = { ...effect.ask, given: given.get(hostId) ?? [] };
        const bid = (isReal ? ask : quote)(ledger, wish, host, context(hostRng));
        return auction.bid(hostId, bid, context(auctionRng));
      }
      case 'award': {
        const { memoryBytes, cpuMilli, ports, image, appUid } = wanted;
        const spec = { image, memoryBytes, cpuMilli, ports: [...ports] };
        const reply: AwardReply = isReal
          ? award(ledger, { ...effect, appUid, spec }, nowMs)
          : { ok: true, claims: effect.assignments };
        given.set(hostId, [...(given.get(hostId) ?? []), ...effect.assignments.map(({ containerId }) => containerId)]);
        return auction.awardAnswered(effect.reservationId, reply, context(auctionRng));
      }
      case 'release':
        if (isReal) release(ledger, effect.reservationId);
        return [];
    }
  };
  while (outcome === undefined) {
    const next = queue.shift();
    if (next === undefined) nowMs += 50;
    queue.push(...(next === undefined ? auction.tick(context(auctionRng)) : answer(next)));
  }
  return outcome;
}

it('a rehearsed auction ends as the auction does, and leaves every ledger as it was', () => {
  const scene = fc.record({
    sites: fc.array(site, { minLength: 1, maxLength: 8 }),
    needs,
    replicas: fc.integer({ min: 1, max: 12 }),
    allOrNothing: fc.boolean(),
  });
  fc.assert(
    fc.property(scene, (drawn) => {
      const { spread, ...rest } = drawn.needs;
      const wanted = requirement({ ...rest, ...(spread === undefined ? {} : { spread }) });
      const sites = drawn.sites.map((one, index) => siteOf(index, one));
      const before = structuredClone(sites);
      const planned = run(sites, wanted, drawn.replicas, drawn.allOrNothing, false);
      expect(sites).toEqual(before);
      const real = run(sites, wanted, drawn.replicas, drawn.allOrNothing, true);
      expect({ ...planned, decisions: planned.decisions.length }).toEqual({
        ...real,
        decisions: real.decisions.length,
      });
      for (const [round, decision] of real.decisions.entries()) {
        expect(planned.decisions[round]?.offers).toEqual(decision.offers);
        expect(planned.decisions[round]?.refusals).toEqual(decision.refusals);
      }
    }),
    { numRuns: 500 },
  );
});
