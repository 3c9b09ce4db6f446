import Type from 'typebox';
import { limits } from '../limits.ts';
import {
  Constraint,
  ContainerIdSchema,
  Description,
  HostIdSchema,
  Labels,
  memoryLimit,
  Name,
  OperationIdSchema,
  Timestamp,
} from './common.ts';
import { OnOff } from './recording.ts';
import { Rollout, RolloutPolicy } from './rollout.ts';

/** A group gathers the apps of a team. */
export const Group = Type.Object(
  {
    name: Name,
    description: Type.Optional(Description),
    /** Memory limit of versions that name none. Bytes. */
    defaultMemoryBytes: Type.Optional(memoryLimit()),
    /** Whether what shells into its containers show is recorded; absent: as the mesh does. */
    recordShells: Type.Optional(OnOff),
    createdAt: Timestamp,
  },
  { $id: 'Group' },
);
export type Group = Type.Static<typeof Group>;

/** What should run of an app in one cluster. */
export const Deployment = Type.Object(
  {
    cluster: Name,
    version: Type.Integer({ minimum: 1 }),
    replicas: Type.Integer({ minimum: 0, maximum: limits.replicas }),
    /** The operation that asked for it. */
    operationId: Type.String({ maxLength: 64 }),
    /** While another version takes over. */
    rollout: Type.Optional(Rollout),
    /** Versions that were reached here, the latest last: where a rollback goes. */
    reached: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { maxItems: limits.reachedVersions })),
    /** Hosts that hold the volumes of replicas, by replica number: a replica with volumes runs nowhere else. */
    homes: Type.Optional(Type.Record(Type.String({ pattern: '^[0-9]{1,7}$' }), HostIdSchema)),
  },
  { $id: 'Deployment' },
);
export type Deployment = Type.Static<typeof Deployment>;

/** When the containers of a lost host are replaced elsewhere. */
export const HostLossPolicy = Type.Object(
  {
    replace: Type.Union([Type.Literal('always'), Type.Literal('majority'), Type.Literal('never')]),
    /** Wait after the loss is known. Milliseconds. */
    afterMs: Type.Integer({ minimum: 0, maximum: 86_400_000 }),
  },
  { additionalProperties: false },
);
export type HostLossPolicy = Type.Static<typeof HostLossPolicy>;

