import type { HostId } from '../../../protocol/ids.ts';
import type { ContainerState, Liveness } from '../../../protocol/schemas/host.ts';
import type { Deployment } from '../../../protocol/schemas/model.ts';
import type { AppOperation, AppOperationRecord, OperationStep } from '../../../protocol/schemas/operation.ts';
import { assertNever } from '../context.ts';
import { compareText } from '../order.ts';
import { isRolling, type Rolling, viewOf } from '../rollout/rollout.ts';

/** A container as its host reports it, and where that is. */
export interface LocatedContainer extends ContainerState {
  readonly hostId: HostId;
  readonly hostName: string;
  /** Containers on a dead host, or one that left, don't count. */
  readonly hostStatus?: Liveness;
}

/**
 * The operation as people watch it: its record plus one step per replica, composed from what hosts report right now.
 * Nobody writes progress. `done` of `total` counts replicas that work and containers that are gone.
 *
 * A finished operation no longer changes: a succeeded one keeps the steps of its containers that still run, a failed or
 * cancelled one shows what failed.
 */
export function composeOperation(
  record: AppOperationRecord,
  containers: readonly LocatedContainer[],
  around: OperationSurroundings = {},
): AppOperation {
  const { steward, deployment } = around;
  const rolling =
    record.state === 'running' && deployment !== undefined && isRolling(deployment) ? deployment : undefined;
  const { steps, done, total } =
    rolling === undefined
      ? progress(record, containers.filter(isInReach(record)))
      : rollingProgress(rolling, containers.filter(isIn(record, rolling.cluster)));
  return {
    ...record,
    ...(steward === undefined ? {} : { steward }),
    ...(rolling === undefined ? {} : { rollout: viewOf(rolling) }),
    ...{ steps, done, total },
  };
}

/** What else there is to know of an operation. */
export interface OperationSurroundings {
  readonly steward?: HostId | undefined;
  /** What it is to bring about, as the app has it now. */
  readonly deployment?: Deployment | undefined;
}

/**
 * One line for each replica: its new container, or the old one that waits for its turn; and one for each old one that is on its
 * way out. `done` counts new ones that work.
 */
function rollingProgress({ version, replicas }: Rolling, containers: readonly LocatedContainer[]): Progress {
  const current = containers.filter((c) => c.version === version);
  const { keep } = split(current, replicas);
  const taken = new Set(keep.map(({ replica }) => replica));
  const old = split(
    containers.filter((c) => c.version !== version),
    Number.POSITIVE_INFINITY,
  ).keep;
  const waiting = old
    .filter(({ replica }) => !taken.has(replica))
    .slice(0, Math.max(0, replicas - keep.length))
    .map(
      (container): OperationStep => ({ ...stepOf(container), step: 'waiting', detail: `v${container.version} runs` }),
    );
  for (const { replica } of waiting) taken.add(replica);
  const free = freeNumbers(taken);
  const nowhere = Array.from(
    { length: Math.max(0, replicas - keep.length - waiting.length) },
    (): OperationStep => ({ replica: free(), step: 'auction' }),
  );
  const leaving = containers.filter((c) => c.phase === 'removing').map(stepOf);
  const steps = [...keep.map(stepOf), ...waiting, ...nowhere, ...leaving].sort(byReplica);
  return { steps, done: steps.filter(({ step }) => step === 'healthy').length, total: replicas };
}

/** Whether it is one of the operation's app in a cluster, on a host that counts. */
const isIn =
  (record: AppOperationRecord, cluster: string) =>
  (container: LocatedContainer): boolean =>
    container.appUid === record.appUid &&
    container.cluster === cluster &&
    container.hostStatus !== 'dead' &&
    container.hostStatus !== 'left';

interface Progress {
  readonly steps: OperationStep[];
  readonly done: number;
  readonly total: number;
}

function progress(record: AppOperationRecord, containers: readonly LocatedContainer[]): Progress {
  const wanted = isRemoval(record) ? 0 : (record.replicas ?? 0);
  const { keep, surplus } = split(containers, wanted);
  // Where nothing is to be taken away, what is over are failed containers that others replaced: no step of anybody's.
  const leaving = record.toRemove === undefined && !isRemoval(record) ? [] : surplus;
  switch (record.state) {
    case 'running':
      return running(record, wanted, keep, leaving);
    case 'succeeded': {
      const total = wanted + (record.toRemove ?? 0);
      return { steps: keep.map(stepOf), done: total, total };
    }
    case 'failed':
    case 'cancelled':
      return { steps: failedSteps(record), done: 0, total: wanted + (record.toRemove ?? 0) };
    default:
      return assertNever(record.state);
  }
}

