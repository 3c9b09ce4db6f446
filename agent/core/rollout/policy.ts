import type { Rollout, RolloutPolicy } from '../../../protocol/schemas/rollout.ts';

/** A batch is this share of the replicas, rounded up. */
const BATCH_SHARE = 1 / 4;

const MIN_HEALTHY_MS = 2_000;
const HEALTHY_DEADLINE_MS = 5 * 60_000;
const PROGRESS_DEADLINE_MS = 10 * 60_000;

/** A policy with every choice made. */
export type ResolvedPolicy = Pick<
  Rollout,
  | 'strategy'
  | 'batch'
  | 'maxUnavailable'
  | 'minHealthyMs'
  | 'healthyDeadlineMs'
  | 'progressDeadlineMs'
  | 'onFailure'
  | 'stopFirst'
>;

/**
 * Fills in what an app or a request leaves open. A batch is never larger than what may run in excess, unless nothing may: then
 * old containers stop first.
 */
export function resolvePolicy(policy: RolloutPolicy, replicas: number): ResolvedPolicy {
  const wanted = policy.batch ?? Math.ceil(replicas * BATCH_SHARE);
  const surge = policy.maxSurge ?? replicas;
  const batch = policy.strategy === 'blue-green' ? replicas : surge === 0 ? wanted : Math.min(wanted, surge);
  return {
    strategy: policy.strategy ?? 'rolling',
    batch: Math.max(1, Math.min(batch, Math.max(1, replicas))),
    ...(policy.maxUnavailable === undefined ? {} : { maxUnavailable: policy.maxUnavailable }),
    minHealthyMs: policy.minHealthyMs ?? MIN_HEALTHY_MS,
    healthyDeadlineMs: policy.healthyDeadlineMs ?? HEALTHY_DEADLINE_MS,
    progressDeadlineMs: policy.progressDeadlineMs ?? PROGRESS_DEADLINE_MS,
    onFailure: policy.onFailure ?? 'rollback',
    ...(surge === 0 ? { stopFirst: 'no replica may run in excess (maxSurge 0)' } : {}),
  };
}

/** Replicas that may be missing while containers are exchanged: one when they have to stop first and nothing else was asked. */
export const unavailableAllowed = (policy: Pick<ResolvedPolicy, 'maxUnavailable' | 'stopFirst'>): number =>
  policy.maxUnavailable ?? (policy.stopFirst === undefined ? 0 : 1);
