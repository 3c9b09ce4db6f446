import type { PlannedRollout } from '../../../protocol/schemas/plan.ts';
import type { Rollout } from '../../../protocol/schemas/rollout.ts';
import { unavailableAllowed } from './policy.ts';
import { duration } from './rollout.ts';

/**
 * A rollout before it begins: which replicas when, and the policy in words.
 *
 * @param order of the replicas, as it opens them
 */
export function outlineRollout(rollout: Rollout, order: readonly number[]): PlannedRollout {
  const { open, openedAt: _at, proven: _proven, paused: _paused, reverting: _reverting, ...policy } = rollout;
  const batches = [order.slice(0, open)];
  for (let at = open; at < order.length; at += rollout.batch) batches.push(order.slice(at, at + rollout.batch));
  return { ...policy, batches: batches.map((batch) => [...batch]), why: wordsOf(rollout, order) };
}

function wordsOf(rollout: Rollout, order: readonly number[]): string[] {
  const { batch, from, holdAt, strategy, stopFirst, onFailure } = rollout;
  const worked = `worked for ${duration(rollout.minHealthyMs)}`;
  const isBlueGreen = strategy === 'blue-green';
  const missing = unavailableAllowed(rollout);
  return [
    isBlueGreen
      ? `blue-green: all ${order.length} new replicas start beside the old ones`
      : `rolling: ${batch} of ${order.length} replicas at once, the next ones when these have ${worked}`,
    ...(holdAt === undefined
      ? []
      : [
          isBlueGreen
            ? 'the old ones stay until somebody says continue'
            : `first ${order.slice(0, holdAt).join(', ')} as canary, then it waits for continue`,
        ]),
    stopFirst === undefined
      ? `replacements start first, an old container goes once its replacement has ${worked}`
      : `old containers stop first: ${stopFirst}; at most ${missing} missing at once`,
    onFailure === 'pause'
      ? `it pauses when a batch does not work within ${duration(rollout.healthyDeadlineMs)}`
      : `it goes back to v${from.version} when a batch does not work within ${duration(rollout.healthyDeadlineMs)}`,
  ];
}
