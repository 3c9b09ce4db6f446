import type { ContainerId, HostId, OperationId, ReservationId } from '../../../protocol/ids.ts';
import type { Constraint } from '../../../protocol/schemas/common.ts';
import type { PublishedPort } from '../../../protocol/schemas/host.ts';
import type { Refusal } from '../../../protocol/schemas/operation.ts';
import type { Affinity, PortSpec, ResolvedSpec, Spread } from '../../../protocol/schemas/version.ts';

/** What one replica needs of a host. */
export interface Requirement {
  readonly group: string;
  readonly app: string;
  readonly appUid: string;
  readonly cluster: string;
  readonly image: string;
  /** What it stands for, `repository@digest` of the mesh's registry. */
  readonly resolvedImage?: string;
  readonly memoryBytes: number;
  readonly cpuMilli: number;
  readonly ports: readonly PortSpec[];
  /** The cluster's selector and the version's constraints, all of which must fit. */
  readonly constraints: readonly Constraint[];
  readonly maxPerHost?: number;
  /** Apps by `group/name`. */
  readonly affinity?: readonly Affinity[];
  /** Labels to spread over, with weights; absent: zones. */
  readonly spread?: readonly Spread[];
}

/** The auctioneer asks a host how many replicas it can take, up to `replicas`. */
export interface Ask {
  readonly auctionId: string;
  readonly requirement: Requirement;
  readonly replicas: number;
  /** Containers of the app that are about to go: they do not count where replicas are spread. */
  readonly leaving?: readonly ContainerId[];
  /** Of a rehearsal, which awards nothing: what it would have awarded to this host by now. */
  readonly given?: readonly ContainerId[];
}

/** A host's offer. The reservation holds memory, CPU and ports of `slots` replicas until it expires. */
export interface Offer {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly zone: string;
  readonly reservationId: ReservationId;
  readonly expiresInMs: number;
  readonly slots: number;
  readonly appReplicas: number;
  readonly memoryFreeBytes: number;
  readonly memoryAllocatableBytes: number;
  readonly imagePresent: boolean;
  /** Containers of apps that it is to be with, and of those that it is to be apart from. */
  readonly companions?: number;
  readonly rivals?: number;
  /** The host's values of the labels that the ask spreads over, in its order; empty where it has none. */
  readonly spreadValues?: readonly string[];
  readonly containers: number;
  readonly recentFailures: number;
  /** Why it takes no more than `slots`, when that is fewer than asked. */
  readonly limitedBy?: Refusal;
}

export type Bid = { readonly ok: true; readonly offer: Offer } | { readonly ok: false; readonly refusal: Refusal };

/** One container to run, part of an award. */
export interface Assignment {
  readonly containerId: ContainerId;
  readonly replica: number;
}

/** Turns (part of) a reservation into claims; what is not used is free at once. */
export interface Award {
  readonly reservationId: ReservationId;
  readonly operationId: OperationId;
  readonly group: string;
  readonly app: string;
  readonly appUid: string;
  readonly cluster: string;
  readonly version: number;
  readonly specHash: string;
  readonly spec: ResolvedSpec;
  readonly assignments: readonly Assignment[];
}

/** A host's promise for one container: from the award until the container is gone. */
export interface Claim {
  readonly containerId: ContainerId;
  /** `group/name` of its app. */
  readonly app: string;
  readonly appUid: string;
  readonly memoryBytes: number;
  readonly cpuMilli: number;
  readonly ports: readonly PublishedPort[];
}
