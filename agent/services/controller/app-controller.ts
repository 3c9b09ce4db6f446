import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { App, Cluster, Deployment } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { keys } from '../../core/catalog/keys.ts';
import { isGone, type PlacedContainer } from '../../core/deploy/actual.ts';
import { updateHomes } from '../../core/deploy/homes.ts';
import {
  judgeFailures,
  type PlaceAction,
  type Plan,
  planDeployment,
  planRemoval,
  type RemoveAction,
} from '../../core/deploy/plan.ts';
import type { AuctionOutcome, Placement } from '../../core/placement/auction-types.ts';
import { RESERVATION_MS } from '../../core/placement/ledger.ts';
import { type ResolvedPolicy, resolvePolicy } from '../../core/rollout/policy.ts';
import { isReleaseHeld, isRolling } from '../../core/rollout/rollout.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Auctioneer } from '../auction/auctioneer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { HostCalls } from '../host/host-calls.ts';
import type { MeshView } from '../view/mesh-view.ts';
import { Efforts } from './efforts.ts';
import type { OperationWriter } from './operation-writer.ts';
import { unplaceableProblem, whyUnplaced } from './problems.ts';
import { RolloutDriver } from './rollout-driver.ts';
import { type Stuck, StuckNotes } from './stuck-notes.ts';
import { WorkTimes } from './work-times.ts';

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
const HELD_BY_VOLUME = 'its volumes are on this host, so it stays with them';

export interface AppControllerParts {
  readonly catalog: Catalog;
  readonly view: Pick<MeshView, 'containersOf' | 'surroundings' | 'aliveIds' | 'memberIds'>;
  readonly auctioneer: Pick<Auctioneer, 'place'>;
  readonly hosts: Pick<HostCalls, 'power'>;
  readonly operations: OperationWriter;
  readonly events: Pick<EventRecorder, 'record'>;
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
  readonly policy: ResolvedPolicy;
}

interface Pending extends Placement {
  readonly appUid: string;
  readonly cluster: string;
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
  readonly #workTimes: WorkTimes;
  readonly #stuckNotes: StuckNotes;
  /** By cluster. */
  readonly #rollouts = new Map<string, RolloutDriver>();
  /** Found in this step. */
  #stuck: Stuck[] = [];

  constructor(group: string, app: string, parts: AppControllerParts) {
    this.#group = group;
    this.#app = app;
    this.#parts = parts;
    this.#efforts = new Efforts(parts.clock);
    this.#workTimes = new WorkTimes(parts.clock);
    this.#stuckNotes = new StuckNotes(group, app, parts);
  }

