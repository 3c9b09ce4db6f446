import Type from 'typebox';
import { limits } from '../limits.ts';
import { Bytes, ContainerIdSchema, HostIdSchema, Name, OperationIdSchema, Problem, Timestamp } from './common.ts';
import { ContainerPhase, PullProgress } from './host.ts';
import { DigestSchema, RepositoryName } from './image.ts';
import { RolloutView } from './rollout.ts';

/** A rule that made a host refuse, or the filter leave it out. */
export const RefusalRule = Type.Union([
  Type.Literal('not-alive'),
  Type.Literal('cordoned'),
  Type.Literal('draining'),
  Type.Literal('volume'),
  Type.Literal('affinity'),
  Type.Literal('anti-affinity'),
  Type.Literal('not-in-cluster'),
  Type.Literal('constraint'),
  Type.Literal('engine-unreachable'),
  Type.Literal('insufficient-memory'),
  Type.Literal('insufficient-cpu'),
  Type.Literal('port-taken'),
  Type.Literal('max-per-host'),
  Type.Literal('too-many-containers'),
  Type.Literal('no-answer'),
  Type.Literal('lower-score'),
]);
export type RefusalRule = Type.Static<typeof RefusalRule>;

/** Why a host took no (more) replicas: the rule, one sentence with the numbers, and the numbers themselves. */
export const Refusal = Type.Object(
  {
    hostId: HostIdSchema,
    hostName: Type.String({ maxLength: 63 }),
    rule: RefusalRule,
    detail: Type.String({ maxLength: 1_024 }),
    numbers: Type.Record(Type.String({ maxLength: 64 }), Type.Number(), { maxProperties: 16 }),
    /** Asking again soon may succeed: what is missing is held by other auctions' reservations, or the host did not answer. */
    transient: Type.Boolean(),
  },
  { $id: 'Refusal' },
);
export type Refusal = Type.Static<typeof Refusal>;

/** What a host offers in an auction. */
export const OfferView = Type.Object(
  {
    hostId: HostIdSchema,
    hostName: Type.String({ maxLength: 63 }),
    zone: Type.String({ maxLength: 128 }),
    /** Replicas it can take now. */
    slots: Type.Integer({ minimum: 0 }),
    /** Replicas of the app already there. */
    appReplicas: Type.Integer({ minimum: 0 }),
    memoryFreeBytes: Bytes,
    memoryAllocatableBytes: Bytes,
    imagePresent: Type.Boolean(),
    containers: Type.Integer({ minimum: 0 }),
    /** Containers of apps that it is to be with, and of those that it is to be apart from, where that is not required. */
    companions: Type.Optional(Type.Integer({ minimum: 0 })),
    rivals: Type.Optional(Type.Integer({ minimum: 0 })),
    /** Failures of this app on this host in the last five minutes. */
    recentFailures: Type.Integer({ minimum: 0 }),
    /** Replicas awarded to it. */
    awarded: Type.Integer({ minimum: 0 }),
  },
  { $id: 'OfferView' },
);
export type OfferView = Type.Static<typeof OfferView>;

/** One auction round: who offered what, who refused why, who got what. */
export const Decision = Type.Object(
  {
    at: Timestamp,
    auctioneer: HostIdSchema,
    wanted: Type.Integer({ minimum: 0 }),
    offers: Type.Array(OfferView, { maxItems: limits.members }),
    refusals: Type.Array(Refusal, { maxItems: limits.members }),
    placed: Type.Array(
      Type.Object({ replica: Type.Integer({ minimum: 0 }), containerId: ContainerIdSchema, hostId: HostIdSchema }),
      { maxItems: limits.replicas },
    ),
  },
  { $id: 'Decision' },
);
export type Decision = Type.Static<typeof Decision>;

const AppOperationKind = Type.Union([
  Type.Literal('deploy'),
  Type.Literal('upgrade'),
  Type.Literal('rollback'),
  Type.Literal('scale'),
  Type.Literal('delete-app'),
  Type.Literal('undeploy'),
]);
const MoveOperationKind = Type.Union([Type.Literal('drain'), Type.Literal('rebalance')]);
const ImageOperationKind = Type.Union([Type.Literal('preheat'), Type.Literal('verify'), Type.Literal('collect')]);
export const OperationState = Type.Union([
  Type.Literal('running'),
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
]);
export type OperationState = Type.Static<typeof OperationState>;

/** What all operations have. */
const common = {
  id: OperationIdSchema,
  state: OperationState,
  createdAt: Timestamp,
  finishedAt: Type.Optional(Timestamp),
  actor: Type.String({ maxLength: 128 }),
  acceptedBy: HostIdSchema,
  cancelRequested: Type.Optional(Type.Boolean()),
  problem: Type.Optional(Problem),
};

