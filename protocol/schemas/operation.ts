import Type from 'typebox';
import { limits } from '../limits.ts';
import { Bytes, ContainerIdSchema, HostIdSchema, Name, OperationIdSchema, Problem, Timestamp } from './common.ts';
import { ContainerPhase } from './host.ts';

/** A rule that made a host refuse, or the filter leave it out. */
export const RefusalRule = Type.Union([
  Type.Literal('not-alive'),
  Type.Literal('cordoned'),
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

const OperationKind = Type.Union([
  Type.Literal('deploy'),
  Type.Literal('scale'),
  Type.Literal('delete-app'),
  Type.Literal('undeploy'),
]);
export const OperationState = Type.Union([
  Type.Literal('running'),
  Type.Literal('succeeded'),
  Type.Literal('failed'),
  Type.Literal('cancelled'),
]);
export type OperationState = Type.Static<typeof OperationState>;

/** An operation as stored in the catalog. Progress of its containers is not here: hosts report that themselves. */
export const OperationRecord = Type.Object({
  id: OperationIdSchema,
  kind: OperationKind,
  state: OperationState,
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
  createdAt: Timestamp,
  finishedAt: Type.Optional(Timestamp),
  actor: Type.String({ maxLength: 128 }),
  acceptedBy: HostIdSchema,
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
  cancelRequested: Type.Optional(Type.Boolean()),
  problem: Type.Optional(Problem),
});
export type OperationRecord = Type.Static<typeof OperationRecord>;

/** One replica's line of a running operation. */
export const OperationStep = Type.Object({
  replica: Type.Integer({ minimum: 0 }),
  containerId: Type.Optional(ContainerIdSchema),
  hostId: Type.Optional(HostIdSchema),
  hostName: Type.Optional(Name),
  /** `auction` until placed, `reserved` once claimed, then the container's phase; `healthy` when ready; `removed` when gone. */
  step: Type.Union([
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
  pull: Type.Optional(Type.Object({ bytes: Bytes, totalBytes: Bytes })),
});
export type OperationStep = Type.Static<typeof OperationStep>;

/** An operation as the API shows it: the record plus live steps composed from the hosts' own reports. */
export const Operation = Type.Object(
  {
    ...OperationRecord.properties,
    steward: Type.Optional(HostIdSchema),
    steps: Type.Array(OperationStep, { maxItems: limits.replicas }),
    done: Type.Integer({ minimum: 0, description: 'steps that reached their goal' }),
    total: Type.Integer({ minimum: 0 }),
  },
  { $id: 'Operation' },
);
export type Operation = Type.Static<typeof Operation>;
