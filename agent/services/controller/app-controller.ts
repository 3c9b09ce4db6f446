import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import type { OperationRecord } from '../../../protocol/schemas/operation.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import { type Action, judgeFailures, planDeployment, planRemoval } from '../../core/deploy/plan.ts';
import type { AuctionOutcome, Placement } from '../../core/placement/auction-types.ts';
import { reservationMs } from '../../core/placement/ledger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Auctioneer } from '../auction/auctioneer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { HostCalls } from '../host/host-calls.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { OperationWriter } from './operation-writer.ts';
import { unplaceableProblem } from './problems.ts';

/**
 * An award whose host has not reported the container by then is taken for lost. Longer than a reservation lives: after that
 * an award that is still on its way can't be carried out any more.
 */
const PENDING_MS = reservationMs + 2_000;
/** Deploys that contend for the same room meet each other's reservations; all but one of them succeed when tried again. */
const AUCTIONS_WHEN_CONTENDED = 4;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;
/** An operation that has not reached its goal by then is failed and taken back. */
const OPERATION_MS = 15 * 60_000;

export interface AppControllerParts {
  readonly catalog: Catalog;
  readonly view: MeshView;
  readonly auctioneer: Auctioneer;
  readonly hosts: HostCalls;
  readonly operations: OperationWriter;
  readonly clock: Clock;
  readonly log: Log;
  /** Asks to be called again for this app after a delay. */
  readonly later: (delayMs: number) => void;
}

/**
 * Drives one app from what runs to what is wanted. Everything it must remember is in the catalog or in the hosts'
 * records, so the next steward goes on where this one fell; what it holds itself only saves it from doing things twice.
 */
export class AppController {
  readonly #group: string;
  readonly #app: string;
  readonly #parts: AppControllerParts;
  readonly #pending = new Map<ContainerId, Placement & { readonly cluster: string; readonly untilMs: number }>();
  readonly #retries = new Map<string, { attempts: number; notBeforeMs: number }>();

  constructor(group: string, app: string, parts: AppControllerParts) {
    this.#group = group;
    this.#app = app;
    this.#parts = parts;
  }