  async step(): Promise<void> {
    const { view } = this.#parts;
    const containers = view.containersOf(this.#group, this.#app);
    this.#stuck = [];
    this.#workTimes.see(containers);
    await this.#bringAbout(containers);
    const { mustLeave } = view.surroundings();
    const byId = new Map(containers.map((c) => [c.id, c]));
    await this.#stuckNotes.update(this.#stuck, (id) => {
      const container = byId.get(id);
      return container !== undefined && mustLeave(container) && !containers.some((c) => replaces(c, container));
    });
  }

  async #bringAbout(containers: readonly PlacedContainer[]): Promise<void> {
    const { catalog, operations } = this.#parts;
    const key = keys.app(this.#group, this.#app);
    await operations.endLosers(this.#group, this.#app);
    const app = catalog.get<App>(key)?.value;
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
    const { cluster, version, operationId, rollout } = deployment;
    return {
      app,
      deployment,
      version: this.#version(app, version),
      selector: cluster === ALL_HOSTS ? [] : catalog.get<Cluster>(keys.cluster(cluster))?.value.selector,
      operation: operations.running(operationId),
      policy: rollout ?? resolvePolicy(app.rollout ?? {}, deployment.replicas),
    };
  }

  #version(app: App, number: number): Version | undefined {
    return this.#parts.catalog.get<Version>(keys.version(app.group, app.name, number))?.value;
  }

  async #drive(share: Share, containers: readonly PlacedContainer[]): Promise<void> {
    const { operations, later } = this.#parts;
    const { app, deployment, operation, policy } = share;
    if (operation !== undefined && (await this.#isOver(share, operation))) return;
    if (await this.#homesChanged(share, containers)) return;
    const failed = containers.filter((c) => c.phase === 'failed' && c.hostStatus === 'alive');
    if (failed.length > 0 && (await this.#noteFailures(share, failed))) return;
    if (await this.#isCrashing(share, containers)) return;

    const plan = this.#planOf(share, containers);
    const removals = plan.actions.filter((action) => action.type === 'remove');
    await this.#act(removals);
    for (const container of plan.heldByVolumes) this.#stuck.push({ container, rule: 'volume', detail: HELD_BY_VOLUME });
    for (const action of plan.actions) {
      if (action.type === 'place' && (await this.#place(share, action, plan, containers))) return;
    }
    later(this.#workTimes.nextMs(policy.minHealthyMs) ?? Number.POSITIVE_INFINITY);
    if (plan.isSettled) this.#efforts.reached(deployment.cluster);
    if (operation === undefined) return;
    if (isRolling(deployment)) await this.#rolloutOf(deployment).step({ app, deployment, operation }, plan);
    else if (plan.isSettled) await operations.succeed(app, operation);
    else later(Date.parse(operation.createdAt) + OPERATION_MS - this.#parts.clock.nowMs());
  }

  #planOf({ app, deployment, version, operation, policy }: Share, containers: readonly PlacedContainer[]): Plan {
    const { view, clock } = this.#parts;
    const { rollout, replicas } = deployment;
    const hasVolumes = (version?.spec.volumes ?? []).length > 0;
    const stopsFirst = hasVolumes || policy.stopFirst !== undefined;
    const isProven = (c: PlacedContainer) => this.#workTimes.hasWorked(c.id, policy.minHealthyMs);
    const pace = {
      // What people paused starts nothing new; it goes on healing.
      batch: rollout?.paused === undefined ? policy.batch : 0,
      maxUnavailable: policy.maxUnavailable ?? (stopsFirst ? 1 : 0),
      stopFirst: stopsFirst,
      isReleaseHeld: false,
      isReverting: rollout?.reverting !== undefined,
    };
    const plan = (isReleaseHeld: boolean): Plan =>
      planDeployment({
        ...{ app, deployment, specHash: version?.specHash, hasVolumes, containers, isProven },
        origin: rollout === undefined ? undefined : this.#version(app, rollout.from.version)?.number,
        askedMsAgo: operation === undefined ? undefined : clock.nowMs() - Date.parse(operation.createdAt),
        pending: this.#pendingOf(deployment),
        around: view.surroundings(),
        pace: { ...pace, isReleaseHeld },
      });
    if (rollout === undefined) return plan(false);
    const held = plan(true);
    return isReleaseHeld(rollout, replicas, held.proven) ? held : plan(false);
  }

  #rolloutOf({ cluster }: Deployment): RolloutDriver {
    const known = this.#rollouts.get(cluster);
    if (known !== undefined) return known;
    const made = new RolloutDriver({
      ...this.#parts,
      hasVersion: (app, number) => this.#version(app, number) !== undefined,
    });
    this.#rollouts.set(cluster, made);
    return made;
  }

  /** Where the volumes of replicas are, is written down once they run. */
  async #homesChanged({ app, deployment, version }: Share, containers: readonly PlacedContainer[]): Promise<boolean> {
    if ((version?.spec.volumes ?? []).length === 0) return false;
    const { view, operations } = this.#parts;
    const members = new Set(view.memberIds());
    const changed = updateHomes(deployment, containers, (hostId) => members.has(hostId));
    if (changed === undefined) return false;
    await operations.changeDeployment(app, deployment, (current) => ({ ...current, homes: { ...changed.homes } }));
    if (changed.lost.length > 0) operations.reportLostVolumes(app, changed.lost);
    return true;
  }

  async #isOver({ app, deployment }: Share, operation: AppOperationRecord): Promise<boolean> {
    const { operations, clock } = this.#parts;
    if (operation.cancelRequested === true) {
      const problem = problemOf('cancelled', 'Cancelled on request.', operation.id);
      if (!isRolling(deployment)) await operations.fail(app, operation, problem);
      else if (deployment.rollout.reverting !== undefined) return false;
      else await this.#rolloutOf(deployment).abort({ app, deployment, operation }, problem);
      return true;
    }
    if (!isRolling(deployment) && clock.nowMs() - Date.parse(operation.createdAt) > OPERATION_MS) {
      const detail = `Not done after ${OPERATION_MS / 60_000} minutes; what was before is restored.`;
      await operations.fail(app, operation, problemOf('timeout', detail, operation.id));
      return true;
    }
    return false;
  }

  /** Records failures, clears them from their hosts and slows down. True when the operation was given up. */
  async #noteFailures({ app, deployment, operation }: Share, failed: readonly PlacedContainer[]): Promise<boolean> {
    const { operations, later } = this.#parts;
    const own = failed.filter((c) => c.version === deployment.version);
    const all = operation === undefined || own.length === 0 ? [] : await operations.addFailures(operation, own);
    const fatal = operation !== undefined && judgeFailures(all) === 'give-up' ? all.at(-1) : undefined;
    if (operation !== undefined && fatal !== undefined) {
      const problem = problemOf(fatal.code, fatal.detail, operation.id);
      if (!isRolling(deployment)) await operations.fail(app, operation, problem);
      else if (deployment.rollout.paused === undefined) {
        await this.#rolloutOf(deployment).giveUp({ app, deployment, operation }, problem);
      }
    }
    await this.#act(failed.map((c) => ({ type: 'remove', hostId: c.hostId, containerId: c.id, why: 'failed' })));
    if (isOnItsOwn(deployment, operation)) later(this.#efforts.failed(deployment.cluster));
    return fatal !== undefined;
  }

  /** A new version that works for a while and then exits, again and again, is given up before all run it. */
  async #isCrashing({ app, deployment, operation }: Share, containers: readonly PlacedContainer[]): Promise<boolean> {
    if (operation === undefined || !isRolling(deployment) || deployment.rollout.paused !== undefined) return false;
    const crashing = containers.find(
      (c) => c.version === deployment.version && c.operationId === operation.id && isInCrashLoop(c),
    );
    if (crashing === undefined) return false;
    const detail = `${crashing.name} ${crashing.reason?.detail ?? 'exits'}, after ${crashing.restarts} restarts.`;
    const problem = problemOf('container-exited', detail, operation.id);
    await this.#rolloutOf(deployment).giveUp({ app, deployment, operation }, problem);
    return true;
  }

  /** True when what is wanted has changed because of how it went: the step ends there. */
  async #place(
    share: Share,
    action: PlaceAction,
    plan: Plan,
    containers: readonly PlacedContainer[],
  ): Promise<boolean> {
    const { auctioneer, later, operations } = this.#parts;
    const { app, deployment, selector, operation } = share;
    const waitMs = isOnItsOwn(deployment, operation) ? this.#efforts.waitMs(deployment.cluster) : 0;
    if (waitMs > 0) {
      later(waitMs);
      return false;
    }
    const version = this.#version(app, action.version);
    if (version === undefined || selector === undefined) {
      await this.#giveUp(share, version === undefined ? `Version ${action.version}` : `Cluster ${deployment.cluster}`);
      return true;
    }
    const { replicas, home, avoid } = action;
    const allOrNothing = operation !== undefined && !isRolling(deployment) && !action.isExchange;
    const outcome = await auctioneer.place({ app, deployment, version, selector, replicas, home, avoid, allOrNothing });
    // Only this agent's own end cancels an auction: the heir begins anew.
    if (outcome.kind === 'cancelled') return true;
    this.#expect(app, deployment, [...outcome.placed, ...outcome.unknown]);
    if (operation !== undefined) await operations.addDecisions(operation, outcome.decisions);
    return outcome.missing.length > 0 && this.#unplaced(share, action, plan, containers, outcome);
  }

  async #unplaced(
    share: Share,
    action: PlaceAction,
    plan: Plan,
    containers: readonly PlacedContainer[],
    outcome: AuctionOutcome,
  ): Promise<boolean> {
    const { later, operations } = this.#parts;
    const { app, deployment, operation } = share;
    if (action.isExchange) this.#noteStuck(containers, outcome);
    if (operation !== undefined && isRolling(deployment)) {
      const isUnderWay = plan.inExchange > plan.starts;
      const release = { app, deployment, operation };
      if (await this.#rolloutOf(deployment).unplaced(release, outcome, isUnderWay)) return true;
      later(this.#efforts.failed(deployment.cluster));
      return false;
    }
    if (operation === undefined || action.isExchange) {
      this.#tellUnplaced(share, outcome);
      return false;
    }
    // Deploys that contend for the same room meet each other's reservations; planned anew, all but one get through.
    if (isContended(outcome) && this.#efforts.mayContend(deployment)) later(0);
    else await operations.fail(app, operation, unplaceableProblem(outcome, operation));
    return true;
  }

  /** Those that have to leave their host and found no other. */
  #noteStuck(containers: readonly PlacedContainer[], { missing, refusals }: AuctionOutcome): void {
    const { mustLeave } = this.#parts.view.surroundings();
    const rules = new Set(refusals.map(({ rule }) => rule));
    const [rule = 'no-room'] = rules.size === 1 ? rules : [];
    const detail =
      refusals.map((refusal) => `${refusal.hostName}: ${refusal.detail}`).join('; ') || 'no other host is there';
    for (const container of containers) {
      if (missing.includes(container.replica) && mustLeave(container)) this.#stuck.push({ container, rule, detail });
    }
  }

  async #giveUp({ app, deployment, operation }: Share, what: string): Promise<void> {
    const { operations, later } = this.#parts;
    const detail = `${what} has no record that can be read, so nothing can be placed. Deploy anew.`;
    const problem = problemOf('not-found', detail, operation?.id);
    if (operation === undefined) later(this.#efforts.failed(deployment.cluster));
    else if (!isRolling(deployment)) await operations.fail(app, operation, problem);
    else if (deployment.rollout.paused === undefined) {
      await this.#rolloutOf(deployment).giveUp({ app, deployment, operation }, problem);
    } else later(this.#efforts.failed(deployment.cluster));
  }

  /** What was awarded shows in the hosts' records soon, and counts as there until then. */
  #expect({ uid: appUid }: App, { cluster }: Deployment, given: readonly Placement[]): void {
    const untilMs = this.#parts.clock.monotonicMs() + PENDING_MS;
    for (const placement of given) this.#pending.set(placement.containerId, { ...placement, appUid, cluster, untilMs });
  }

  #tellUnplaced({ app, deployment }: Share, outcome: AuctionOutcome): void {
    const { log, later, operations } = this.#parts;
    later(this.#efforts.failed(deployment.cluster));
    const why = whyUnplaced(app, deployment, outcome);
    if (!this.#efforts.isNews(deployment.cluster, why)) return;
    log.info({ group: this.#group, app: this.#app, missing: outcome.missing.length }, 'replicas cannot be placed now');
    operations.reportUnplaced(app, why);
  }

  async #act(removals: readonly RemoveAction[]): Promise<void> {
    const { hosts, log, signal, later } = this.#parts;
    const results = await Promise.allSettled(
      removals.map((r) => hosts.power(r.hostId, r.containerId, 'remove', { why: r.why, signal })),
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

  #pendingOf({ cluster }: Deployment): { replica: number; hostId: HostId }[] {
    return [...this.#pending.values()].filter((p) => p.cluster === cluster);
  }
}

/** Restarts of one container that speak against its version while it is rolled out. */
const CRASHES_MAX = 2;

const isInCrashLoop = (c: PlacedContainer): boolean => c.phase === 'backoff' && c.restarts >= CRASHES_MAX;

/** Nobody waits for it, so what goes wrong is tried again with growing pauses. */
const isOnItsOwn = ({ rollout }: Deployment, operation: AppOperationRecord | undefined): boolean =>
  operation === undefined || rollout?.paused !== undefined || rollout?.reverting !== undefined;

/** Whether one container is there in place of another. */
const replaces = (one: PlacedContainer, other: PlacedContainer): boolean =>
  one.id !== other.id && one.replica === other.replica && one.cluster === other.cluster && !isGone(one);

/** Nothing was given away, and room may come free with other auctions' reservations. */
const isContended = (outcome: AuctionOutcome): boolean =>
  outcome.isTransient && outcome.placed.length + outcome.unknown.length === 0;
