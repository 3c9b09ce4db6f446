import { createHash } from 'node:crypto';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { App, Cluster, Deployment } from '../../../protocol/schemas/model.ts';
import { type AppOperationRecord, isAppOperation } from '../../../protocol/schemas/operation.ts';
import type { DeploymentPlan, PlannedAuction, PlannedRollout } from '../../../protocol/schemas/plan.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { keys } from '../../core/catalog/keys.ts';
import { isSettled, type PlacedContainer } from '../../core/deploy/actual.ts';
import type { PlaceAction, Plan } from '../../core/deploy/plan.ts';
import { decide, type ModelCommand } from '../../core/model/decide.ts';
import { runningOperation } from '../../core/model/operations.ts';
import { overlay } from '../../core/model/overlay.ts';
import type { Accepted, ModelContext, ModelView } from '../../core/model/verdict.ts';
import { plannedAuction } from '../../core/placement/planned.ts';
import { outlineRollout } from '../../core/rollout/outline.ts';
import { resolvePolicy } from '../../core/rollout/policy.ts';
import { isRolling, mayStopFirst, stopFirst, whyStopFirst } from '../../core/rollout/rollout.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Auctioneer } from '../auction/auctioneer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { hasVolume, isAllOrNothing, planShare, STOPS_FOR_VOLUMES } from '../controller/plan-share.ts';
import type { PlanContext } from '../platform.ts';
import type { MeshView } from '../view/mesh-view.ts';

export interface DeploymentPlannerParts {
  readonly hostId: HostId;
  readonly catalog: Pick<Catalog, 'get' | 'list'>;
  readonly view: Pick<MeshView, 'containersOf' | 'surroundings' | 'host'>;
  readonly auctioneer: Pick<Auctioneer, 'rehearse'>;
  readonly clock: Clock;
}

/** One cluster's share of an app as the command would leave it. */
interface Share {
  readonly app: App;
  readonly deployment: Deployment;
  readonly version: Version | undefined;
  readonly operation: AppOperationRecord | undefined;
  readonly containers: readonly PlacedContainer[];
  readonly policy: ReturnType<typeof resolvePolicy>;
}

const ALL_HOSTS = 'default';

/** Says what a deployment would do, and does nothing. */
export class DeploymentPlanner {
  readonly #parts: DeploymentPlannerParts;

  constructor(parts: DeploymentPlannerParts) {
    this.#parts = parts;
  }

  /** @throws ShoalError as the command itself would */
  async plan(command: CommandOf<'app.deploy'>, context: PlanContext): Promise<DeploymentPlan> {
    const before = this.#viewFor(command, context);
    const verdict = this.#decide(command, before, context);
    const after = overlay(before, verdict.writes);
    const share = this.#shareOf(command, verdict, after);
    const { app, deployment, containers } = share;
    const plan = this.#next(share, after);
    const auctions = await Promise.all(
      plan.actions
        .filter((action) => action.type === 'place')
        .map((action) => this.#rehearse(share, action, after, context.signal)),
    );
    const rollout = rolloutOf(share, plan, auctions);
    const isPlaced = auctions.every(({ wanted, placed }) => placed.length === wanted.length);
    return {
      cluster: deployment.cluster,
      version: deployment.version,
      isNewVersion: before.get(keys.version(app.group, app.name, deployment.version)) === undefined,
      replicas: deployment.replicas,
      fits: rollout?.canGo ?? isPlaced,
      ...this.#runningBefore(command, before, verdict),
      auctions,
      removals: plan.actions
        .filter((action) => action.type === 'remove')
        .map(({ containerId, hostId, why }) => ({
          ...{ containerId, hostId, why },
          replica: containers.find(({ id }) => id === containerId)?.replica ?? 0,
          hostName: this.#parts.view.host(hostId)?.name ?? hostId,
        })),
      ...(rollout === undefined ? {} : { rollout: rollout.planned }),
    };
  }

  /** The catalog as this member has it; with the group that people make first, if they say so. */
  #viewFor({ group }: CommandOf<'app.deploy'>, context: PlanContext): ModelView {
    const { catalog } = this.#parts;
    const view: ModelView = {
      get: <T>(key: string) => catalog.get<T>(key)?.value,
      list: <T>(prefix: string) => catalog.list<T>(prefix),
    };
    if (!context.withGroup || view.get(keys.group(group)) !== undefined) return view;
    return overlay(view, this.#decide({ kind: 'group.put', group }, view, context).writes);
  }

  #decide(command: ModelCommand, view: ModelView, { actor }: PlanContext): Accepted {
    const { clock, hostId } = this.#parts;
    const context: ModelContext = {
      nowMs: clock.nowMs(),
      rng: () => clock.random(),
      actorId: actor.id,
      acceptedBy: hostId,
      hash: (content) => createHash('sha256').update(content).digest('hex'),
    };
    const verdict = decide(command, view, context);
    if (!verdict.ok) throw new ShoalError(verdict.code, verdict.detail, { faults: verdict.faults });
    return verdict;
  }

