import Type from 'typebox';
import { limits } from '../limits.ts';
import { ContainerIdSchema, HostIdSchema, Name, OperationIdSchema } from './common.ts';
import { OfferView, Refusal } from './operation.ts';
import { Rollout } from './rollout.ts';

const replica = Type.Integer({ minimum: 0 });
const replicas = Type.Array(replica, { maxItems: limits.replicas });

/** What one auction would end with, by the word of the hosts themselves: they answered as to an auction, and held nothing. */
export const PlannedAuction = Type.Object(
  {
    version: Type.Integer({ minimum: 1 }),
    wanted: { ...replicas, description: 'replicas that are missing now' },
    placed: Type.Array(Type.Object({ replica, hostId: HostIdSchema, hostName: Type.String() }), {
      maxItems: limits.replicas,
      description: 'where each would go; none when all have to fit and do not',
    }),
    offers: Type.Array(OfferView, { maxItems: limits.members }),
    refusals: Type.Array(Refusal, {
      maxItems: 2 * limits.members,
      description:
        'why hosts take no replicas, or no more while some are missing; `lower-score`: how one that could compares with the one chosen last; ' +
        '`no-answer`: it could not be asked',
    }),
  },
  { $id: 'PlannedAuction' },
);
export type PlannedAuction = Type.Static<typeof PlannedAuction>;

/** How running replicas of another version would be exchanged. */
export const PlannedRollout = Type.Object(
  {
    ...Type.Omit(Rollout, ['open', 'openedAt', 'proven', 'paused', 'reverting']).properties,
    batches: Type.Array(replicas, {
      maxItems: limits.replicas,
      description: 'replicas in the order of their exchange',
    }),
    why: Type.Array(Type.String(), { description: 'the policy in words' }),
  },
  { $id: 'PlannedRollout' },
);
export type PlannedRollout = Type.Static<typeof PlannedRollout>;

/** What a deployment would do now. Nothing was changed, reserved or written for it. */
export const DeploymentPlan = Type.Object(
  {
    cluster: Name,
    version: Type.Integer({ minimum: 1 }),
    isNewVersion: Type.Boolean({ description: 'the request would make this version' }),
    replicas: Type.Integer({ minimum: 0, maximum: limits.replicas }),
    fits: Type.Boolean({ description: 'whether every replica that is missing now would find a host' }),
    joins: Type.Optional(OperationIdSchema),
    supersedes: Type.Optional(OperationIdSchema),
    auctions: Type.Array(PlannedAuction, {
      maxItems: limits.replicas,
      description: 'one for each version and, with volumes, each host that has them; each asked for by itself',
    }),
    removals: Type.Array(
      Type.Object({
        containerId: ContainerIdSchema,
        replica,
        hostId: HostIdSchema,
        hostName: Type.String(),
        why: Type.String(),
      }),
      { maxItems: limits.replicas * 2, description: 'containers that would go at once' },
    ),
    rollout: Type.Optional(PlannedRollout),
  },
  {
    $id: 'DeploymentPlan',
    description:
      '`joins`: an operation under way that wants the same; `supersedes`: one that wants something else. With a `rollout` ' +
      'the auctions are those of its first batch.',
  },
);
export type DeploymentPlan = Type.Static<typeof DeploymentPlan>;
