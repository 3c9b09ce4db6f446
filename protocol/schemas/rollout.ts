import Type from 'typebox';
import { limits } from '../limits.ts';
import { Problem, Timestamp } from './common.ts';

const closed = { additionalProperties: false } as const;
const replicas = (minimum: number, description: string) =>
  Type.Integer({ minimum, maximum: limits.replicas, description });
const ms = (maximum: number, description: string) =>
  Type.Integer({ minimum: 0, maximum, description: `milliseconds; ${description}` });

const DAY_MS = 86_400_000;

/** `rolling`: some replicas at a time. `blue-green`: all new ones beside all old ones, then the old ones go. */
const Strategy = Type.Union([Type.Literal('rolling'), Type.Literal('blue-green')]);
/** `rollback`: what ran before is restored. `pause`: everything stays as it is until somebody decides. */
const OnFailure = Type.Union([Type.Literal('rollback'), Type.Literal('pause')]);

/** How containers of an app are exchanged for others: by a new version, and by a drain. Fields left out have defaults. */
export const RolloutPolicy = Type.Object(
  {
    strategy: Type.Optional(Strategy),
    batch: Type.Optional(replicas(1, 'replicas exchanged at once; default: a quarter of all')),
    maxUnavailable: Type.Optional(
      replicas(0, 'replicas that may be missing at once; default: 0, and 1 when an old container has to stop first'),
    ),
    maxSurge: Type.Optional(replicas(0, 'replicas that may run in excess at once; default: as many as a batch')),
    minHealthyMs: Type.Optional(ms(DAY_MS, 'a new replica must work this long to count; default 2 s')),
    healthyDeadlineMs: Type.Optional(ms(DAY_MS, 'a batch must work by then; default 5 min')),
    progressDeadlineMs: Type.Optional(ms(7 * DAY_MS, 'a replica must come to work within; default 10 min')),
    onFailure: Type.Optional(OnFailure),
  },
  { ...closed, $id: 'RolloutPolicy' },
);
export type RolloutPolicy = Type.Static<typeof RolloutPolicy>;

/** Which replicas get the new version first, and then wait for `continue`. */
export const Canary = Type.Object(
  {
    count: Type.Optional(replicas(1, 'so many')),
    replicas: Type.Optional(
      Type.Array(Type.Integer({ minimum: 0, maximum: 1_000_000 }), { minItems: 1, maxItems: limits.replicas }),
    ),
  },
  closed,
);
export type Canary = Type.Static<typeof Canary>;

/** What ran before a rollout: what closed replicas are healed with, and what a revert restores. */
export const RolloutOrigin = Type.Object({
  version: Type.Integer({ minimum: 1 }),
  replicas: replicas(0, 'wanted then'),
});
export type RolloutOrigin = Type.Static<typeof RolloutOrigin>;

/**
 * A change of version under way, part of its deployment: all that a new steward needs to go on.
 *
 * The replicas of an app have an order: those of `first`, then those that run the new version, then the others by number. The
 * first `open` of them are to run the new version, the others keep what they have.
 */
export const Rollout = Type.Object(
  {
    from: RolloutOrigin,
    strategy: Strategy,
    batch: replicas(1, 'replicas opened at once'),
    maxUnavailable: Type.Optional(replicas(0, 'as asked; absent: none, or one when old containers stop first')),
    minHealthyMs: ms(DAY_MS, 'a replica must work this long to count'),
    healthyDeadlineMs: ms(DAY_MS, 'for a batch'),
    progressDeadlineMs: ms(7 * DAY_MS, 'for the next replica'),
    onFailure: OnFailure,
    first: Type.Array(Type.Integer({ minimum: 0 }), { maxItems: limits.replicas }),
    open: replicas(0, 'replicas that are to run the new version'),
    /** When `open` grew last. */
    openedAt: Timestamp,
    /** Most replicas of the new version that worked long enough so far. */
    proven: replicas(0, 'replicas'),
    /** Stops when so many are open (canary) or before the old ones go (blue-green), until somebody says `continue`. */
    holdAt: Type.Optional(replicas(1, 'replicas')),
    paused: Type.Optional(
      Type.Object({
        by: Type.Union([Type.Literal('operator'), Type.Literal('failure')]),
        detail: Type.String({ maxLength: 4_096 }),
        at: Timestamp,
      }),
    ),
    /** Old containers stop before their replacements start, because of this. Absent: replacements start first. */
    stopFirst: Type.Optional(Type.String({ maxLength: 1_024 })),
    /** It restores what ran before because of this; the operation ends with it. */
    reverting: Type.Optional(Problem),
  },
  { $id: 'Rollout' },
);
export type Rollout = Type.Static<typeof Rollout>;

/** What a rollout is doing, for people. */
export const RolloutPhase = Type.Union([
  Type.Literal('rolling'),
  /** Waits for `continue`. */
  Type.Literal('holding'),
  Type.Literal('paused'),
  Type.Literal('reverting'),
]);
export type RolloutPhase = Type.Static<typeof RolloutPhase>;

/** A rollout as an operation shows it. */
export const RolloutView = Type.Object(
  { ...Rollout.properties, phase: RolloutPhase, to: Type.Integer({ minimum: 1 }) },
  { $id: 'RolloutView' },
);
export type RolloutView = Type.Static<typeof RolloutView>;