  #shareOf(command: CommandOf<'app.deploy'>, { operation }: Accepted, after: ModelView): Share {
    const { view } = this.#parts;
    const { group, app: name, cluster } = command;
    const app = after.get<App>(keys.app(group, name));
    const deployment = app?.deployments.find((one) => one.cluster === cluster);
    if (app === undefined || deployment === undefined) throw new Error('an accepted deploy leaves a deployment');
    const isRunning = operation !== undefined && isAppOperation(operation) && operation.state === 'running';
    return {
      ...{ app, deployment },
      version: after.get<Version>(keys.version(group, name, deployment.version)),
      operation: isRunning ? operation : undefined,
      containers: view.containersOf(group, name).filter((c) => c.appUid === app.uid && c.cluster === cluster),
      policy: deployment.rollout ?? resolvePolicy(app.rollout ?? {}, deployment.replicas),
    };
  }

  #next(share: Share, after: ModelView): Plan {
    const { app, deployment, operation } = share;
    const { rollout } = deployment;
    return planShare(share, {
      // How long a container has worked only its steward knows; what works now is taken for good.
      isProven: isSettled,
      origin:
        rollout === undefined
          ? undefined
          : after.get<Version>(keys.version(app.group, app.name, rollout.from.version))?.number,
      askedMsAgo: operation === undefined ? undefined : this.#parts.clock.nowMs() - Date.parse(operation.createdAt),
      pending: [],
      around: this.#parts.view.surroundings(),
    });
  }

  async #rehearse(share: Share, action: PlaceAction, after: ModelView, signal: AbortSignal): Promise<PlannedAuction> {
    const { app, deployment } = share;
    const { replicas, home, avoid, leaving } = action;
    const version = after.get<Version>(keys.version(app.group, app.name, action.version));
    const { cluster } = deployment;
    const selector = cluster === ALL_HOSTS ? [] : after.get<Cluster>(keys.cluster(cluster))?.selector;
    if (version === undefined || selector === undefined) {
      throw new ShoalError(
        'not-found',
        `Version ${action.version} or cluster ${cluster} has no record that can be read.`,
      );
    }
    const allOrNothing = isAllOrNothing(share, action);
    const outcome = await this.#parts.auctioneer.rehearse(
      { app, deployment, version, selector, replicas, home, avoid, leaving, allOrNothing },
      signal,
    );
    if (outcome.kind === 'cancelled') throw new ShoalError('timeout', 'The plan was not ready in time; ask again.');
    return plannedAuction(action.version, replicas, outcome);
  }

  /** What is under way for it, and what the command would make of that. */
  #runningBefore(
    { group, app, cluster }: CommandOf<'app.deploy'>,
    before: ModelView,
    { writes, operation }: Accepted,
  ): Pick<DeploymentPlan, 'joins' | 'supersedes'> {
    const current = before.get<App>(keys.app(group, app))?.deployments.find((one) => one.cluster === cluster);
    const running = current === undefined ? undefined : runningOperation(before, current);
    if (running === undefined) return {};
    return writes.length === 0 && operation?.id === running.id ? { joins: running.id } : { supersedes: running.id };
  }
}

/** How it would roll out, and whether it could: where the old containers are in the way they stop first, if that is allowed. */
function rolloutOf(
  { deployment, version, containers }: Share,
  plan: Plan,
  auctions: readonly PlannedAuction[],
): { readonly planned: PlannedRollout; readonly canGo: boolean } | undefined {
  if (!isRolling(deployment)) return undefined;
  const unplaced = auctions.filter(({ wanted, placed }) => placed.length < wanted.length);
  const ownHosts = new Set(containers.map(({ hostId }) => hostId));
  const refusals = unplaced.flatMap((auction) => auction.refusals);
  const reason =
    deployment.rollout.stopFirst ?? (hasVolume(version) ? STOPS_FOR_VOLUMES : whyStopFirst(refusals, ownHosts));
  const rollout = reason === undefined ? deployment.rollout : stopFirst(deployment, reason).rollout;
  return {
    planned: outlineRollout(rollout, plan.order),
    canGo: reason === undefined ? unplaced.length === 0 : mayStopFirst(deployment),
  };
}
