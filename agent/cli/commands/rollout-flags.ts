import { type Command, Option } from 'commander';
import { limits } from '../../../protocol/limits.ts';
import type { RolloutPolicy } from '../../../protocol/schemas/rollout.ts';
import { parseDuration, wholeNumber } from '../parse/values.ts';
import { option } from './spec-flags.ts';

/** Flags that say how containers are exchanged for others. */
export interface RolloutFlags {
  readonly strategy?: NonNullable<RolloutPolicy['strategy']>;
  readonly batch?: number;
  readonly maxUnavailable?: number;
  readonly maxSurge?: number;
  readonly minHealthy?: number;
  readonly healthyDeadline?: number;
  readonly progressDeadline?: number;
  readonly onFailure?: NonNullable<RolloutPolicy['onFailure']>;
}

export const parseCount = wholeNumber('number of replicas', 0, limits.replicas);

/** Adds the flags of a rollout's pace. */
export function paced(command: Command): Command {
  return command
    .addOption(
      new Option('--strategy <name>', 'some replicas at a time, or all new ones beside the old ones').choices([
        'rolling',
        'blue-green',
      ]),
    )
    .addOption(option('--batch <number>', 'replicas exchanged at once (default: a quarter of all)', parseCount))
    .addOption(option('--max-unavailable <number>', 'replicas that may be missing meanwhile', parseCount))
    .addOption(option('--max-surge <number>', 'replicas that may run in excess meanwhile', parseCount))
    .addOption(option('--min-healthy <duration>', 'a new replica must work this long (default: 2s)', parseDuration))
    .addOption(option('--healthy-deadline <duration>', 'a batch must work by then (default: 5m)', parseDuration))
    .addOption(option('--progress-deadline <duration>', 'a replica must come to work (default: 10m)', parseDuration))
    .addOption(
      new Option('--on-failure <what>', 'what to do when new replicas do not work (default: rollback)').choices([
        'rollback',
        'pause',
      ]),
    );
}

/** The policy as the API takes it; undefined when no flag says anything. */
export function policyOf(flags: RolloutFlags): RolloutPolicy | undefined {
  const policy: RolloutPolicy = {
    ...(flags.strategy === undefined ? {} : { strategy: flags.strategy }),
    ...(flags.batch === undefined ? {} : { batch: flags.batch }),
    ...(flags.maxUnavailable === undefined ? {} : { maxUnavailable: flags.maxUnavailable }),
    ...(flags.maxSurge === undefined ? {} : { maxSurge: flags.maxSurge }),
    ...(flags.minHealthy === undefined ? {} : { minHealthyMs: flags.minHealthy }),
    ...(flags.healthyDeadline === undefined ? {} : { healthyDeadlineMs: flags.healthyDeadline }),
    ...(flags.progressDeadline === undefined ? {} : { progressDeadlineMs: flags.progressDeadline }),
    ...(flags.onFailure === undefined ? {} : { onFailure: flags.onFailure }),
  };
  return Object.keys(policy).length === 0 ? undefined : policy;
}
