import Type from 'typebox';
import { limits } from '../limits.ts';
import {
  Bytes,
  ContainerIdSchema,
  CpuMilli,
  HostIdSchema,
  Labels,
  Name,
  OperationIdSchema,
  Timestamp,
} from './common.ts';
import { BlobUsage, ResolvedImageName } from './image.ts';

/** Where a container is in its life on its host. */
export const ContainerPhase = Type.Union([
  Type.Literal('claimed'),
  Type.Literal('pulling'),
  Type.Literal('creating'),
  Type.Literal('starting'),
  Type.Literal('running'),
  Type.Literal('stopping'),
  Type.Literal('stopped'),
  Type.Literal('backoff'),
  Type.Literal('completed'),
  Type.Literal('failed'),
  Type.Literal('removing'),
]);
export type ContainerPhase = Type.Static<typeof ContainerPhase>;

export const PublishedPort = Type.Object({
  container: Type.Integer({ minimum: 1, maximum: 65_535 }),
  host: Type.Integer({ minimum: 1, maximum: 65_535 }),
  protocol: Type.Union([Type.Literal('tcp'), Type.Literal('udp')]),
});
export type PublishedPort = Type.Static<typeof PublishedPort>;

/** How far a pull is. */
export const PullProgress = Type.Object({
  bytes: Bytes,
  /** 0 while unknown. */
  totalBytes: Bytes,
  /** Hosts that it takes from now; absent for a pull that the engine does by itself. */
  peers: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type PullProgress = Type.Static<typeof PullProgress>;

/** A managed container as its host reports it. The only writer is the host. */
export const ContainerState = Type.Object(
  {
    id: ContainerIdSchema,
    /** Docker's id once created. */
    engineId: Type.Optional(Type.String({ maxLength: 64 })),
    /** `group-app-replica-xxxx`, also its name in Docker. */
    name: Type.String({ maxLength: 200 }),
    group: Name,
    app: Name,
    appUid: Type.String({ maxLength: 64 }),
    cluster: Name,
    version: Type.Integer({ minimum: 1 }),
    replica: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
    specHash: Type.String({ maxLength: 64 }),
    operationId: Type.String({ maxLength: 64 }),
    image: Type.String({ maxLength: 512 }),
    /** What the image stood for when its version was made. */
    resolvedImage: Type.Optional(ResolvedImageName),
    memoryBytes: Bytes,
    cpuMilli: CpuMilli,
    ports: Type.Array(PublishedPort, { maxItems: limits.ports }),
    phase: ContainerPhase,
    /** What people want of it: `stopped` after a stop, until a start. */
    wanted: Type.Union([Type.Literal('running'), Type.Literal('stopped')]),
    health: Type.Union([
      Type.Literal('none'),
      Type.Literal('starting'),
      Type.Literal('healthy'),
      Type.Literal('unhealthy'),
    ]),
    /** Counts as a replica that works: healthy, or without a health check up for a second. */
    ready: Type.Boolean(),
    restarts: Type.Integer({ minimum: 0 }),
    exitCode: Type.Optional(Type.Integer()),
    /** Why it is not running: a code of the error table and one sentence. */
    reason: Type.Optional(
      Type.Object({ code: Type.String({ maxLength: 64 }), detail: Type.String({ maxLength: 4_096 }) }),
    ),
    /** While pulling. */
    pull: Type.Optional(PullProgress),
    createdAt: Timestamp,
    startedAt: Type.Optional(Timestamp),
  },
  { $id: 'ContainerState' },
);
export type ContainerState = Type.Static<typeof ContainerState>;

/** A container on the host that Shoal did not make. */
export const UnmanagedContainer = Type.Object({
  engineId: Type.String({ maxLength: 64 }),
  name: Type.String({ maxLength: 200 }),
  image: Type.String({ maxLength: 512 }),
  running: Type.Boolean(),
  /** Its memory limit; 0 when it has none. */
  memoryBytes: Bytes,
});
export type UnmanagedContainer = Type.Static<typeof UnmanagedContainer>;

/** Memory and CPU of a host. allocatable = total - reserve - unmanaged. */
export const Capacity = Type.Object({
  memoryBytes: Bytes,
  reserveBytes: Bytes,
  unmanagedBytes: Bytes,
  allocatableBytes: Bytes,
  /** Sum of the limits of containers and claims. Never above allocatable. */
  promisedBytes: Bytes,
  /** Held by open reservations. */
  heldBytes: Bytes,
  cpuMilli: CpuMilli,
  promisedCpuMilli: Type.Integer({ minimum: 0 }),
});
export type Capacity = Type.Static<typeof Capacity>;

/** A host's part of an image operation that runs or has just ended. */
export const HostTask = Type.Object({
  operationId: OperationIdSchema,
  state: Type.Union([Type.Literal('running'), Type.Literal('done'), Type.Literal('failed')]),
  /** Brought, checked or freed so far. */
  bytes: Bytes,
  /** 0 while unknown. */
  totalBytes: Bytes,
  /** Hosts that it takes from now. */
  peers: Type.Integer({ minimum: 0 }),
  /** Why it failed, or what it found; empty when there is nothing to say. */
  detail: Type.String({ maxLength: 1_024 }),
});
export type HostTask = Type.Static<typeof HostTask>;

/** A host's store of blobs, and where it serves them. */
export const HostBlobs = Type.Object({
  /** TCP port for pieces. */
  port: Type.Integer({ minimum: 1, maximum: 65_535 }),
  usedBytes: BlobUsage.properties.usedBytes,
  pinnedBytes: BlobUsage.properties.pinnedBytes,
  quotaBytes: BlobUsage.properties.quotaBytes,
  diskFreeBytes: BlobUsage.properties.diskFreeBytes,
  /** While the host is drained: pinned bytes that the hosts which are to keep them do not keep yet. */
  leftBytes: Type.Optional(Bytes),
});
export type HostBlobs = Type.Static<typeof HostBlobs>;

export const API_ADDRESS_PATTERN = '^(\\[[0-9a-fA-F:.]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$';
const apiAddress = Type.String({
  pattern: API_ADDRESS_PATTERN,
  maxLength: 256,
  description: 'where its API listens; a loopback address: for that host alone',
});

/** What a host says of itself: whole, versioned, signed, written by nobody else. */
export const HostRecord = Type.Object(
  {
    hostId: HostIdSchema,
    name: Name,
    /** Multiaddrs to reach its agent, without the peer id. */
    addresses: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 16 }),
    /** `ADDRESS:PORT` of its HTTP API, a loopback address when it listens on no other; earlier agents don't say. */
    api: Type.Optional(apiAddress),
    agentVersion: Type.String({ maxLength: 64 }),
    protocolVersion: Type.Integer({ minimum: 1 }),
    zone: Type.String({ maxLength: 128 }),
    /** Facts and start-up labels: arch, os, cores, engine ... Operators' labels come on top (HostIntent). */
    labels: Labels,
    engine: Type.Object({
      state: Type.Union([Type.Literal('ready'), Type.Literal('unreachable')]),
      version: Type.String({ maxLength: 64 }),
    }),
    capacity: Capacity,
    containers: Type.Array(ContainerState, { maxItems: limits.containersPerHost }),
    unmanaged: Type.Array(UnmanagedContainer, { maxItems: limits.containersPerHost }),
    /** Image references and digests on the engine's disk, sorted; newest 200. */
    images: Type.Array(Type.String({ maxLength: 512 }), { maxItems: 200 }),
    tasks: Type.Optional(Type.Array(HostTask, { maxItems: limits.tasksPerHost })),
    blobs: Type.Optional(HostBlobs),
  },
  { $id: 'HostRecord' },
);
export type HostRecord = Type.Static<typeof HostRecord>;

