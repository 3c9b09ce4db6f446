import { problemOf } from '../../../protocol/problem.ts';
import type { App, Cluster, Deployment } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import { updateHomes } from '../../core/deploy/homes.ts';
import { judgeFailures, type PlaceAction, type Plan } from '../../core/deploy/plan.ts';
import type { AuctionOutcome } from '../../core/placement/auction-types.ts';
import { type ResolvedPolicy, resolvePolicy } from '../../core/rollout/policy.ts';
import { isRolling } from '../../core/rollout/rollout.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Auctioneer } from '../auction/auctioneer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MeshView } from '../view/mesh-view.ts';
import { Awarded } from './awarded.ts';
import { Efforts } from './efforts.ts';
import type { OperationWriter } from './operation-writer.ts';
import { hasVolume, isAllOrNothing, planShare, STOPS_FOR_VOLUMES } from './plan-share.ts';
import { unplaceableProblem, whyUnplaced } from './problems.ts';
import type { Removals } from './removals.ts';
import { type Release, RolloutDriver } from './rollout-driver.ts';
import type { Stuck } from './stuck-notes.ts';
import type { WorkTimes } from './work-times.ts';

/** The cluster that is always there and has no record. */
const ALL_HOSTS = 'default';
/** An operation that has not reached its goal by then is failed and taken back. */
const OPERATION_MS = 15 * 60_000;
const HELD_BY_VOLUME = 'its volumes are on this host, so it stays with them';

export interface DeploymentDriverParts {
  readonly catalog: Catalog;
  readonly view: Pick<MeshView, 'surroundings' | 'aliveIds' | 'memberIds'>;
  readonly auctioneer: Pick<Auctioneer, 'place'>;
  readonly removals: Removals;
  readonly operations: OperationWriter;
  readonly workTimes: WorkTimes;
  readonly clock: Clock;
  readonly log: Log;
  /** Asks to be called again for this app after a delay. */
  readonly later: (delayMs: number) => void;
}

/** One cluster's share of an app, as one step looks at it. */
interface Share {
  readonly app: App;
  readonly deployment: Deployment;
  readonly containers: readonly PlacedContainer[];
  /** Undefined when its record is gone or can't be read: then nothing new can be placed. */
  readonly version: Version | undefined;
  /** The cluster's rules; undefined like the version. */
  readonly selector: Cluster['selector'] | undefined;
  /** Brings it about; undefined when that is over and the app only has to be kept as it is. */
  readonly operation: AppOperationRecord | undefined;
  /** Set while another version takes over. */
  readonly release: Release | undefined;
  readonly policy: ResolvedPolicy;
}

/** Drives one app in one cluster from what runs to what is wanted. */
export class DeploymentDriver {
  readonly #parts: DeploymentDriverParts;
  readonly #awarded: Awarded;
  readonly #efforts: Efforts;
  readonly #rollout: RolloutDriver;
  /** Found in this step. */
  #stuck: Stuck[] = [];

