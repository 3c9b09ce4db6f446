import type { HostId } from '../../../protocol/ids.ts';
import type { Spread } from '../../../protocol/schemas/version.ts';
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
  /** Labels to spread over instead of zones, with how many replicas each of their values has by gossip. */
  readonly spread?: readonly SpreadTarget[];
  readonly rng: () => number;
}

/** One label to spread over. */
export interface SpreadTarget extends Spread {
  readonly known: ReadonlyMap<string, number>;
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
 * Gives each replica in turn to the best offer. In order: hosts that keep failing this app last, zones (or values of other
 * labels) with few replicas of it for their weight, hosts with few, hosts without apps that it would rather be apart from, hosts
 * with those that it would rather be with, hosts that failed it lately later, memory headroom ratio after placing, image on disk, fewest
 * containers, chance, host id. Greedy is exact here: slots are interchangeable and every pick raises only its own counts.
 */
export function fill({ offers, replicas, memoryBytes, zoneReplicas, spread, rng }: FillInput): Filling {
  const standings = [...offers]
    .sort((a, b) => compareText(a.hostId, b.hostId))
    .map((offer): Standing => ({ offer, random: rng(), assigned: 0 }));
  const places = (spread ?? [{ label: 'zone', known: zoneReplicas }]).map((target, index) =>
    placesOf(standings, target, spread === undefined ? undefined : index),
  );
  const order = criteria(places, memoryBytes);

  const hosts: HostId[] = [];
  const lost = new Map<HostId, string>();
  while (hosts.length < replicas) {
    const open = standings.filter(({ offer, assigned }) => assigned < offer.slots);
    const [first, ...rest] = open;
    if (first === undefined) break;
    const best = rest.reduce((least, next) => (compare(next, least, order) < 0 ? next : least), first);
    if (hosts.length === replicas - 1) explainLosses(best, open, order, lost);
    best.assigned++;
    for (const { counts, of } of places) counts.set(of(best.offer), (counts.get(of(best.offer)) ?? 0) + 1);
    hosts.push(best.offer.hostId);
  }
  return { hosts, lost };
}

/** What replicas are spread over: the values of one label, and how many replicas each has. */
interface Places {
  readonly label: string;
  readonly of: (offer: Offer) => string;
  readonly counts: Map<string, number>;
  readonly weightOf: (value: string) => number;
}

/** @param index of the label among those that the ask names; undefined: zones */
function placesOf(
  standings: readonly Standing[],
  { label, weights, known }: SpreadTarget,
  index: number | undefined,
): Places {
  const of = (offer: Offer) => (index === undefined ? offer.zone : (offer.spreadValues?.[index] ?? ''));
  const offered = new Map<string, number>();
  for (const { offer } of standings) offered.set(of(offer), (offered.get(of(offer)) ?? 0) + offer.appReplicas);
  // The greater of what gossip says and what the offers say: either may be behind.
  const counts = new Map([...offered].map(([value, count]) => [value, Math.max(count, known.get(value) ?? 0)]));
  const weightOf = (value: string) => (weights === undefined ? 1 : (weights[value] ?? 0));
  return { label, of, counts, weightOf };
}

function criteria(places: readonly Places[], memoryBytes: number): Criterion[] {
  const headroom = ({ offer, assigned }: Standing) =>
    (offer.memoryFreeBytes - memoryBytes * (assigned + 1)) / Math.max(1, offer.memoryAllocatableBytes);
  const failures = ({ offer }: Standing) => offer.recentFailures;
  const shownFailures = (s: Standing) => `${plural(failures(s), 'recent failure')} of the app`;
  const replicas = ({ offer, assigned }: Standing) => offer.appReplicas + assigned;
  const rivals = ({ offer }: Standing) => offer.rivals ?? 0;
  const companions = ({ offer }: Standing) => offer.companions ?? 0;
  const containers = ({ offer, assigned }: Standing) => offer.containers + assigned;
  return [
    { value: (s) => Number(failures(s) >= FAILURES_TO_COME_LAST), shown: shownFailures },
    ...places.map(spreadCriterion),
    { value: replicas, shown: (s) => `${plural(replicas(s), 'replica')} of the app there` },
    { value: rivals, shown: (s) => `${plural(rivals(s), 'container')} to be apart from` },
    { value: (s) => -companions(s), shown: (s) => `${plural(companions(s), 'container')} to be with` },
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

/** The value with the fewest replicas for its weight comes first; one without weight only when there is no other. */
function spreadCriterion({ label, of, counts, weightOf }: Places): Criterion {
  const count = ({ offer }: Standing) => counts.get(of(offer)) ?? 0;
  const name = (s: Standing) => `${label} ${of(s.offer) || '(none)'}`;
  return {
    value: (s) => (count(s) + 1) / weightOf(of(s.offer)),
    shown: (s) => {
      const weight = weightOf(of(s.offer));
      return `${plural(count(s), 'replica')} of the app in ${name(s)}${weight === 1 ? '' : `, weight ${weight}`}`;
    },
  };
}

function compare(a: Standing, b: Standing, order: readonly Criterion[]): number {
  for (const { value } of order) {
    const [left, right] = [value(a), value(b)];
    // Not by their difference: two values without weight are both infinite.
    if (left !== right) return left < right ? -1 : 1;
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
