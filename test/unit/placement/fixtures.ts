import type { HostFacts } from '../../../agent/core/placement/ask.ts';
import { ask } from '../../../agent/core/placement/ask.ts';
import type { Ledger } from '../../../agent/core/placement/ledger.ts';
import type { Award, Offer, Requirement } from '../../../agent/core/placement/types.ts';
import type { ContainerId, HostId, ReservationId } from '../../../protocol/ids.ts';
import { makeRng } from '../../sim/framework/rng.ts';

export const MiB = 1024 * 1024;

export const requirement = (rest: Partial<Requirement> = {}): Requirement => ({
  group: 'shop',
  app: 'web',
  appUid: 'ap_web',
  cluster: 'default',
  image: 'nginx',
  memoryBytes: 512 * MiB,
  cpuMilli: 0,
  ports: [],
  constraints: [],
  ...rest,
});

export const facts = (rest: Partial<HostFacts> = {}): HostFacts => ({
  hostId: 'host-1' as HostId,
  hostName: 'alpha',
  zone: '',
  labels: {},
  isCordoned: false,
  isEngineReady: true,
  unmanagedContainers: 0,
  takenPorts: new Set(),
  portRange: { first: 20_000, last: 20_009 },
  hasImage: false,
  recentFailures: 0,
  ...rest,
});

export const offer = (name: string, rest: Partial<Offer> = {}): Offer => ({
  hostId: name as HostId,
  hostName: name,
  zone: '',
  reservationId: `rs_${name}` as ReservationId,
  expiresInMs: 10_000,
  slots: 10,
  appReplicas: 0,
  memoryFreeBytes: 8_192 * MiB,
  memoryAllocatableBytes: 8_192 * MiB,
  imagePresent: false,
  containers: 0,
  recentFailures: 0,
  ...rest,
});

export const container = (name: string): ContainerId => `ct_${name}` as ContainerId;

/** The award of `names` out of a reservation, as its auctioneer would send it. */
export const awardOf = (reservationId: ReservationId, needs: Requirement, names: readonly string[]) =>
  ({
    reservationId,
    appUid: needs.appUid,
    spec: { image: needs.image, memoryBytes: needs.memoryBytes, cpuMilli: needs.cpuMilli, ports: [...needs.ports] },
    assignments: names.map((name, replica) => ({ containerId: container(name), replica })),
  }) satisfies Pick<Award, 'reservationId' | 'appUid' | 'spec' | 'assignments'>;

const rng = makeRng(1);

/** Asks and expects an offer. */
export function offered(
  ledger: Ledger,
  { auction = 'a', needs = requirement(), replicas = 1, nowMs = 0, host = facts() } = {},
): Offer {
  const bid = ask(ledger, { auctionId: auction, requirement: needs, replicas }, host, { nowMs, rng });
  if (!bid.ok) throw new Error(`refused: ${bid.refusal.detail}`);
  return bid.offer;
}