  async step(): Promise<void> {
    const { catalog, view } = this.#parts;
    const key = keys.app(this.#group, this.#app);
    const app = catalog.get<App>(key)?.value;
    const containers = view.containersOf(this.#group, this.#app);
    if (app === undefined) {
      // A tombstone is a proof that it was deleted; no record at all may only mean that this member knows little.
      if (catalog.record(key)?.deleted === true) await this.#act(planRemoval(containers).actions);
      return;
    }
    await this.#act(planRemoval(containers.filter((c) => c.appUid !== app.uid)).actions);
    const own = containers.filter((c) => c.appUid === app.uid);
    if (app.state === 'deleting') {
      const plan = planRemoval(own);
      await this.#act(plan.actions);
      if (plan.isSettled) await this.#parts.operations.finishDeletion(app);
      return;
    }
    const deployed = new Set(app.deployments.map((d) => d.cluster));
    await this.#act(planRemoval(own.filter((c) => !deployed.has(c.cluster))).actions);
    for (const deployment of app.deployments) {
      await this.#deployment(
        app,
        deployment,
        own.filter((c) => c.cluster === deployment.cluster),
      );
    }
  }

  async #deployment(app: App, deployment: Deployment, containers: readonly PlacedContainer[]): Promise<void> {
    const { operations, view, clock } = this.#parts;
    const operation = operations.running(deployment.operationId);
    if (operation !== undefined && (await this.#isOver(app, operation))) return;
    const failed = containers.filter((c) => c.phase === 'failed' && c.hostStatus === 'alive');
    if (failed.length > 0 && (await this.#noteFailures(app, deployment, operation, failed))) return;

    const plan = planDeployment({
      app,
      deployment,
      containers,
      pending: this.#pendingOf(deployment.cluster, containers),
      around: view.surroundings(),
    });
    await this.#act(plan.actions.filter((action) => action.type === 'remove'));
    const place = plan.actions.find((action) => action.type === 'place');
    if (place !== undefined) await this.#place(app, deployment, operation, place.replicas);
    if (plan.isSettled) {
      this.#retries.delete(deployment.cluster);
      if (operation !== undefined) await operations.succeed(app, operation);
    } else if (operation !== undefined) {
      this.#parts.later(Date.parse(operation.createdAt) + OPERATION_MS - clock.nowMs());
    }
  }

  async #isOver(app: App, operation: OperationRecord): Promise<boolean> {
    const { operations, clock } = this.#parts;
    if (operation.cancelRequested === true) {
      await operations.fail(app, operation, problemOf('cancelled', 'Cancelled on request.', operation.id));
      return true;
    }
    if (clock.nowMs() - Date.parse(operation.createdAt) > OPERATION_MS) {
      const detail = `Not done after ${OPERATION_MS / 60_000} minutes; what was before is restored.`;
      await operations.fail(app, operation, problemOf('timeout', detail, operation.id));
      return true;
    }
    return false;
  }

  /** Records failures, clears them from their hosts and slows down. True when the operation was given up. */
  async #noteFailures(
    app: App,
    deployment: Deployment,
    operation: OperationRecord | undefined,
    failed: readonly PlacedContainer[],
  ): Promise<boolean> {
    const { operations } = this.#parts;
    const all = operation === undefined ? [] : await operations.addFailures(operation, failed);
    const fatal = operation !== undefined && judgeFailures(all) === 'give-up' ? all.at(-1) : undefined;
    if (operation !== undefined && fatal !== undefined) {
      await operations.fail(app, operation, problemOf(fatal.code, fatal.detail, operation.id));
    }
    await this.#act(failed.map((c) => ({ type: 'remove', hostId: c.hostId, containerId: c.id, why: 'failed' })));
    if (operation === undefined) this.#slowDown(deployment.cluster);
    return fatal !== undefined;
  }

  async #place(
    app: App,
    deployment: Deployment,
    operation: OperationRecord | undefined,
    replicas: readonly number[],
  ): Promise<void> {
    const { auctioneer, clock, later, operations, log } = this.#parts;
    const retry = this.#retries.get(deployment.cluster);
    if (retry !== undefined && retry.notBeforeMs > clock.nowMs()) {
      later(retry.notBeforeMs - clock.nowMs());
      return;
    }
    const wanted = { app, deployment, replicas, allOrNothing: operation !== undefined };
    let outcome = await auctioneer.place(wanted);
    for (let tries = 1; tries < AUCTIONS_WHEN_CONTENDED && isContended(outcome); tries++) {
      if (operation !== undefined) await operations.addDecisions(operation, outcome.decisions);
      outcome = await auctioneer.place(wanted);
    }
    const untilMs = clock.nowMs() + PENDING_MS;
    const given = [...outcome.placed, ...outcome.unknown];
    for (const placement of given) {
      this.#pending.set(placement.containerId, { ...placement, cluster: deployment.cluster, untilMs });
    }
    if (given.length > 0) later(PENDING_MS);
    if (operation !== undefined) await this.#tellOperation(app, operation, outcome);
    else if (outcome.missing.length > 0) {
      this.#slowDown(deployment.cluster);
      log.info(
        { group: this.#group, app: this.#app, missing: outcome.missing.length },
        'replicas cannot be placed now',
      );
      operations.reportUnplaced(app, deployment, outcome);
    }
  }

  async #tellOperation(app: App, operation: OperationRecord, outcome: AuctionOutcome): Promise<void> {
    const { operations } = this.#parts;
    await operations.addDecisions(operation, outcome.decisions);
    if (outcome.missing.length === 0) return;
    await operations.fail(app, operation, unplaceableProblem(outcome, operation));
  }

  async #act(actions: readonly Action[]): Promise<void> {
    const { hosts, log } = this.#parts;
    const removals = actions.filter((action) => action.type === 'remove');
    const results = await Promise.allSettled(removals.map((r) => hosts.power(r.hostId, r.containerId, 'remove')));
    results.forEach((result, index) => {
      // Not lost: the container stays in its host's record, so the next step asks again.
      if (result.status === 'rejected')
        log.debug({ error: result.reason, action: removals[index] }, 'a removal failed');
    });
    if (results.some((result) => result.status === 'rejected')) this.#parts.later(RETRY_MIN_MS);
  }

  #pendingOf(cluster: string, containers: readonly PlacedContainer[]): { replica: number; hostId: HostId }[] {
    const { clock, view } = this.#parts;
    const seen = new Set(containers.map((c) => c.id));
    const up = new Set(view.aliveIds());
    for (const [containerId, placement] of this.#pending) {
      const isLost = placement.untilMs <= clock.nowMs() || !up.has(placement.hostId);
      if (seen.has(containerId) || isLost) this.#pending.delete(containerId);
    }
    return [...this.#pending.values()].filter((placement) => placement.cluster === cluster);
  }

  #slowDown(cluster: string): void {
    const { clock, later } = this.#parts;
    const attempts = (this.#retries.get(cluster)?.attempts ?? 0) + 1;
    const delayMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** (attempts - 1)) * (0.75 + clock.random() / 2);
    this.#retries.set(cluster, { attempts, notBeforeMs: clock.nowMs() + delayMs });
    later(delayMs);
  }
}

/** Nothing was given away, and room may come free with other auctions' reservations. */
const isContended = (outcome: AuctionOutcome): boolean =>
  outcome.kind === 'unplaceable' && outcome.isTransient && outcome.placed.length + outcome.unknown.length === 0;
