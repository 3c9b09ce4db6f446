import type { ContainerId, HostId, OperationId } from '../../../protocol/ids.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import {
  byWorthKeeping,
  DEFAULT_HOST_LOSS,
  isGivenUp,
  isGone,
  isMissingForSure,
  isSettled,
  type PlacedContainer,
  type Surroundings,
} from './actual.ts';

/** What a steward does next for one deployment of an app. */
export type Action =
  | { readonly type: 'place'; readonly replicas: readonly number[] }
  | {
      readonly type: 'remove';
      readonly hostId: HostId;
      readonly containerId: ContainerId;
      readonly why: RemovalReason;
    };

type RemovalReason = 'duplicate' | 'surplus' | 'old-version' | 'undeployed' | 'failed';

export interface PlanInput {
  readonly app: App;
  readonly deployment: Deployment;
  /**
   * Of the version's spec; undefined when its record can't be read. A number alone does not tell two versions apart: two sides
   * of a partition may have given it to different specs.
   */
  readonly specHash: string | undefined;
  /** How long ago people asked for it; undefined when no operation is under way any more. Milliseconds. */
  readonly askedMsAgo: number | undefined;
  /** Every known container of this app and cluster, also of lost hosts. */
  readonly containers: readonly PlacedContainer[];
  /** Replicas awarded a moment ago whose hosts have not reported them yet. */
  readonly pending: readonly { readonly replica: number; readonly hostId: HostId }[];
  readonly around: Surroundings;
}

export interface Plan {
  readonly actions: readonly Action[];
  /** Every wanted replica works and nothing else of the app is left in this cluster on a host that can be reached. */
  readonly isSettled: boolean;
}

/**
 * Compares what is wanted of one deployment with what its hosts report.
 *
 * Replicas are numbered; a number is an identity, so two containers with one number are a duplicate (a lost host came
 * back, or two stewards acted at once) and the less worthy one goes. Old versions go only as new ones work, one for one.
 */
export function planDeployment(input: PlanInput): Plan {
  const { deployment, around, specHash } = input;
  const policy = input.app.onHostLoss ?? DEFAULT_HOST_LOSS;
  const isCurrent = (c: PlacedContainer): boolean =>
    c.version === deployment.version && (specHash === undefined || c.specHash === specHash);
  const counted = input.containers.filter((c) => !isGone(c) && !isGivenUp(c, policy, around));
  const current = counted.filter(isCurrent);
  const old = counted.filter((c) => !isCurrent(c));

  const { keep, duplicates } = splitDuplicates(current);
  const surplus = chooseSurplus(keep, deployment.replicas);
  const kept = keep.filter((c) => !surplus.includes(c));
  const settled = kept.filter(isSettled).length;
  const oldAllowed = Math.max(0, deployment.replicas - settled);
  const outdated = [...old].sort(byWorthKeeping).slice(oldAllowed);

  const actions: Action[] = [
    ...remove(duplicates.filter(isReachable), 'duplicate'),
    ...remove(surplus.filter(isReachable), 'surplus'),
    ...remove(outdated.filter(isReachable), 'old-version'),
  ];
  const missing = missingReplicas(kept, input.pending, deployment.replicas);
  if (missing.length > 0 && isMissingForSure(policy, around, input.askedMsAgo)) {
    actions.push({ type: 'place', replicas: missing });
  }
  const leaving = input.containers.filter((c) => c.phase === 'removing');
  const isClean = [...old, ...duplicates, ...surplus, ...leaving].every((c) => !isReachable(c));
  return { actions, isSettled: settled === deployment.replicas && isClean };
}

/** Containers that nothing wants any more: their app is deleted or was made anew, or their deployment is gone. */
export function planRemoval(containers: readonly PlacedContainer[]): Plan {
  const reachable = containers.filter(isReachable);
  const leaving = reachable.filter((c) => c.phase !== 'removing');
  return { actions: remove(leaving, 'undeployed'), isSettled: reachable.length === 0 };
}

const remove = (containers: readonly PlacedContainer[], why: RemovalReason): Action[] =>
  containers.map((c) => ({ type: 'remove', hostId: c.hostId, containerId: c.id, why }));

/** What can't be reached does not hold anything up: it goes when its host is back. */
const isReachable = ({ hostStatus }: PlacedContainer): boolean => hostStatus === 'alive' || hostStatus === 'suspect';

function splitDuplicates(current: readonly PlacedContainer[]) {
  const keep: PlacedContainer[] = [];
  const duplicates: PlacedContainer[] = [];
  const taken = new Set<number>();
  for (const container of [...current].sort(byWorthKeeping)) {
    if (taken.has(container.replica)) duplicates.push(container);
    else {
      taken.add(container.replica);
      keep.push(container);
    }
  }
  return { keep, duplicates };
}

/** Takes the surplus from the hosts that run most of the app, so that what stays is spread; least worthy first. */
function chooseSurplus(keep: readonly PlacedContainer[], wanted: number): PlacedContainer[] {
  const left = [...keep].sort(byWorthKeeping);
  const surplus: PlacedContainer[] = [];
  while (left.length > wanted) {
    const perHost = new Map<HostId, number>();
    for (const c of left) perHost.set(c.hostId, (perHost.get(c.hostId) ?? 0) + 1);
    const unsettled = left.findLast((c) => !isSettled(c));
    const most = Math.max(...perHost.values());
    const victim = unsettled ?? left.findLast((c) => perHost.get(c.hostId) === most);
    if (victim === undefined) break;
    surplus.push(victim);
    left.splice(left.indexOf(victim), 1);
  }
  return surplus;
}

function missingReplicas(kept: readonly PlacedContainer[], pending: PlanInput['pending'], wanted: number): number[] {
  const taken = new Set([...kept.map((c) => c.replica), ...pending.map((p) => p.replica)]);
  const missing: number[] = [];
  for (let replica = 0; taken.size + missing.length < wanted; replica++) if (!taken.has(replica)) missing.push(replica);
  return missing;
}

/** The verdict on a running operation after a container of it failed. */
export type FailureVerdict = 'retry' | 'give-up';

/** Failures of one kind that the next host may not share are tried on this many hosts in all. */
const PLACEMENT_ATTEMPTS = 3;

/**
 * A container that exits or stays unhealthy would do so anywhere (its host has tried three times already): give up. An image
 * that one host can't get, or a container that one engine refuses, may work on another host.
 */
export function judgeFailures(
  failures: readonly { readonly code: string; readonly replica: number }[],
): FailureVerdict {
  if (failures.some((f) => f.code === 'container-exited' || f.code === 'container-unhealthy')) return 'give-up';
  const perReplica = new Map<number, number>();
  for (const f of failures) perReplica.set(f.replica, (perReplica.get(f.replica) ?? 0) + 1);
  return Math.max(0, ...perReplica.values()) >= PLACEMENT_ATTEMPTS ? 'give-up' : 'retry';
}

/** The deployment that an operation leaves behind when it fails: what was before, or none. */
export function restoreDeployments(
  app: App,
  operation: {
    readonly id: OperationId;
    readonly cluster?: string | undefined;
    readonly previous?: { version: number; replicas: number } | undefined;
  },
): App['deployments'] {
  return app.deployments.flatMap((deployment) => {
    if (deployment.cluster !== operation.cluster || deployment.operationId !== operation.id) return [deployment];
    return operation.previous === undefined ? [] : [{ ...deployment, ...operation.previous }];
  });
}