export const Liveness = Type.Union([
  Type.Literal('alive'),
  Type.Literal('suspect'),
  Type.Literal('dead'),
  Type.Literal('left'),
]);
export type Liveness = Type.Static<typeof Liveness>;

/** A host as the API shows it: its record, what operators want of it, and how this member sees it. */
export const Host = Type.Object(
  {
    id: HostIdSchema,
    name: Name,
    status: Liveness,
    /** When this member saw the status change. */
    since: Timestamp,
    incarnation: Type.Integer({ minimum: 0 }),
    isSelf: Type.Boolean(),
    cordoned: Type.Boolean(),
    /** The operation that empties it. */
    drainedBy: Type.Optional(OperationIdSchema),
    /** It was emptied and may leave. */
    drainedAt: Type.Optional(Timestamp),
    zone: Type.String(),
    /** Facts, start-up labels and operators' labels merged. */
    labels: Labels,
    addresses: Type.Array(Type.String()),
    api: Type.Optional(apiAddress),
    agentVersion: Type.String(),
    engine: HostRecord.properties.engine,
    capacity: Capacity,
    containers: Type.Integer({ minimum: 0 }),
    unmanaged: Type.Array(UnmanagedContainer),
  },
  { $id: 'Host' },
);
export type Host = Type.Static<typeof Host>;

/** A container as the API shows it: the host's report plus where it is and whether that host is alive. */
export const Container = Type.Object(
  {
    ...ContainerState.properties,
    hostId: HostIdSchema,
    hostName: Name,
    hostStatus: Liveness,
  },
  { $id: 'Container' },
);
export type Container = Type.Static<typeof Container>;

export const Member = Type.Object(
  {
    hostId: HostIdSchema,
    name: Name,
    addresses: Type.Array(Type.String()),
    status: Type.Union([Liveness, Type.Literal('evicted')]),
    joinedAt: Timestamp,
    joinedWith: Type.String(),
  },
  { $id: 'Member' },
);
export type Member = Type.Static<typeof Member>;
