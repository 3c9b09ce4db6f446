import type { HostId } from '../../../protocol/ids.ts';
import { compareText } from '../order.ts';
import { FAILURES_TO_COME_LAST } from './recent-failures.ts';
import { plural } from './sizes.ts';
import type { Offer } from './types.ts';

export interface FillInput {
  /** At most one per host. */
  readonly offers: readonly Offer[];
  /** How many to place. */
  readonly replicas: number;
  /** Limit of one replica. Bytes. */
  readonly memoryBytes: number;
  /** Replicas of the app that the asker knows of in each zone; hosts that did not offer count through it. */
  readonly zoneReplicas: ReadonlyMap<string, number>;
  readonly rng: () => number;
}

export interface Filling {
  /** The host of each replica in turn; shorter than asked when the offers have too few slots. */
  readonly hosts: readonly HostId[];
  /** Why a host with a free slot got nothing: how it compares with the host chosen last. */
  readonly lost: ReadonlyMap<HostId, string>;
}

/** An offer as it stands after the picks so far. */
interface Standing {
  readonly offer: Offer;
  readonly random: number;
  assigned: number;
}

interface Criterion {
  /** The lower value wins. */
  readonly value: (standing: Standing) => number;
  readonly shown: (standing: Standing) => string;
}

/** Ratios closer than this count as equal, or the criteria after it would never be heard on real hosts. */
const HEADROOM_STEP = 0.05;

/**
 * Gives each replica in turn to the best offer. In order: hosts that keep failing this app last, zones with few replicas of
 * it, hosts with few, hosts that failed it lately later, memory headroom ratio after placing, image on disk, fewest
 * containers, chance, host id. Greedy is exact here: slots are interchangeable and every pick raises only its own counts.
 */
export function fill({ offers, replicas, memoryBytes, zoneReplicas, rng }: FillInput): Filling {
  const standings = [...offers]
    .sort((a, b) => compareText(a.hostId, b.hostId))
    .map((offer): Standing => ({ offer, random: rng(), assigned: 0 }));
  const zones = countZones(standings, zoneReplicas);
  const order = criteria(zones, memoryBytes);

  const hosts: HostId[] = [];
  const lost = new Map<HostId, string>();
  while (hosts.length < replicas) {
    const open = standings.filter(({ offer, assigned }) => assigned < offer.slots);
    const [first, ...rest] = open;
    if (first === undefined) break;
    const best = rest.reduce((least, next) => (compare(next, least, order) < 0 ? next : least), first);
    if (hosts.length === replicas - 1) explainLosses(best, open, order, lost);
    best.assigned++;
    zones.set(best.offer.zone, (zones.get(best.offer.zone) ?? 0) + 1);
    hosts.push(best.offer.hostId);
  }
  return { hosts, lost };
}

/** The greater of what gossip says and what the offers say: either may be behind. */
function countZones(standings: readonly Standing[], known: ReadonlyMap<string, number>): Map<string, number> {
  const offered = new Map<string, number>();
  for (const { offer } of standings) offered.set(offer.zone, (offered.get(offer.zone) ?? 0) + offer.appReplicas);
  return new Map([...offered].map(([zone, count]) => [zone, Math.max(count, known.get(zone) ?? 0)]));
}

function criteria(zones: ReadonlyMap<string, number>, memoryBytes: number): Criterion[] {
  const headroom = ({ offer, assigned }: Standing) =>
    (offer.memoryFreeBytes - memoryBytes * (assigned + 1)) / Math.max(1, offer.memoryAllocatableBytes);
  const failures = ({ offer }: Standing) => offer.recentFailures;
  const shownFailures = (s: Standing) => `${plural(failures(s), 'recent failure')} of the app`;
  const replicas = ({ offer, assigned }: Standing) => offer.appReplicas + assigned;
  const containers = ({ offer, assigned }: Standing) => offer.containers + assigned;
  const inZone = ({ offer }: Standing) => zones.get(offer.zone) ?? 0;
  return [
    { value: (s) => Number(failures(s) >= FAILURES_TO_COME_LAST), shown: shownFailures },
    { value: inZone, shown: (s) => `${plural(inZone(s), 'replica')} of the app in zone ${s.offer.zone || '(none)'}` },
    { value: replicas, shown: (s) => `${plural(replicas(s), 'replica')} of the app there` },
    { value: failures, shown: shownFailures },
    {
      value: (s) => -Math.round(headroom(s) / HEADROOM_STEP),
      shown: (s) => `${Math.round(headroom(s) * 100)} % of memory free after placing`,
    },
    {
      value: (s) => Number(!s.offer.imagePresent),
      shown: (s) => `image ${s.offer.imagePresent ? 'there' : 'not there'}`,
    },
    { value: containers, shown: (s) => plural(containers(s), 'container') },
    { value: (s) => s.random, shown: () => 'equal otherwise, chosen by chance' },
  ];
}

function compare(a: Standing, b: Standing, order: readonly Criterion[]): number {
  for (const { value } of order) {
    const difference = value(a) - value(b);
    if (difference !== 0) return difference;
  }
  return compareText(a.offer.hostId, b.offer.hostId);
}

function explainLosses(
  best: Standing,
  open: readonly Standing[],
  order: readonly Criterion[],
  lost: Map<HostId, string>,
): void {
  for (const loser of open) {
    if (loser === best || loser.assigned > 0) continue;
    const decisive = order.find(({ value }) => value(loser) !== value(best));
    const here = decisive?.shown(loser) ?? 'equal';
    lost.set(loser.offer.hostId, `${here}; ${best.offer.hostName}: ${decisive?.shown(best) ?? 'equal'}`);
  }
}