export const App = Type.Object(
  {
    group: Name,
    name: Name,
    /** Never reused, also when an app of the same name is made again. */
    uid: Type.String({ maxLength: 64 }),
    description: Type.Optional(Description),
    state: Type.Union([Type.Literal('active'), Type.Literal('deleting')]),
    /** The operation that removes it, while `deleting`. */
    deletedBy: Type.Optional(Type.String({ maxLength: 64 })),
    latestVersion: Type.Integer({ minimum: 0 }),
    deployments: Type.Array(Deployment, { maxItems: limits.deploymentsPerApp }),
    onHostLoss: Type.Optional(HostLossPolicy),
    rollout: Type.Optional(RolloutPolicy),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { $id: 'App' },
);
export type App = Type.Static<typeof App>;

/** A named set of hosts: those whose labels fit every rule. `default` is all hosts and has no record. */
export const Cluster = Type.Object(
  {
    name: Name,
    description: Type.Optional(Description),
    selector: Type.Array(Constraint, { maxItems: limits.constraints }),
    createdAt: Timestamp,
  },
  { $id: 'Cluster' },
);
export type Cluster = Type.Static<typeof Cluster>;

/** What operators want of a host. */
export const HostIntent = Type.Object(
  {
    hostId: Type.String({ maxLength: 128 }),
    labels: Labels,
    /** A cordoned host gets no new containers. */
    cordoned: Type.Boolean(),
    /** While it is being emptied; it is cordoned then, and goes back to what it was when that is cancelled. */
    drain: Type.Optional(Type.Object({ operationId: OperationIdSchema, wasCordoned: Type.Boolean() })),
    /** It was emptied and has got no container since: it may leave. */
    drainedAt: Type.Optional(Timestamp),
  },
  { $id: 'HostIntent' },
);
export type HostIntent = Type.Static<typeof HostIntent>;

/** Admission of a host to the mesh. Written once, when it joins. */
export const MemberRecord = Type.Object(
  {
    hostId: Type.String({ maxLength: 128 }),
    name: Name,
    /** Multiaddrs without the peer id; the host record's newer ones win. */
    addresses: Type.Array(Type.String({ maxLength: 256 }), { maxItems: 16 }),
    joinedAt: Timestamp,
    /** Token id, or `init` for the first member. */
    joinedWith: Type.String({ maxLength: 64 }),
  },
  { $id: 'MemberRecord' },
);
export type MemberRecord = Type.Static<typeof MemberRecord>;

/** An eviction sticks: nothing ever removes it, whatever the member record says. */
export const Eviction = Type.Object({
  hostId: Type.String({ maxLength: 128 }),
  reason: Type.String({ maxLength: 1_024 }),
  at: Timestamp,
  by: Type.String({ maxLength: 128 }),
});
export type Eviction = Type.Static<typeof Eviction>;

/** Containers that are being moved so that hosts are evenly used. One at a time in the mesh, and no record when there is none. */
export const RebalanceRecord = Type.Object({
  operationId: OperationIdSchema,
  moves: Type.Array(ContainerIdSchema, { maxItems: limits.moves }),
});
export type RebalanceRecord = Type.Static<typeof RebalanceRecord>;

/** Why a container that has to leave its host stays for now. Written by the steward of its app, gone with the reason. */
export const StuckRecord = Type.Object({
  containerId: ContainerIdSchema,
  hostId: HostIdSchema,
  group: Name,
  app: Name,
  /** A rule of placement, `volume`, or `no-room` when every host refuses. */
  rule: Type.String({ maxLength: 64 }),
  detail: Type.String({ maxLength: 2_048 }),
  at: Timestamp,
});
export type StuckRecord = Type.Static<typeof StuckRecord>;

/** A join token as stored: the secret only as its SHA-256. */
export const TokenRecord = Type.Object(
  {
    id: Type.String({ maxLength: 64 }),
    secretHash: Type.String({ maxLength: 64 }),
    description: Type.Optional(Description),
    createdAt: Timestamp,
    expiresAt: Timestamp,
    maxUses: Type.Integer({ minimum: 1, maximum: 1_000 }),
    /** Hosts that joined with it; joining again with the same identity costs no use. */
    usedBy: Type.Array(Type.String({ maxLength: 128 }), { maxItems: 1_000 }),
    revoked: Type.Boolean(),
  },
  { $id: 'TokenRecord' },
);
export type TokenRecord = Type.Static<typeof TokenRecord>;

/** What the holder of an API token may do: an admin everything, a guest look and pull images. */
export const Role = Type.Union([Type.Literal('admin'), Type.Literal('guest')], { description: 'admin, guest' });
export type Role = Type.Static<typeof Role>;

/** Whom an API token stands for, as stored: of the token only a hash. */
export const CredentialRecord = Type.Object(
  {
    id: Name,
    secretHash: Type.String({ maxLength: 64 }),
    role: Role,
    description: Type.Optional(Description),
    createdAt: Timestamp,
  },
  { $id: 'CredentialRecord' },
);
export type CredentialRecord = Type.Static<typeof CredentialRecord>;

/** One line of the timeline. */
export const Event = Type.Object(
  {
    id: Type.String({ maxLength: 64 }),
    at: Timestamp,
    /** `noun.verb`, e.g. `container.exited`, `host.dead`, `app.deployed`. */
    kind: Type.String({ maxLength: 64 }),
    /** One sentence for people. */
    message: Type.String({ maxLength: 2_048 }),
    /** Host that saw it. */
    source: Type.String({ maxLength: 128 }),
    actor: Type.Optional(Type.String({ maxLength: 128 })),
    host: Type.Optional(Type.String({ maxLength: 128 })),
    group: Type.Optional(Type.String({ maxLength: 63 })),
    app: Type.Optional(Type.String({ maxLength: 63 })),
    container: Type.Optional(Type.String({ maxLength: 64 })),
    operation: Type.Optional(Type.String({ maxLength: 64 })),
  },
  { $id: 'Event' },
);
export type Event = Type.Static<typeof Event>;
