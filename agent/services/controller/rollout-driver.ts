import type { HostId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import type { Plan } from '../../core/deploy/plan.ts';
import type { AuctionOutcome } from '../../core/placement/auction-types.ts';
import {
  advance,
  fail,
  mayStopFirst,
  pause,
  type Rolling,
  revert,
  stopFirst,
  whyStopFirst,
} from '../../core/rollout/rollout.ts';
import type { Clock } from '../../ports/clock.ts';
import type { OperationWriter } from './operation-writer.ts';
import { unplaceableProblem } from './problems.ts';

export interface RolloutDriverParts {
  readonly operations: OperationWriter;
  readonly clock: Clock;
  /** Whether a version can be run: a rollout can't go back to one whose record is gone. */
  readonly hasVersion: (app: App, number: number) => boolean;
}

/** A rollout with the app and the operation that it belongs to. */
export interface Release {
  readonly app: App;
  readonly deployment: Rolling;
  readonly operation: AppOperationRecord;
}

/** What there is besides an auction's outcome. */
interface Surroundings {
  /** Other replicas are at work on an exchange: what they free may be what is missing. */
  readonly isUnderWay: boolean;
  /** Hosts that run containers of the app. */
  readonly ownHosts: ReadonlySet<HostId>;
}

/**
 * Moves one app's rollout in one cluster on. What is decided is in the catalog; only how long this steward has watched a batch
 * is its own, so a new steward gives it that time again.
 */
export class RolloutDriver {
  readonly #parts: RolloutDriverParts;
  #batch = { key: '', sinceMs: 0 };
  #still = { key: '', sinceMs: 0 };

  constructor(parts: RolloutDriverParts) {
    this.#parts = parts;
  }

  /** Opens the next batch, ends the rollout, or gives it up. */
  async step({ app, deployment, operation }: Release, plan: Plan): Promise<void> {
    const { operations, clock } = this.#parts;
    const { rollout, replicas } = deployment;
    const isDone = plan.isSettled && plan.proven >= replicas && rollout.paused === undefined;
    if (isDone && rollout.reverting !== undefined) return operations.endRevert(app, operation, rollout.reverting);
    if (isDone && rollout.open >= replicas) return operations.succeed(app, operation);
    const next = advance(
      rollout,
      { replicas, proven: plan.proven, ...this.#watch(deployment, plan.proven), nowMs: clock.nowMs() },
      operation.id,
    );
    if (next.kind === 'fail') await this.giveUp({ app, deployment, operation }, next.problem);
    if (next.kind === 'write')
      await operations.changeRollout(app, deployment, { ...deployment, rollout: next.rollout });
  }

  /** Pauses it or goes back, as the app asks for. */
  async giveUp({ app, deployment, operation }: Release, problem: Problem): Promise<void> {
    const { operations, clock, hasVersion } = this.#parts;
    const canGoBack = hasVersion(app, deployment.rollout.from.version);
    const changed = canGoBack
      ? fail(deployment, problem, clock.nowMs())
      : pause(deployment, 'failure', problem.detail, clock.nowMs());
    const isNews = await operations.changeRollout(app, deployment, changed);
    const what = changed.rollout.reverting === undefined ? 'paused' : `rolls back to v${changed.version}`;
    if (isNews)
      operations.reportRollout(
        operation,
        `rollout.${changed.rollout.paused ? 'paused' : 'reverting'}`,
        `${what}: ${problem.detail}`,
      );
  }

  /** Goes back, whatever the app asks for. */
  async abort({ app, deployment }: Release, problem: Problem): Promise<void> {
    const { operations, clock } = this.#parts;
    await operations.changeRollout(app, deployment, revert(deployment, problem, clock.nowMs()));
  }

  /**
   * Lets old containers stop before their replacements start, and says why; gives the rollout up when no replica may be missing.
   *
   * @returns whether that changed anything
   */
  async stopsFirst(release: Release, reason: string): Promise<boolean> {
    const { app, deployment, operation } = release;
    const { operations } = this.#parts;
    if (deployment.rollout.stopFirst !== undefined || deployment.rollout.paused !== undefined) return false;
    if (!mayStopFirst(deployment)) {
      const detail = `Old containers have to stop first (${reason}), and no replica may be missing (maxUnavailable 0).`;
      await this.giveUp(release, problemOf('unplaceable', detail, operation.id));
      return true;
    }
    await operations.changeRollout(app, deployment, stopFirst(deployment, reason));
    operations.reportRollout(operation, 'rollout.stop-first', `stops old containers first: ${reason}`);
    return true;
  }

  /** Replicas of it found no host. True when it was changed because of that, and not to be tried again as it is. */
  async unplaced(release: Release, outcome: AuctionOutcome, { isUnderWay, ownHosts }: Surroundings): Promise<boolean> {
    const { deployment, operation } = release;
    if (deployment.rollout.paused !== undefined) return false;
    const reason = whyStopFirst(outcome.refusals, ownHosts);
    if (reason !== undefined && mayStopFirst(deployment) && (await this.stopsFirst(release, reason))) return true;
    if (outcome.isTransient || isUnderWay || outcome.placed.length + outcome.unknown.length > 0) return false;
    await this.giveUp(release, unplaceableProblem(outcome, operation));
    return true;
  }

  #watch({ operationId, rollout }: Rolling, proven: number): { batchMs: number; stillMs: number } {
    const nowMs = this.#parts.clock.monotonicMs();
    const batch = `${operationId} ${rollout.open} ${rollout.openedAt} ${rollout.paused === undefined}`;
    const still = `${batch} ${proven}`;
    if (this.#batch.key !== batch) this.#batch = { key: batch, sinceMs: nowMs };
    if (this.#still.key !== still) this.#still = { key: still, sinceMs: nowMs };
    return { batchMs: nowMs - this.#batch.sinceMs, stillMs: nowMs - this.#still.sinceMs };
  }
}