/** An operation on an app as stored in the catalog. Progress of its containers is not here: hosts report that themselves. */
export const AppOperationRecord = Type.Object({
  ...common,
  kind: AppOperationKind,
  group: Name,
  app: Name,
  appUid: Type.String({ maxLength: 64 }),
  cluster: Type.Optional(Name),
  version: Type.Optional(Type.Integer({ minimum: 1 })),
  replicas: Type.Optional(Type.Integer({ minimum: 0 })),
  /** What the deployment was before; restored when the operation fails. Absent: there was none. */
  previous: Type.Optional(
    Type.Object({ version: Type.Integer({ minimum: 1 }), replicas: Type.Integer({ minimum: 0 }) }),
  ),
  /** What this operation made on its way; taken back when it fails. */
  created: Type.Optional(Type.Object({ app: Type.Boolean(), version: Type.Boolean() })),
  /** Containers it takes away, counted from what was wanted when it was accepted. Absent: none. */
  toRemove: Type.Optional(Type.Integer({ minimum: 0 })),
  /** Newest last, at most 16. */
  decisions: Type.Array(Decision, { maxItems: 16 }),
  /** Containers that failed, newest last, at most 32. */
  failures: Type.Array(
    Type.Object({
      containerId: ContainerIdSchema,
      replica: Type.Integer({ minimum: 0 }),
      hostId: HostIdSchema,
      code: Type.String({ maxLength: 64 }),
      detail: Type.String({ maxLength: 4_096 }),
    }),
    { maxItems: 32 },
  ),
});
export type AppOperationRecord = Type.Static<typeof AppOperationRecord>;

/** What one host made of its part of an image operation. */
export const HostResult = Type.Object({
  hostId: HostIdSchema,
  ok: Type.Boolean(),
  /** Why it failed, or what it found; empty when there is nothing to say. */
  detail: Type.String({ maxLength: 1_024 }),
  /** Brought, checked or freed. */
  bytes: Bytes,
});
export type HostResult = Type.Static<typeof HostResult>;

/**
 * Work on images that several hosts do, each its part: bring an image (`preheat`), check stored blobs (`verify`), drop what
 * nothing needs (`collect`). Progress is not here: hosts report that themselves.
 */
export const ImageOperationRecord = Type.Object({
  ...common,
  kind: ImageOperationKind,
  /** What to bring: as it was written, and what that was resolved to. Only of `preheat`. */
  image: Type.Optional(
    Type.Object({ reference: Type.String({ maxLength: 512 }), repository: RepositoryName, digest: DigestSchema }),
  ),
  /** Younger content stays, in milliseconds. Only of `collect`; absent: the usual. */
  graceMs: Type.Optional(Type.Integer({ minimum: 0, maximum: 365 * 86_400_000 })),
  hosts: Type.Array(HostIdSchema, { minItems: 1, maxItems: limits.members }),
  /** One per host once it has ended; none before. */
  results: Type.Array(HostResult, { maxItems: limits.members }),
});
export type ImageOperationRecord = Type.Static<typeof ImageOperationRecord>;

/** A container that has to go elsewhere. */
export const Move = Type.Object(
  {
    containerId: ContainerIdSchema,
    group: Name,
    app: Name,
    cluster: Name,
    replica: Type.Integer({ minimum: 0 }),
    /** Where it is. */
    hostId: HostIdSchema,
    /** Why, for people. */
    why: Type.Optional(Type.String({ maxLength: 256 })),
  },
  { additionalProperties: false, $id: 'Move' },
);
export type Move = Type.Static<typeof Move>;

/** What became of a move when its operation ended; the others were moved. */
const UnmovedContainer = Type.Object({
  containerId: ContainerIdSchema,
  /** `lost`: stopped before another worked in its place. `stayed`: where it was. */
  outcome: Type.Union([Type.Literal('lost'), Type.Literal('stayed')]),
  detail: Type.String({ maxLength: 1_024 }),
});

/**
 * Containers that go to other hosts: all of one (`drain`), or some so that hosts are evenly used (`rebalance`). The stewards
 * of their apps move them; progress is not here.
 */
export const MoveOperationRecord = Type.Object({
  ...common,
  kind: MoveOperationKind,
  /** The host that is drained. */
  hostId: Type.Optional(HostIdSchema),
  /** Of a drain: what has not moved by then is stopped. */
  deadlineAt: Type.Optional(Timestamp),
  /** The containers that were there when it was asked for, the first of them when there were more. */
  moves: Type.Array(Move, { maxItems: limits.moves }),
  /** Set when it has ended. */
  unmoved: Type.Array(UnmovedContainer, { maxItems: limits.moves }),
});
export type MoveOperationRecord = Type.Static<typeof MoveOperationRecord>;

export const OperationRecord = Type.Union([AppOperationRecord, ImageOperationRecord, MoveOperationRecord]);
export type OperationRecord = Type.Static<typeof OperationRecord>;

type ImageKind = Type.Static<typeof ImageOperationKind>;
const imageKinds: ReadonlySet<string> = new Set<ImageKind>(['preheat', 'verify', 'collect']);

/** Whether an operation, stored or shown, is work on images; the others are about an app. */
export const isImageOperation = <T extends Pick<OperationRecord, 'kind'>>(
  operation: T,
): operation is Extract<T, { kind: ImageKind }> => imageKinds.has(operation.kind);

