import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { App, Cluster, Deployment } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import { type Action, judgeFailures, planDeployment, planRemoval } from '../../core/deploy/plan.ts';
import type { AuctionOutcome, Placement } from '../../core/placement/auction-types.ts';
import { RESERVATION_MS } from '../../core/placement/ledger.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Auctioneer } from '../auction/auctioneer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { HostCalls } from '../host/host-calls.ts';
import type { MeshView } from '../view/mesh-view.ts';
import { Efforts } from './efforts.ts';
import type { OperationWriter } from './operation-writer.ts';
import { unplaceableProblem, whyUnplaced } from './problems.ts';

/**
 * An award whose host has not reported the container by then is taken for lost. Longer than a reservation lives: after that
 * an award that is still on its way can't be carried out any more.
 */
const PENDING_MS = RESERVATION_MS + 2_000;
const REMOVE_AGAIN_MS = 1_000;
/** The cluster that is always there and has no record. */
const ALL_HOSTS = 'default';
/** An operation that has not reached its goal by then is failed and taken back. */
const OPERATION_MS = 15 * 60_000;

export interface AppControllerParts {
  readonly catalog: Catalog;
  readonly view: Pick<MeshView, 'containersOf' | 'surroundings' | 'aliveIds'>;
  readonly auctioneer: Pick<Auctioneer, 'place'>;
  readonly hosts: Pick<HostCalls, 'power'>;
  readonly operations: OperationWriter;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends with the agent. */
  readonly signal: AbortSignal;
  /** Asks to be called again for this app after a delay. */
  readonly later: (delayMs: number) => void;
}

/** One cluster's share of an app, as one step looks at it. */
interface Share {
  readonly app: App;
  readonly deployment: Deployment;
  /** Undefined when its record is gone or can't be read: then nothing new can be placed. */
  readonly version: Version | undefined;
  /** The cluster's rules; undefined like the version. */
  readonly selector: Cluster['selector'] | undefined;
  /** Brings it about; undefined when that is over and the app only has to be kept as it is. */
  readonly operation: AppOperationRecord | undefined;
}

interface Pending extends Placement {
  readonly appUid: string;
  readonly cluster: string;
  readonly version: number;
  /** By the monotonic clock. */
  readonly untilMs: number;
}

/**
 * Drives one app from what runs to what is wanted. Everything it must remember is in the catalog or in the hosts'
 * records, so the next steward goes on where this one fell; what it holds itself only saves it from doing things twice.
 */
export class AppController {
  readonly #group: string;
  readonly #app: string;
  readonly #parts: AppControllerParts;
  readonly #pending = new Map<ContainerId, Pending>();
  readonly #efforts: Efforts;

  constructor(group: string, app: string, parts: AppControllerParts) {
    this.#group = group;
    this.#app = app;
    this.#parts = parts;
    this.#efforts = new Efforts(parts.clock);
  }

