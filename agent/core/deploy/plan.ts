import type { ContainerId, HostId, OperationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import {
  DEFAULT_HOST_LOSS,
  isGivenUp,
  isGone,
  isMissingForSure,
  isReachable,
  isSettled,
  type PlacedContainer,
  type Surroundings,
} from './actual.ts';
import { exchange, type Pace } from './exchange.ts';
import { arrangeSlots, type ExcessReason, type Slot } from './slots.ts';

/** What a steward does next for one deployment of an app. */
type Action = PlaceAction | RemoveAction;

export interface PlaceAction {
  readonly type: 'place';
  readonly version: number;
  readonly replicas: readonly number[];
  /** The one host that holds their volumes; absent: any. */
  readonly home?: HostId;
  /** Hosts that these replicas leave. */
  readonly avoid: readonly HostId[];
  /** Containers that go once these work, or are on their way out: replicas are spread as if they were gone. */
  readonly leaving: readonly ContainerId[];
  /** Others run in their place until these work. */
  readonly isExchange: boolean;
}

export interface RemoveAction {
  readonly type: 'remove';
  readonly hostId: HostId;
  readonly containerId: ContainerId;
  readonly why: ExcessReason | 'undeployed' | 'failed' | 'stop-first';
}

export interface PlanInput {
  readonly app: App;
  readonly deployment: Deployment;
  /**
   * Of the version's spec; undefined when its record can't be read. A number alone does not tell two versions apart: two sides
   * of a partition may have given it to different specs.
   */
  readonly specHash: string | undefined;
  /** What closed replicas of a rollout are healed with; undefined when its record can't be read: then with the deployed one. */
  readonly origin: number | undefined;
  /** Whether the version has volumes: its replicas run where these are. */
  readonly hasVolumes: boolean;
  /** How long ago people asked for it; undefined when no operation is under way any more. Milliseconds. */
  readonly askedMsAgo: number | undefined;
  /** Every known container of this app and cluster, also of lost hosts. */
  readonly containers: readonly PlacedContainer[];
  /** Replicas awarded a moment ago whose hosts have not reported them yet. */
  readonly pending: readonly { readonly replica: number; readonly hostId: HostId }[];
  readonly around: Surroundings;
  /** Whether it has worked for as long as the app asks for. */
  readonly isProven: (container: PlacedContainer) => boolean;
  readonly pace: Pace;
}

export interface Plan {
  readonly actions: readonly Action[];
  /** Every wanted replica works as wanted, and nothing else of the app is left in this cluster on a host that can be reached. */
  readonly isSettled: boolean;
  /** Open replicas of a rollout that work and have worked long enough, of how many. */
  readonly proven: number;
  readonly open: number;
  /** The wanted replicas in the order in which a rollout opens them. */
  readonly order: readonly number[];
  /** Replicas at work on an exchange, or about to be. */
  readonly inExchange: number;
  /** Of these, those that begin with this plan's placements. */
  readonly starts: number;
  /** Containers that had to leave their host and can't, for their volumes are there. */
  readonly heldByVolumes: readonly PlacedContainer[];
}

/** Compares what is wanted of one deployment with what its hosts report. */
export function planDeployment(input: PlanInput): Plan {
  const { deployment, around, specHash, hasVolumes, containers } = input;
  const { rollout } = deployment;
  const policy = input.app.onHostLoss ?? DEFAULT_HOST_LOSS;
  const isNew = (c: PlacedContainer): boolean =>
    c.version === deployment.version && (specHash === undefined || c.specHash === specHash);
  const isHome = (c: PlacedContainer): boolean => hasVolumes && deployment.homes?.[c.replica] === c.hostId;
  const mustMove = (c: PlacedContainer): boolean => around.mustLeave(c) && !hasVolumes;
  const counted = containers.filter((c) => !isGone(c) && (isHome(c) || !isGivenUp(c, policy, around)));
  const removing = containers.filter((c) => c.phase === 'removing');
  const { slots, excess } = arrangeSlots({
    replicas: deployment.replicas,
    open: rollout?.open,
    first: rollout?.first ?? [],
    counted,
    leaving: removing,
    pending: new Set(input.pending.map(({ replica }) => replica)),
    isNew,
    mustMove,
  });
  const openSlots = slots.filter(({ isOpen }) => isOpen);
  // One that only has to leave its host is as good as it will be until it can.
  const rightOf = ({ fit, outgoing }: Slot) =>
    fit ?? (outgoing !== undefined && isNew(outgoing) ? outgoing : undefined);
  const isProven = (c: PlacedContainer | undefined) => c !== undefined && works(c) && input.isProven(c);
  const proven = openSlots.filter((slot) => isProven(rightOf(slot))).length;
  const moves = exchange({ slots, pace: input.pace, replicas: deployment.replicas, isProven: input.isProven });
  const actions: Action[] = [
    ...excess.filter(({ container }) => isReachable(container)).map(({ container, why }) => removal(container, why)),
    ...moves.removals.map(({ container, why }) => removal(container, why)),
  ];
  const missing = slots.filter((slot) => isMissing(slot, input.pace));
  const canHeal = missing.length > 0 && isMissingForSure(policy, around, input.askedMsAgo);
  const healed = canHeal ? limitClosed(missing, slots, deployment) : [];
  const leaving = [
    ...excess.map(({ container }) => container.id),
    ...slots.flatMap(({ outgoing }) => (outgoing === undefined ? [] : outgoing.id)),
    ...removing.map(({ id }) => id),
  ].slice(0, limits.leavingContainers);
  actions.push(...placements(healed, input, leaving, false), ...placements(moves.starts, input, leaving, true));
  const isClean = [...excess.map(({ container }) => container), ...removing].every((c) => !isReachable(c));
  const isDone = (slot: Slot): boolean => {
    const right = rightOf(slot);
    const isOldLeft = slot.outgoing !== undefined && !isNew(slot.outgoing) && isReachable(slot.outgoing);
    return slot.isOpen && right !== undefined && isSettled(right) && !isOldLeft;
  };
  return {
    actions,
    isSettled: slots.every(isDone) && isClean,
    proven,
    open: openSlots.length,
    order: slots.map(({ replica }) => replica),
    inExchange: moves.inExchange,
    starts: moves.starts.length,
    heldByVolumes: hasVolumes ? counted.filter((c) => around.mustLeave(c) || !isReachable(c)) : [],
  };
}

/** Works, and its host says so. */
const works = (container: PlacedContainer): boolean => isSettled(container) && container.hostStatus === 'alive';

/** Nothing is there or on its way. What still leaves is waited for where it stands in the way of its replacement. */
const isMissing = ({ fit, outgoing, isPending, isLeaving }: Slot, pace: Pace): boolean =>
  fit === undefined && outgoing === undefined && !isPending && !(isLeaving && pace.stopFirst);

/** Of closed slots, as many run as did before: those that an app grows by wait until they are opened. */
function limitClosed(missing: readonly Slot[], slots: readonly Slot[], { rollout }: Deployment): readonly Slot[] {
  if (rollout === undefined) return missing;
  const taken = slots.filter((slot) => slot.isOpen || !missing.includes(slot)).length;
  const closed = missing.filter(({ isOpen }) => !isOpen).slice(0, Math.max(0, rollout.from.replicas - taken));
  return [...missing.filter(({ isOpen }) => isOpen), ...closed];
}

/** One action for each version and home. */
function placements(
  slots: readonly Slot[],
  { deployment, hasVolumes, around, origin }: PlanInput,
  leaving: readonly ContainerId[],
  isExchange: boolean,
): PlaceAction[] {
  const { version, homes } = deployment;
  const groups = Map.groupBy(slots, (slot) => {
    const home = hasVolumes ? (homes?.[slot.replica] ?? '') : '';
    return `${slot.isOpen ? version : (origin ?? version)} ${home}`;
  });
  return [...groups].map(([key, group]) => {
    const [number = '', home = ''] = key.split(' ');
    return {
      type: 'place',
      version: Number(number),
      replicas: group.map(({ replica }) => replica).sort((a, b) => a - b),
      ...(home === '' ? {} : { home: home as HostId }),
      // A replacement of what has to leave a host must not go there again.
      avoid: [
        ...new Set(group.flatMap(({ outgoing }) => (outgoing && around.mustLeave(outgoing) ? outgoing.hostId : []))),
      ],
      leaving,
      isExchange,
    };
  });
}

/** Containers that nothing wants any more: their app is deleted or was made anew, or their deployment is gone. */
export function planRemoval(
  containers: readonly PlacedContainer[],
): Pick<Plan, 'isSettled'> & { readonly actions: readonly RemoveAction[] } {
  const reachable = containers.filter(isReachable);
  const leaving = reachable.filter((c) => c.phase !== 'removing');
  return { actions: leaving.map((c) => removal(c, 'undeployed')), isSettled: reachable.length === 0 };
}

const removal = (container: PlacedContainer, why: RemoveAction['why']): RemoveAction => ({
  type: 'remove',
  hostId: container.hostId,
  containerId: container.id,
  why,
});

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

/** The deployments that an operation leaves behind when it fails: what was before, or none. */
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
    const { rollout: _ended, ...rest } = deployment;
    return operation.previous === undefined ? [] : [{ ...rest, ...operation.previous }];
  });
}
