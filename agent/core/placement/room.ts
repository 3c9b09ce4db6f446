import type { HostId } from '../../../protocol/ids.ts';
import type { RefusalRule } from '../../../protocol/schemas/operation.ts';
import { type HostLimits, type HostView, refuseHost } from './filter.ts';
import { humanBytes, plural } from './sizes.ts';
import type { Requirement } from './types.ts';

/** How many more replicas of one size a host would take, and what limits it. */
export interface HostRoom {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly zone: string;
  readonly replicas: number;
  readonly rule: RefusalRule;
  readonly detail: string;
  readonly allocatableBytes: number;
  readonly promisedBytes: number;
  readonly heldBytes: number;
}

/** What the host runs already, as far as rules ask for it. */
export interface RoomFacts {
  /** Replicas of the app there. */
  readonly appReplicas: number;
  /** Fixed host ports that containers there have, as `port/protocol`. */
  readonly ports: ReadonlySet<string>;
}

interface Bound {
  readonly rule: RefusalRule;
  readonly replicas: number;
  readonly detail: string;
}

/**
 * How many more replicas each host would take by what gossip says of it: what an auction asks the hosts themselves. The
 * tightest rule is named.
 */
export const roomOn = (
  hosts: readonly HostView[],
  requirement: Requirement,
  limited: HostLimits,
  factsOf: (hostId: HostId) => RoomFacts,
  containersMax: number,
): readonly HostRoom[] =>
  hosts.map((host) => {
    const refused = refuseHost(host, requirement, limited);
    const bounds = boundsOf(host, requirement, factsOf(host.id), containersMax);
    const tightest = bounds.reduce((least, next) => (next.replicas < least.replicas ? next : least));
    const { allocatableBytes, promisedBytes, heldBytes } = host.capacity;
    const { rule, detail } = refused ?? tightest;
    return {
      hostId: host.id,
      hostName: host.name,
      zone: host.zone,
      replicas: refused === undefined ? tightest.replicas : 0,
      ...{ rule, detail, allocatableBytes, promisedBytes, heldBytes },
    };
  });

function boundsOf(
  { capacity, containers }: HostView,
  { memoryBytes, cpuMilli, maxPerHost, ports }: Requirement,
  { appReplicas, ports: taken }: RoomFacts,
  containersMax: number,
): readonly [Bound, ...Bound[]] {
  const freeBytes = Math.max(0, capacity.allocatableBytes - capacity.promisedBytes - capacity.heldBytes);
  const freeMilli = Math.max(0, capacity.cpuMilli - capacity.promisedCpuMilli);
  const memory: Bound = {
    rule: 'insufficient-memory',
    replicas: Math.floor(freeBytes / memoryBytes),
    detail: `${humanBytes(freeBytes)} free of ${humanBytes(capacity.allocatableBytes)}`,
  };
  const fixed = ports
    .filter(({ host }) => host !== undefined)
    .map(({ host, protocol = 'tcp' }) => `${host}/${protocol}`);
  const inUse = fixed.find((port) => taken.has(port));
  return [
    memory,
    ...(cpuMilli === 0
      ? []
      : [
          {
            rule: 'insufficient-cpu' as const,
            replicas: Math.floor(freeMilli / cpuMilli),
            detail: `${freeMilli / 1_000} cores free`,
          },
        ]),
    ...(maxPerHost === undefined
      ? []
      : [
          {
            rule: 'max-per-host' as const,
            replicas: Math.max(0, maxPerHost - appReplicas),
            detail: `at most ${plural(maxPerHost, 'replica')} per host: ${appReplicas} here`,
          },
        ]),
    ...(fixed.length === 0
      ? []
      : [
          {
            rule: 'port-taken' as const,
            replicas: inUse === undefined ? 1 : 0,
            detail: inUse === undefined ? 'a fixed port can be had once' : `port ${inUse} is taken`,
          },
        ]),
    {
      rule: 'too-many-containers',
      replicas: Math.max(0, containersMax - containers),
      detail: `at most ${plural(containersMax, 'container')} per host: ${containers} here`,
    },
  ];
}
