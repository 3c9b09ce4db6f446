import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Constraint } from '../../../protocol/schemas/common.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { Refusal, RefusalRule } from '../../../protocol/schemas/operation.ts';
import { compareText } from '../order.ts';
import { match } from './constraints.ts';
import { plural } from './sizes.ts';
import { cpuDetail, memoryDetail } from './slot-limits.ts';
import type { Requirement } from './types.ts';

/** Hosts asked at first; all when there are no more. An auction that they can't fill widens beyond it. */
export const CANDIDATES_MAX = 32;

/** A host worth asking. */
export interface Candidate {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly zone: string;
}

/** What gossip tells of a host, as far as the filter looks. */
export type HostView = Pick<
  Host,
  'id' | 'name' | 'status' | 'zone' | 'cordoned' | 'drainedBy' | 'labels' | 'engine' | 'capacity' | 'containers'
>;

export interface Candidates {
  /** In the order to ask. */
  readonly candidates: readonly Candidate[];
  /** Why the others are left out, from gossip; a host's own answer replaces it. */
  readonly refusals: readonly Refusal[];
}

/** What limits the hosts of one auction besides what a replica needs. */
export interface HostLimits {
  /** The cluster's rules, which `requirement.constraints` repeats; told apart only to name the right rule. */
  readonly selector: readonly Constraint[];
  /** The one host that holds the replicas' volumes; undefined: any host. */
  readonly home?: HostId | undefined;
  /** Hosts that the replicas leave. */
  readonly avoid?: readonly HostId[];
}

/**
 * Who to ask, from gossip alone. Gossip may be behind, so hosts that merely look full are not left out but asked last, up to
 * {@link CANDIDATES_MAX} of them; everything else refused here is what the host would answer itself.
 */
export function chooseCandidates(
  hosts: readonly HostView[],
  requirement: Requirement,
  limited: HostLimits,
  rng: () => number,
): Candidates {
  const refusals: Refusal[] = [];
  const eligible: HostView[] = [];
  const full: HostView[] = [];
  for (const host of [...hosts].sort((a, b) => compareText(a.id, b.id))) {
    const never = refuseHost(host, requirement, limited);
    const refusal = never ?? refuseAsFull(host, requirement);
    if (refusal !== undefined) refusals.push(refusal);
    if (never === undefined) (refusal === undefined ? eligible : full).push(host);
  }
  const lastResort = full.sort((a, b) => headroom(b) - headroom(a)).slice(0, CANDIDATES_MAX);
  return { candidates: [...interleaveZones(eligible, rng), ...lastResort].map(toCandidate), refusals };
}

const toCandidate = (host: HostView): Candidate => ({ hostId: host.id, hostName: host.name, zone: host.zone });

/** Why a host is not to be asked at all, by what gossip says of it; undefined when it may be. */
export function refuseHost(host: HostView, requirement: Requirement, limited: HostLimits): Refusal | undefined {
  const { selector, home, avoid = [] } = limited;
  if (host.status === 'dead' || host.status === 'left') return refusal(host, 'not-alive', `the host is ${host.status}`);
  const inCluster = match(host.labels, selector);
  if (!inCluster.ok) return refusal(host, 'not-in-cluster', `cluster ${requirement.cluster} ${inCluster.detail}`);
  if (home !== undefined && home !== host.id) return refusal(host, 'volume', 'its volumes are on another host');
  if (host.drainedBy !== undefined) return refusal(host, 'draining', 'the host is being drained');
  if (avoid.includes(host.id)) return refusal(host, 'draining', 'it is to leave this host');
  if (host.cordoned) return refusal(host, 'cordoned', 'the host is cordoned: it gets no new containers');
  if (host.engine.state === 'unreachable') {
    return refusal(host, 'engine-unreachable', 'the Docker engine does not answer');
  }
  const matched = match(host.labels, requirement.constraints);
  return matched.ok ? undefined : refusal(host, 'constraint', matched.detail);
}

/** By claims alone: what other auctions hold may be free again in a moment. */
function refuseAsFull(host: HostView, { memoryBytes, cpuMilli }: Requirement): Refusal | undefined {
  const { allocatableBytes, promisedBytes, cpuMilli: totalCpuMilli, promisedCpuMilli } = host.capacity;
  if (allocatableBytes - promisedBytes < memoryBytes) {
    const numbers = { neededBytes: memoryBytes, allocatableBytes, promisedBytes, heldBytes: 0 };
    return refusal(host, 'insufficient-memory', memoryDetail(numbers), numbers);
  }
  if (cpuMilli > 0 && totalCpuMilli - promisedCpuMilli < cpuMilli) {
    const numbers = { neededCpuMilli: cpuMilli, totalCpuMilli, promisedCpuMilli, heldCpuMilli: 0 };
    return refusal(host, 'insufficient-cpu', cpuDetail(numbers), numbers);
  }
  if (host.containers < limits.containersPerHost) return undefined;
  const detail = `at most ${plural(limits.containersPerHost, 'container')} per host: ${host.containers} here`;
  return refusal(host, 'too-many-containers', detail, { containers: host.containers });
}

const refusal = (host: HostView, rule: RefusalRule, detail: string, numbers: Record<string, number> = {}): Refusal => ({
  hostId: host.id,
  hostName: host.name,
  rule,
  detail,
  numbers,
  transient: false,
});

const headroom = ({ capacity }: HostView): number =>
  (capacity.allocatableBytes - capacity.promisedBytes - capacity.heldBytes) / Math.max(1, capacity.allocatableBytes);

/** Zones take turns, so that the first hosts asked can spread over zones however uneven these are. */
function interleaveZones(hosts: readonly HostView[], rng: () => number): HostView[] {
  const zones = new Map<string, HostView[]>();
  for (const host of hosts) zones.set(host.zone, [...(zones.get(host.zone) ?? []), host]);
  const queues = [...zones.values()].map((zone) => byTwoChoices(zone, rng));
  const order: HostView[] = [];
  for (let turn = 0; order.length < hosts.length; turn++) {
    for (const queue of queues) order.push(...queue.slice(turn, turn + 1));
  }
  return order;
}

/**
 * Each place goes to the one with more memory headroom of two drawn at random: nearly as good as sorting, and auctioneers that
 * share a gossip view don't all ask the same hosts (Mitzenmacher, The power of two choices, 2001).
 */
function byTwoChoices(hosts: readonly HostView[], rng: () => number): HostView[] {
  const left = [...hosts];
  const draw = () => Math.floor(rng() * left.length);
  const order: HostView[] = [];
  while (left.length > 0) {
    const [one, other] = [draw(), draw()];
    const [a, b] = [left[one], left[other]];
    const index = a !== undefined && b !== undefined && headroom(b) > headroom(a) ? other : one;
    order.push(...left.splice(index, 1));
  }
  return order;
}
