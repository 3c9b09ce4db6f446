import { problemOf } from '../../../protocol/problem.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { Deployment } from '../../../protocol/schemas/model.ts';
import type { Refusal } from '../../../protocol/schemas/operation.ts';
import type {
  Canary,
  Rollout,
  RolloutOrigin,
  RolloutPhase,
  RolloutPolicy,
  RolloutView,
} from '../../../protocol/schemas/rollout.ts';
import { resolvePolicy, unavailableAllowed } from './policy.ts';

/** A deployment with a rollout under way. */
export type Rolling = Deployment & { readonly rollout: Rollout };

export interface Start {
  readonly from: RolloutOrigin;
  readonly replicas: number;
  readonly policy: RolloutPolicy;
  readonly canary?: Canary | undefined;
  /** Blue-green waits for `continue` before the old containers go. */
  readonly hold?: boolean | undefined;
  readonly nowMs: number;
}

/** (deployed) -> rolling: the first batch, or the canaries, are open. */
export function startRollout({ from, replicas, policy, canary, hold, nowMs }: Start): Rollout {
  const resolved = resolvePolicy(policy, replicas);
  const first = [...new Set(canary?.replicas ?? [])].sort((a, b) => a - b);
  const canaries = canary === undefined ? undefined : Math.min(replicas, Math.max(canary.count ?? 0, first.length));
  const holdAt = canaries ?? (resolved.strategy === 'blue-green' && hold === true ? replicas : undefined);
  return {
    ...resolved,
    from,
    first,
    open: Math.min(replicas, canaries ?? resolved.batch),
    openedAt: timestamp(nowMs),
    proven: 0,
    ...(holdAt === undefined ? {} : { holdAt }),
  };
}

/** What a steward sees of a rollout when it looks. */
export interface Sight {
  readonly replicas: number;
  /** Open replicas that have worked long enough, of `open`. */
  readonly proven: number;
  /** How long this steward has seen the batch open, and no further replica come to work. Milliseconds. */
  readonly batchMs: number;
  readonly stillMs: number;
  readonly nowMs: number;
}

/** What to do next about a rollout: nothing, write it anew, or give it up. */
export type Next =
  | { readonly kind: 'stay' }
  | { readonly kind: 'write'; readonly rollout: Rollout }
  | { readonly kind: 'fail'; readonly problem: Problem };

const STAY: Next = { kind: 'stay' };

/** rolling -> rolling: opens the next batch when the health gate is open; fails when a deadline has passed. */
export function advance(rollout: Rollout, sight: Sight, operationId: string): Next {
  const { replicas, proven, nowMs } = sight;
  if (rollout.paused !== undefined) return STAY;
  if (proven < rollout.open) {
    if (proven > rollout.proven) return { kind: 'write', rollout: { ...rollout, proven } };
    const late = lateness(rollout, sight);
    return late === undefined ? STAY : { kind: 'fail', problem: problemOf('timeout', late, operationId) };
  }
  if (isHolding(rollout) || rollout.open >= replicas) {
    return proven > rollout.proven ? { kind: 'write', rollout: { ...rollout, proven } } : STAY;
  }
  const limit = Math.min(replicas, rollout.holdAt ?? replicas);
  const open = Math.min(limit, rollout.open + rollout.batch);
  return { kind: 'write', rollout: { ...rollout, proven, open, openedAt: timestamp(nowMs) } };
}

function lateness(rollout: Rollout, { proven, batchMs, stillMs }: Sight): string | undefined {
  const missing = rollout.open - proven;
  const replicas = `${missing} of ${rollout.open} replicas of the new version do not work`;
  if (batchMs > rollout.healthyDeadlineMs)
    return `${replicas} ${duration(rollout.healthyDeadlineMs)} after their start.`;
  if (stillMs > rollout.progressDeadlineMs) {
    return `${replicas}, and none came to work in ${duration(rollout.progressDeadlineMs)}.`;
  }
  return undefined;
}

/** Everything open is proven, and somebody has to say `continue`. */
const isHolding = ({ holdAt, open }: Rollout): boolean => holdAt !== undefined && open >= holdAt;

/** Old containers stay for now: people paused it, or blue-green waits until every new one works. */
export function isReleaseHeld(rollout: Rollout, replicas: number, proven: number): boolean {
  if (rollout.paused !== undefined) return true;
  return rollout.strategy === 'blue-green' && (proven < replicas || isHolding(rollout));
}