  async step(): Promise<void> {
    const { catalog, view, operations } = this.#parts;
    const key = keys.app(this.#group, this.#app);
    await operations.endLosers(this.#group, this.#app);
    const app = catalog.get<App>(key)?.value;
    const containers = view.containersOf(this.#group, this.#app);
    this.#forgetPending(app, containers);
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
      if (plan.isSettled) await operations.finishDeletion(app);
      return;
    }
    const deployed = new Set(app.deployments.map((d) => d.cluster));
    await this.#act(planRemoval(own.filter((c) => !deployed.has(c.cluster))).actions);
    for (const deployment of app.deployments) {
      const inCluster = own.filter((c) => c.cluster === deployment.cluster);
      await this.#drive(this.#shareOf(app, deployment), inCluster);
    }
  }

  #shareOf(app: App, deployment: Deployment): Share {
    const { catalog, operations } = this.#parts;
    const { cluster, version, operationId } = deployment;
    return {
      app,
      deployment,
      version: catalog.get<Version>(keys.version(app.group, app.name, version))?.value,
      selector: cluster === ALL_HOSTS ? [] : catalog.get<Cluster>(keys.cluster(cluster))?.value.selector,
      operation: operations.running(operationId),
    };
  }

  async #drive(share: Share, containers: readonly PlacedContainer[]): Promise<void> {
    const { operations, view, clock, later } = this.#parts;
    const { app, deployment, version, operation } = share;
    if (operation !== undefined && (await this.#isOver(app, operation))) return;
    const failed = containers.filter((c) => c.phase === 'failed' && c.hostStatus === 'alive');
    if (failed.length > 0 && (await this.#noteFailures(share, failed))) return;

    const plan = planDeployment({
      app,
      deployment,
      specHash: version?.specHash,
      askedMsAgo: operation === undefined ? undefined : clock.nowMs() - Date.parse(operation.createdAt),
      containers,
      pending: this.#pendingOf(deployment),
      around: view.surroundings(),
    });
    await this.#act(plan.actions.filter((action) => action.type === 'remove'));
    const place = plan.actions.find((action) => action.type === 'place');
    if (place !== undefined) await this.#place(share, place.replicas);
    if (plan.isSettled) {
      this.#efforts.reached(deployment.cluster);
      if (operation !== undefined) await operations.succeed(app, operation);
    } else if (operation !== undefined) {
      later(Date.parse(operation.createdAt) + OPERATION_MS - clock.nowMs());
    }
  }

  async #isOver(app: App, operation: AppOperationRecord): Promise<boolean> {
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
  async #noteFailures({ app, deployment, operation }: Share, failed: readonly PlacedContainer[]): Promise<boolean> {
    const { operations, later } = this.#parts;
    const all = operation === undefined ? [] : await operations.addFailures(operation, failed);
    const fatal = operation !== undefined && judgeFailures(all) === 'give-up' ? all.at(-1) : undefined;
    if (operation !== undefined && fatal !== undefined) {
      await operations.fail(app, operation, problemOf(fatal.code, fatal.detail, operation.id));
    }
    await this.#act(failed.map((c) => ({ type: 'remove', hostId: c.hostId, containerId: c.id, why: 'failed' })));
    if (operation === undefined) later(this.#efforts.failed(deployment.cluster));
    return fatal !== undefined;
  }

  async #place(share: Share, replicas: readonly number[]): Promise<void> {
    const { auctioneer, later, operations } = this.#parts;
    const { app, deployment, version, selector, operation } = share;
    const waitMs = operation === undefined ? this.#efforts.waitMs(deployment.cluster) : 0;
    if (waitMs > 0) {
      later(waitMs);
      return;
    }
    if (version === undefined || selector === undefined) {
      await this.#giveUp(
        share,
        version === undefined ? `Version ${deployment.version}` : `Cluster ${deployment.cluster}`,
      );
      return;
    }
    const allOrNothing = operation !== undefined;
    const outcome = await auctioneer.place({ app, deployment, version, selector, replicas, allOrNothing });
    // Only this agent's own end cancels an auction: the heir begins anew.
    if (outcome.kind === 'cancelled') return;
    this.#expect(app, deployment, [...outcome.placed, ...outcome.unknown]);
    if (operation === undefined) {
      if (outcome.missing.length > 0) this.#tellUnplaced(share, outcome);
      return;
    }
    await operations.addDecisions(operation, outcome.decisions);
    if (outcome.missing.length === 0) return;
    // Deploys that contend for the same room meet each other's reservations; planned anew, all but one get through.
    if (isContended(outcome) && this.#efforts.mayContend(deployment)) later(0);
    else await operations.fail(app, operation, unplaceableProblem(outcome, operation));
  }

  async #giveUp({ app, deployment, operation }: Share, what: string): Promise<void> {
    const { operations, later } = this.#parts;
    const detail = `${what} has no record that can be read, so nothing can be placed. Deploy anew.`;
    if (operation === undefined) later(this.#efforts.failed(deployment.cluster));
    else await operations.fail(app, operation, problemOf('not-found', detail, operation.id));
  }

  /** What was awarded shows in the hosts' records soon, and counts as there until then. */
  #expect({ uid: appUid }: App, { cluster, version }: Deployment, given: readonly Placement[]): void {
    const untilMs = this.#parts.clock.monotonicMs() + PENDING_MS;
    for (const placement of given) {
      this.#pending.set(placement.containerId, { ...placement, appUid, cluster, version, untilMs });
    }
  }

  #tellUnplaced({ app, deployment }: Share, outcome: AuctionOutcome): void {
    const { log, later, operations } = this.#parts;
    later(this.#efforts.failed(deployment.cluster));
    const why = whyUnplaced(app, deployment, outcome);
    if (!this.#efforts.isNews(deployment.cluster, why)) return;
    log.info({ group: this.#group, app: this.#app, missing: outcome.missing.length }, 'replicas cannot be placed now');
    operations.reportUnplaced(app, why);
  }

  async #act(actions: readonly Action[]): Promise<void> {
    const { hosts, log, signal, later } = this.#parts;
    const removals = actions.filter((action) => action.type === 'remove');
    const results = await Promise.allSettled(
      removals.map((r) => hosts.power(r.hostId, r.containerId, 'remove', { signal })),
    );
    results.forEach((result, index) => {
      // Not lost: the container stays in its host's record, so the next step asks again.
      if (result.status === 'rejected')
        log.debug({ error: result.reason, action: removals[index] }, 'a removal failed');
    });
    if (results.some((result) => result.status === 'rejected')) later(REMOVE_AGAIN_MS);
  }

  /** Those that their hosts have reported, those that are lost, and those of an earlier app of this name. */
  #forgetPending(app: App | undefined, containers: readonly PlacedContainer[]): void {
    const { clock, view } = this.#parts;
    const seen = new Set(containers.map((c) => c.id));
    const up = new Set(view.aliveIds());
    for (const [containerId, { appUid, hostId, untilMs }] of this.#pending) {
      const isLost = untilMs <= clock.monotonicMs() || !up.has(hostId);
      if (seen.has(containerId) || isLost || appUid !== app?.uid) this.#pending.delete(containerId);
    }
  }

  #pendingOf({ cluster, version }: Deployment): { replica: number; hostId: HostId }[] {
    return [...this.#pending.values()].filter((p) => p.cluster === cluster && p.version === version);
  }
}

/** Nothing was given away, and room may come free with other auctions' reservations. */
const isContended = (outcome: AuctionOutcome): boolean =>
  outcome.isTransient && outcome.placed.length + outcome.unknown.length === 0;