  constructor(parts: DeploymentDriverParts) {
    this.#parts = parts;
    this.#awarded = new Awarded(parts.clock);
    this.#efforts = new Efforts(parts.clock);
    this.#rollout = new RolloutDriver({
      ...parts,
      hasVersion: (app, number) => this.#version(app, number) !== undefined,
    });
  }

  /** One step; answers the containers that have to leave their hosts and can't. */
  async step(app: App, deployment: Deployment, containers: readonly PlacedContainer[]): Promise<readonly Stuck[]> {
    this.#stuck = [];
    this.#awarded.forget(app.uid, containers, this.#parts.view.aliveIds());
    await this.#drive(this.#shareOf(app, deployment, containers));
    return this.#stuck;
  }

  #shareOf(app: App, deployment: Deployment, containers: readonly PlacedContainer[]): Share {
    const { catalog, operations } = this.#parts;
    const { cluster, version, operationId, rollout } = deployment;
    const operation = operations.running(operationId);
    return {
      ...{ app, deployment, containers, operation },
      version: this.#version(app, version),
      selector: cluster === ALL_HOSTS ? [] : catalog.get<Cluster>(keys.cluster(cluster))?.value.selector,
      release: operation !== undefined && isRolling(deployment) ? { app, deployment, operation } : undefined,
      policy: rollout ?? resolvePolicy(app.rollout ?? {}, deployment.replicas),
    };
  }

  #version(app: App, number: number): Version | undefined {
    return this.#parts.catalog.get<Version>(keys.version(app.group, app.name, number))?.value;
  }

  async #drive(share: Share): Promise<void> {
    const { operations, later, removals, workTimes, clock } = this.#parts;
    const { app, operation, release, policy, containers } = share;
    if (operation !== undefined && (await this.#isOver(share, operation))) return;
    if (await this.#haveVolumesMoved(share)) return;
    const failed = containers.filter((c) => c.phase === 'failed' && c.hostStatus === 'alive');
    if (failed.length > 0 && (await this.#noteFailures(share, failed))) return;
    if (release !== undefined && (await this.#isCrashing(release, containers))) return;

    const plan = this.#planOf(share);
    await removals.carryOut(plan.actions.filter((action) => action.type === 'remove'));
    for (const container of plan.heldByVolumes) this.#stuck.push({ container, rule: 'volume', detail: HELD_BY_VOLUME });
    for (const action of plan.actions) {
      if (action.type === 'place' && (await this.#place(share, action, plan))) return;
    }
    later(workTimes.nextMs(policy.minHealthyMs) ?? Number.POSITIVE_INFINITY);
    if (plan.isSettled) this.#efforts.reached();
    if (release !== undefined) await this.#rollout.step(release, plan);
    else if (operation === undefined) return;
    else if (plan.isSettled) await operations.succeed(app, operation);
    else later(Date.parse(operation.createdAt) + OPERATION_MS - clock.nowMs());
  }

  #planOf(share: Share): Plan {
    const { view, clock, workTimes } = this.#parts;
    const { app, deployment, operation, policy } = share;
    const { rollout } = deployment;
    return planShare(share, {
      isProven: (c) => workTimes.hasWorked(c.id, policy.minHealthyMs),
      origin: rollout === undefined ? undefined : this.#version(app, rollout.from.version)?.number,
      askedMsAgo: operation === undefined ? undefined : clock.nowMs() - Date.parse(operation.createdAt),
      pending: this.#awarded.all,
      around: view.surroundings(),
    });
  }

  /** Where the volumes of replicas are is written down once they run; a rollout of such replicas says that it stops first. */
  async #haveVolumesMoved({ app, deployment, version, containers, release }: Share): Promise<boolean> {
    if (!hasVolume(version)) return false;
    const { view, operations } = this.#parts;
    const members = new Set(view.memberIds());
    const changed = updateHomes(deployment, containers, (hostId) => members.has(hostId));
    if (changed !== undefined) {
      await operations.changeDeployment(app, deployment, (current) => ({ ...current, homes: { ...changed.homes } }));
      if (changed.lost.length > 0) operations.reportLostVolumes(app, changed.lost);
      return true;
    }
    return release !== undefined && this.#rollout.stopsFirst(release, STOPS_FOR_VOLUMES);
  }

  async #isOver({ app, release }: Share, operation: AppOperationRecord): Promise<boolean> {
    const { operations, clock } = this.#parts;
    if (operation.cancelRequested === true) {
      const problem = problemOf('cancelled', 'Cancelled on request.', operation.id);
      if (release === undefined) await operations.fail(app, operation, problem);
      else if (release.deployment.rollout.reverting !== undefined) return false;
      else await this.#rollout.abort(release, problem);
      return true;
    }
    if (release === undefined && clock.nowMs() - Date.parse(operation.createdAt) > OPERATION_MS) {
      const detail = `Not done after ${OPERATION_MS / 60_000} minutes; what was before is restored.`;
      await operations.fail(app, operation, problemOf('timeout', detail, operation.id));
      return true;
    }
    return false;
  }

  /** Records failures, clears them from their hosts and slows down. True when the operation was given up. */
  async #noteFailures(share: Share, failed: readonly PlacedContainer[]): Promise<boolean> {
    const { operations, later, removals } = this.#parts;
    const { app, deployment, operation, release } = share;
    const own = failed.filter((c) => c.version === deployment.version);
    const all = operation === undefined || own.length === 0 ? [] : await operations.addFailures(operation, own);
    const fatal = operation !== undefined && judgeFailures(all) === 'give-up' ? all.at(-1) : undefined;
    if (operation !== undefined && fatal !== undefined) {
      const problem = problemOf(fatal.code, fatal.detail, operation.id);
      if (release === undefined) await operations.fail(app, operation, problem);
      else if (release.deployment.rollout.paused === undefined) await this.#rollout.giveUp(release, problem);
    }
    await removals.carryOut(
      failed.map((c) => ({ type: 'remove', hostId: c.hostId, containerId: c.id, why: 'failed' })),
    );
    if (isOnItsOwn(share)) later(this.#efforts.failed());
    return fatal !== undefined;
  }

  /** A new version that works for a while and then exits, again and again, is given up before all run it. */
  async #isCrashing(release: Release, containers: readonly PlacedContainer[]): Promise<boolean> {
    const { deployment, operation } = release;
    if (deployment.rollout.paused !== undefined) return false;
    const crashing = containers.find(
      (c) => c.version === deployment.version && c.operationId === operation.id && isInCrashLoop(c),
    );
    if (crashing === undefined) return false;
    const detail = `${crashing.name} ${crashing.reason?.detail ?? 'exits'}, after ${crashing.restarts} restarts.`;
    await this.#rollout.giveUp(release, problemOf('container-exited', detail, operation.id));
    return true;
  }

  /** True when what is wanted has changed because of how it went: the step ends there. */
  async #place(share: Share, action: PlaceAction, plan: Plan): Promise<boolean> {
    const { auctioneer, later, operations } = this.#parts;
    const { app, deployment, selector, operation } = share;
    const waitMs = isOnItsOwn(share) ? this.#efforts.waitMs() : 0;
    if (waitMs > 0) {
      later(waitMs);
      return false;
    }
    const version = this.#version(app, action.version);
    if (version === undefined || selector === undefined) {
      await this.#giveUp(share, version === undefined ? `Version ${action.version}` : `Cluster ${deployment.cluster}`);
      return true;
    }
    const { replicas, home, avoid, leaving } = action;
    const allOrNothing = isAllOrNothing(share, action);
    const outcome = await auctioneer.place({
      ...{ app, deployment, version, selector, replicas, home, avoid, leaving, allOrNothing },
    });
    // Only this agent's own end cancels an auction: the heir begins anew.
    if (outcome.kind === 'cancelled') return true;
    this.#awarded.expect(app.uid, [...outcome.placed, ...outcome.unknown]);
    if (operation !== undefined) await operations.addDecisions(operation, outcome.decisions);
    return outcome.missing.length > 0 && this.#unplaced(share, action, plan, outcome);
  }

  async #unplaced(share: Share, action: PlaceAction, plan: Plan, outcome: AuctionOutcome): Promise<boolean> {
    const { later, operations } = this.#parts;
    const { app, deployment, operation, release } = share;
    if (action.isExchange) this.#noteStuck(share, outcome);
    if (release !== undefined) {
      const ownHosts = new Set(share.containers.map(({ hostId }) => hostId));
      const isUnderWay = plan.inExchange > plan.starts;
      if (await this.#rollout.unplaced(release, outcome, { isUnderWay, ownHosts })) return true;
      later(this.#efforts.failed());
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
  #noteStuck({ containers }: Share, { missing, refusals }: AuctionOutcome): void {
    const { mustLeave } = this.#parts.view.surroundings();
    const rules = new Set(refusals.map(({ rule }) => rule));
    const [rule = 'no-room'] = rules.size === 1 ? rules : [];
    const detail =
      refusals.map((refusal) => `${refusal.hostName}: ${refusal.detail}`).join('; ') || 'no other host is there';
    for (const container of containers) {
      if (missing.includes(container.replica) && mustLeave(container)) this.#stuck.push({ container, rule, detail });
    }
  }

  async #giveUp({ app, operation, release }: Share, what: string): Promise<void> {
    const { operations, later } = this.#parts;
    const detail = `${what} has no record that can be read, so nothing can be placed. Deploy anew.`;
    const problem = problemOf('not-found', detail, operation?.id);
    if (operation === undefined) later(this.#efforts.failed());
    else if (release === undefined) await operations.fail(app, operation, problem);
    else if (release.deployment.rollout.paused === undefined) await this.#rollout.giveUp(release, problem);
    else later(this.#efforts.failed());
  }

  #tellUnplaced({ app, deployment }: Share, outcome: AuctionOutcome): void {
    const { log, later, operations } = this.#parts;
    later(this.#efforts.failed());
    const why = whyUnplaced(app, deployment, outcome);
    if (!this.#efforts.isNews(why)) return;
    const { group, name } = app;
    log.info({ group, app: name, missing: outcome.missing.length }, 'replicas cannot be placed now');
    operations.reportUnplaced(app, why);
  }
}

/** Restarts of one container that speak against its version while it is rolled out. */
const CRASHES_MAX = 2;

const isInCrashLoop = (c: PlacedContainer): boolean => c.phase === 'backoff' && c.restarts >= CRASHES_MAX;

/** Nobody waits for it, so what goes wrong is tried again with growing pauses. */
const isOnItsOwn = ({ deployment: { rollout }, operation }: Share): boolean =>
  operation === undefined || rollout?.paused !== undefined || rollout?.reverting !== undefined;

/** Nothing was given away, and room may come free with other auctions' reservations. */
const isContended = (outcome: AuctionOutcome): boolean =>
  outcome.isTransient && outcome.placed.length + outcome.unknown.length === 0;