/** rolling -> paused | reverting, as the app asks for. A rollout that goes back can't go back again: it pauses. */
export function fail(deployment: Rolling, problem: Problem, nowMs: number): Rolling {
  const { rollout } = deployment;
  if (rollout.onFailure === 'pause' || rollout.reverting !== undefined) {
    return pause(deployment, 'failure', problem.detail, nowMs);
  }
  return revert(deployment, problem, nowMs);
}

/** (rolling | paused) -> reverting: all replicas go back to what ran before, at once. */
export function revert(deployment: Rolling, reason: Problem, nowMs: number): Rolling {
  const { rollout, version, replicas } = deployment;
  const { holdAt: _hold, paused: _paused, ...kept } = rollout;
  return {
    ...deployment,
    version: rollout.from.version,
    replicas: rollout.from.replicas,
    rollout: {
      ...kept,
      strategy: 'rolling',
      batch: Math.max(1, rollout.from.replicas),
      from: { version, replicas },
      first: [],
      open: rollout.from.replicas,
      openedAt: timestamp(nowMs),
      proven: 0,
      reverting: reason,
    },
  };
}

export function pause(deployment: Rolling, by: 'operator' | 'failure', detail: string, nowMs: number): Rolling {
  const paused = { by, detail: detail.slice(0, 4_096), at: timestamp(nowMs) };
  return { ...deployment, rollout: { ...deployment.rollout, paused } };
}

/** paused -> rolling | reverting. The deadlines begin anew. */
export function resume(deployment: Rolling, nowMs: number): Rolling {
  const { paused: _over, ...rollout } = deployment.rollout;
  return { ...deployment, rollout: { ...rollout, openedAt: timestamp(nowMs) } };
}

/** holding -> rolling: what was held back comes now. */
export function release(deployment: Rolling): Rolling {
  const { holdAt: _over, ...rollout } = deployment.rollout;
  return { ...deployment, rollout };
}

/** Whether the app allows a replica to be missing while its container is exchanged. */
export const mayStopFirst = ({ rollout }: Rolling): boolean =>
  unavailableAllowed({ ...rollout, stopFirst: rollout.stopFirst ?? 'asked' }) > 0;

/** Rules that the replaced container itself may stand behind: once it has stopped they hold no more. */
const MADE_BY_THE_OLD: ReadonlySet<string> = new Set(['port-taken', 'max-per-host', 'anti-affinity']);

/** Why replicas that found no host would find one after their old containers have stopped; undefined: they would not. */
export function whyStopFirst(refusals: readonly Refusal[], ownHosts: ReadonlySet<string>): string | undefined {
  const inTheWay = refusals.find(({ rule, hostId }) => MADE_BY_THE_OLD.has(rule) && ownHosts.has(hostId));
  return inTheWay === undefined ? undefined : `${inTheWay.hostName}: ${inTheWay.detail}`;
}

/** start-first -> stop-first */
export const stopFirst = (deployment: Rolling, reason: string): Rolling => ({
  ...deployment,
  rollout: { ...deployment.rollout, stopFirst: reason.slice(0, 1_024) },
});

/** rolling -> rolling, with another number of replicas wanted before and after. */
export function rescale(deployment: Rolling, replicas: number): Rolling {
  const { rollout } = deployment;
  const isWhole = rollout.reverting !== undefined || rollout.open >= deployment.replicas;
  return {
    ...deployment,
    replicas,
    rollout: {
      ...rollout,
      from: { ...rollout.from, replicas },
      open: isWhole ? replicas : Math.min(rollout.open, replicas),
      ...(rollout.holdAt === undefined ? {} : { holdAt: Math.max(1, Math.min(rollout.holdAt, replicas)) }),
    },
  };
}

export function phaseOf(rollout: Rollout): RolloutPhase {
  if (rollout.paused !== undefined) return 'paused';
  if (rollout.reverting !== undefined) return 'reverting';
  return isHolding(rollout) && rollout.proven >= rollout.open ? 'holding' : 'rolling';
}

export const viewOf = ({ rollout, version }: Rolling): RolloutView => ({
  ...rollout,
  phase: phaseOf(rollout),
  to: version,
});

export const isRolling = (deployment: Deployment): deployment is Rolling => deployment.rollout !== undefined;

const timestamp = (ms: number): string => new Date(ms).toISOString();

/** `2 s`, `5 min` */
export const duration = (ms: number): string =>
  ms % 60_000 === 0 && ms > 0 ? `${ms / 60_000} min` : `${Math.round(ms / 100) / 10} s`;