const isRemoval = (record: AppOperationRecord): boolean => record.kind === 'undeploy' || record.kind === 'delete-app';

/** Whether the operation is about this container: a deploy or scale about those of its version, a removal about all. */
const isInReach =
  (record: AppOperationRecord) =>
  (container: LocatedContainer): boolean =>
    container.appUid === record.appUid &&
    (record.cluster === undefined || container.cluster === record.cluster) &&
    (isRemoval(record) || container.version === record.version) &&
    container.hostStatus !== 'dead' &&
    container.hostStatus !== 'left';

/** The containers that stand for the wanted replicas, one per replica number while there are enough, and the others. */
function split(containers: readonly LocatedContainer[], wanted: number) {
  const best = new Map<number, LocatedContainer>();
  for (const container of [...containers].sort(byProgress)) {
    if (container.phase !== 'removing' && !best.has(container.replica)) best.set(container.replica, container);
  }
  const keep = [...best.values()].sort(byReplica).slice(0, wanted);
  const surplus = containers.filter((container) => !keep.includes(container)).sort(byReplica);
  return { keep, surplus };
}

function running(
  record: AppOperationRecord,
  wanted: number,
  keep: readonly LocatedContainer[],
  surplus: readonly LocatedContainer[],
): Progress {
  const taken = new Set([...keep, ...surplus].map(({ replica }) => replica));
  const free = freeNumbers(taken);
  const waiting = Array.from(
    { length: wanted - keep.length },
    (): OperationStep => ({ replica: free(), step: 'auction' }),
  );
  const leaving = surplus.map((container): OperationStep => ({ ...stepOf(container), step: 'removing' }));
  const goneCount = Math.max(0, (record.toRemove ?? 0) - surplus.length);
  const gone = Array.from({ length: goneCount }, (): OperationStep => ({ replica: free(), step: 'removed' }));
  const steps = [...keep.map(stepOf), ...waiting, ...leaving, ...gone].sort(byReplica);
  const done = steps.filter(({ step }) => step === 'healthy' || step === 'removed').length;
  return { steps, done, total: steps.length };
}

/** Counts up through the numbers that are not taken. */
function freeNumbers(taken: ReadonlySet<number>): () => number {
  let next = 0;
  return () => {
    while (taken.has(next)) next++;
    return next++;
  };
}

const failedSteps = (record: AppOperationRecord): OperationStep[] =>
  record.failures.map(({ replica, containerId, hostId, detail }) => ({
    replica,
    containerId,
    hostId,
    step: 'failed',
    detail,
  }));

function stepOf(container: LocatedContainer): OperationStep {
  return {
    replica: container.replica,
    containerId: container.id,
    hostId: container.hostId,
    hostName: container.hostName,
    step: stepName(container),
    phase: container.phase,
    ...(container.reason === undefined ? {} : { detail: container.reason.detail }),
    ...(container.pull === undefined ? {} : { pull: container.pull }),
  };
}

/** One stopped on purpose counts as having reached its goal, as it does for the controller. */
function stepName(container: LocatedContainer): OperationStep['step'] {
  if (container.ready || container.wanted === 'stopped') return 'healthy';
  switch (container.phase) {
    case 'claimed':
      return 'reserved';
    case 'pulling':
      return 'pulling';
    case 'creating':
      if (container.engineId !== undefined) return 'created';
      return container.pull === undefined ? 'reserved' : 'pulling';
    case 'starting':
    case 'running':
    case 'stopping':
    case 'stopped':
    case 'completed':
      return 'started';
    case 'backoff':
      return 'backoff';
    case 'failed':
      return 'failed';
    case 'removing':
      return 'removing';
    default:
      return assertNever(container.phase);
  }
}

/** How far a container is; a failed one stands for its replica only until another takes its place. */
const rank: Record<OperationStep['step'], number> = {
  healthy: 0,
  started: 1,
  waiting: 1,
  created: 2,
  pulling: 3,
  reserved: 4,
  backoff: 5,
  auction: 6,
  failed: 7,
  removing: 8,
  removed: 9,
};

const byProgress = (a: LocatedContainer, b: LocatedContainer): number =>
  rank[stepName(a)] - rank[stepName(b)] || compareText(a.id, b.id);

const byReplica = (a: { replica: number }, b: { replica: number }): number => a.replica - b.replica;
