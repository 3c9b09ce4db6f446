import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import { type PlaceAction, type Plan, type PlanInput, planDeployment } from '../../core/deploy/plan.ts';
import type { ResolvedPolicy } from '../../core/rollout/policy.ts';
import { isReleaseHeld } from '../../core/rollout/rollout.ts';

/** Why a version with volumes is exchanged as it is. */
export const STOPS_FOR_VOLUMES = 'volumes are used by one container at a time';

/** One cluster's share of an app, as a plan looks at it. */
interface PlannedShare {
  readonly app: App;
  readonly deployment: Deployment;
  readonly containers: readonly PlacedContainer[];
  readonly version: Version | undefined;
  readonly operation: AppOperationRecord | undefined;
  readonly policy: ResolvedPolicy;
}

/** What the planning member knows besides the records. */
type Sight = Pick<PlanInput, 'isProven' | 'origin' | 'askedMsAgo' | 'pending' | 'around'>;

/** What is next for a deployment: the same for the steward that does it and for whoever asks what it would do. */
export function planShare(share: PlannedShare, sight: Sight): Plan {
  const { app, deployment, version, policy, containers } = share;
  const { rollout, replicas } = deployment;
  const hasVolumes = hasVolume(version);
  const stopFirst = hasVolumes || policy.stopFirst !== undefined;
  const pace = {
    batch: policy.batch,
    isPaused: rollout?.paused !== undefined,
    maxUnavailable: policy.maxUnavailable ?? (stopFirst ? 1 : 0),
    stopFirst,
    isReverting: rollout?.reverting !== undefined,
  };
  const plan = (isReleaseHeld: boolean): Plan =>
    planDeployment({
      ...{ app, deployment, specHash: version?.specHash, hasVolumes, containers },
      ...sight,
      pace: { ...pace, isReleaseHeld },
    });
  if (rollout === undefined) return plan(false);
  const held = plan(true);
  return isReleaseHeld(rollout, replicas, held.proven) ? held : plan(false);
}

/** Whether replicas get hosts only if all of them do: what people wait for and nothing else runs in the place of. */
export const isAllOrNothing = ({ deployment, operation }: PlannedShare, { isExchange }: PlaceAction): boolean =>
  operation !== undefined && deployment.rollout === undefined && !isExchange;

export const hasVolume = (version: Version | undefined): boolean => (version?.spec.volumes ?? []).length > 0;