type MoveKind = Type.Static<typeof MoveOperationKind>;
const moveKinds: ReadonlySet<string> = new Set<MoveKind>(['drain', 'rebalance']);

/** Whether an operation moves containers between hosts. */
export const isMoveOperation = <T extends Pick<OperationRecord, 'kind'>>(
  operation: T,
): operation is Extract<T, { kind: MoveKind }> => moveKinds.has(operation.kind);

/** Whether an operation is about one app. */
export const isAppOperation = <T extends Pick<OperationRecord, 'kind'>>(
  operation: T,
): operation is Exclude<T, { kind: ImageKind | MoveKind }> =>
  !isImageOperation(operation) && !isMoveOperation(operation);

/** One replica's line of a running operation. */
export const OperationStep = Type.Object({
  replica: Type.Integer({ minimum: 0 }),
  containerId: Type.Optional(ContainerIdSchema),
  hostId: Type.Optional(HostIdSchema),
  hostName: Type.Optional(Name),
  /**
   * `waiting` while its old container goes on, until its turn; `auction` until placed, `reserved` once claimed, then the container's phase; `healthy` when ready;
   * `removed` when gone.
   */
  step: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('auction'),
    Type.Literal('reserved'),
    Type.Literal('pulling'),
    Type.Literal('created'),
    Type.Literal('started'),
    Type.Literal('healthy'),
    Type.Literal('backoff'),
    Type.Literal('failed'),
    Type.Literal('removing'),
    Type.Literal('removed'),
  ]),
  phase: Type.Optional(ContainerPhase),
  detail: Type.Optional(Type.String()),
  pull: Type.Optional(PullProgress),
});
export type OperationStep = Type.Static<typeof OperationStep>;

/** What the API adds to every operation's record. */
const shown = {
  steward: Type.Optional(HostIdSchema),
  done: Type.Integer({ minimum: 0, description: 'steps that reached their goal' }),
  total: Type.Integer({ minimum: 0 }),
};

/** An operation on an app as the API shows it: the record plus live steps composed from the hosts' own reports. */
export const AppOperation = Type.Object(
  {
    ...AppOperationRecord.properties,
    ...shown,
    steps: Type.Array(OperationStep, { maxItems: 2 * limits.replicas }),
    /** While it rolls out. */
    rollout: Type.Optional(RolloutView),
  },
  { $id: 'AppOperation' },
);
export type AppOperation = Type.Static<typeof AppOperation>;

/** One host's line of an image operation. */
export const ImageOperationStep = Type.Object({
  hostId: HostIdSchema,
  hostName: Type.String(),
  /** `waiting` until the host has begun; `lost` while it is away. */
  step: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('running'),
    Type.Literal('done'),
    Type.Literal('failed'),
    Type.Literal('lost'),
  ]),
  /** Brought, checked or freed so far. */
  bytes: Bytes,
  /** 0 while unknown. */
  totalBytes: Bytes,
  /** Hosts that it takes from now. */
  peers: Type.Integer({ minimum: 0 }),
  detail: Type.Optional(Type.String()),
});
export type ImageOperationStep = Type.Static<typeof ImageOperationStep>;

export const ImageOperation = Type.Object(
  {
    ...ImageOperationRecord.properties,
    ...shown,
    steps: Type.Array(ImageOperationStep, { maxItems: limits.members }),
  },
  { $id: 'ImageOperation' },
);
export type ImageOperation = Type.Static<typeof ImageOperation>;

/** One container's line of an operation that moves containers. */
export const MoveStep = Type.Object({
  containerId: ContainerIdSchema,
  name: Type.String(),
  group: Name,
  app: Name,
  hostId: HostIdSchema,
  hostName: Type.String(),
  /** Where its replacement is. */
  toHostName: Type.Optional(Type.String()),
  /** `waiting` for its turn, `replacing` until another works in its place, `removing` after that, `blocked` says why. */
  step: Type.Union([
    Type.Literal('waiting'),
    Type.Literal('replacing'),
    Type.Literal('removing'),
    Type.Literal('moved'),
    Type.Literal('blocked'),
    Type.Literal('stayed'),
    Type.Literal('lost'),
  ]),
  detail: Type.Optional(Type.String()),
});
export type MoveStep = Type.Static<typeof MoveStep>;

export const MoveOperation = Type.Object(
  {
    ...MoveOperationRecord.properties,
    ...shown,
    hostName: Type.Optional(Type.String()),
    steps: Type.Array(MoveStep, { maxItems: 2 * limits.containersPerHost }),
    /** Pinned blobs of a drained host that other hosts do not keep yet. Bytes; absent: not known yet. */
    blobsLeftBytes: Type.Optional(Bytes),
  },
  { $id: 'MoveOperation' },
);
export type MoveOperation = Type.Static<typeof MoveOperation>;

export const Operation = Type.Union([AppOperation, ImageOperation, MoveOperation], { $id: 'Operation' });
export type Operation = Type.Static<typeof Operation>;
