import { newId, type OperationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import type { RolloutPolicy } from '../../../protocol/schemas/rollout.ts';
import { keys } from '../catalog/keys.ts';
import { compareText } from '../order.ts';
import { isRolling, rescale, type Start, startRollout } from '../rollout/rollout.ts';
import { activeApp, createApp, readApp } from './apps.ts';
import { readCluster } from './clusters.ts';
import { newOperation, readOperation, runningOperation, supersede } from './operations.ts';
import {
  type ModelContext,
  type ModelView,
  type Refused,
  refuse,
  timestamp,
  type Verdict,
  type Write,
} from './verdict.ts';
import { type ChosenVersion, latestVersion, nextVersion, readVersion } from './versions.ts';

/**
 * Wants `replicas` of a version in a cluster; makes the app and the version too when a spec is given. Over running replicas
 * of another version it is a rollout.
 */
export function deploy(command: CommandOf<'app.deploy'>, view: ModelView, context: ModelContext): Verdict {
  const [, second] = (['spec', 'image', 'version'] as const).filter((field) => command[field] !== undefined);
  if (second !== undefined) {
    const fault = { pointer: `/${second}`, detail: 'not together with another of spec, image and version' };
    return refuse('invalid-request', 'Give a version, a spec or an image, only one of them.', [fault]);
  }
  const missing = missingCluster(view, command.cluster);
  if (missing !== undefined) return missing;
  const isNew = readApp(view, command.group, command.app) === undefined && command.spec !== undefined;
  const found = isNew ? createApp(view, command, context) : activeApp(view, command.group, command.app);
  if (!found.ok) return found;
  const chosen = chooseVersion(command, view, found.app, context);
  if (!chosen.ok) return chosen;
  const current = found.app.deployments.find(({ cluster }) => cluster === command.cluster);
  const replicas = command.replicas ?? current?.replicas ?? 1;
  const target = { cluster: command.cluster, version: chosen.version.number, replicas };
  const wish: Wish = {
    ...{ kind: 'deploy', target, app: chosen.app, makesApp: isNew, versionWrites: chosen.writes, manner: command },
  };
  return fulfil(wish, view, context);
}

/** Wants another number of replicas of what is deployed in a cluster. */
export function scale(command: CommandOf<'app.scale'>, view: ModelView, context: ModelContext): Verdict {
  const found = deployedIn(command, view);
  if (!found.ok) return found;
  const { app, deployment } = found;
  const running = runningOperation(view, deployment);
  if (running !== undefined && isRolling(deployment)) {
    return resizeRollout(app, rescale(deployment, command.replicas), running, context);
  }
  const target = { ...deployment, replicas: command.replicas };
  return fulfil({ kind: 'scale', target, app }, view, context);
}

/** Wants an app gone from a cluster; its controller drops the deployment when the last container is removed. */
export function undeploy(command: CommandOf<'app.undeploy'>, view: ModelView, context: ModelContext): Verdict {
  const found = deployedIn(command, view);
  if (!found.ok) return found;
  const target = { ...found.deployment, replicas: 0 };
  return fulfil({ kind: 'undeploy', target, app: found.app }, view, context);
}

function missingCluster(view: ModelView, cluster: string): Refused | undefined {
  if (cluster === 'default' || readCluster(view, cluster) !== undefined) return undefined;
  const detail = `There is no cluster "${cluster}". Create it, or use "default", which is all hosts.`;
  return refuse('not-found', detail, [{ pointer: '/cluster', detail: `no cluster "${cluster}"` }]);
}

function chooseVersion(
  command: CommandOf<'app.deploy'>,
  view: ModelView,
  app: App,
  context: ModelContext,
): ChosenVersion | Refused {
  const { spec, image, resolvedImage } = command;
  if (spec !== undefined) return nextVersion(view, app, { spec, resolvedImage }, context);
  const latest = latestVersion(view, app);
  const deployed = app.deployments.find(({ cluster }) => cluster === command.cluster);
  const base = deployed === undefined ? latest : readVersion(view, app, deployed.version);
  if (image !== undefined && base !== undefined) {
    return nextVersion(view, app, { spec: { ...base.spec, image }, resolvedImage }, context);
  }
  const version = command.version === undefined ? latest : readVersion(view, app, command.version);
  if (version !== undefined) return { ok: true, version, app, writes: [] };
  const name = `${app.group}/${app.name}`;
  const detail =
    latest === undefined
      ? `App "${name}" has no version yet. Create one, or deploy with a spec.`
      : `App "${name}" has no version ${command.version}; its latest is ${latest.number}.`;
  return refuse('not-found', detail, [{ pointer: '/version', detail: 'no such version' }]);
}

/** What an app is deployed as in a cluster, or why it is not. */
export function deployedIn(
  command: { readonly group: string; readonly app: string; readonly cluster: string },
  view: ModelView,
): { ok: true; app: App; deployment: Deployment } | Refused {
  const found = activeApp(view, command.group, command.app);
  if (!found.ok) return found;
  const deployment = found.app.deployments.find(({ cluster }) => cluster === command.cluster);
  if (deployment !== undefined) return { ok: true, app: found.app, deployment };
  const detail = `App "${command.group}/${command.app}" is not deployed in cluster "${command.cluster}". Deploy it there first.`;
  return refuse('not-found', detail, [{ pointer: '/cluster', detail: `not deployed in "${command.cluster}"` }]);
}

type Target = Pick<Deployment, 'cluster' | 'version' | 'replicas'>;

/** How a request wants it done, as far as it says. */
type Manner = Pick<CommandOf<'app.deploy'>, 'rollout' | 'canary' | 'hold' | 'ifRunning'>;

/** A change of what is wanted in one cluster, checked and ready to be written. */
export interface Wish {
  readonly kind: 'deploy' | 'rollback' | 'scale' | 'undeploy';
  readonly manner?: Manner;
  readonly target: Target;
  readonly app: App;
  /** Whether this request makes the app. */
  readonly makesApp?: boolean;
  /** The version this request makes, if it does. */
  readonly versionWrites?: readonly Write[];
}

/**
 * Writes what is wanted and the operation that brings it about. A running operation of the same app and cluster is
 *
 * - joined when it wants the same: the request is answered with it, nothing is written;
 * - superseded otherwise: it fails as `superseded`, and what it would have restored is what the new one restores, for
 *   that is the last state known to work.
 *
 * What is wanted and reached already is answered with an operation that has succeeded.
 */
export function fulfil(wish: Wish, view: ModelView, context: ModelContext): Verdict {
  const { kind, target, app } = wish;
  const primaryKey = keys.app(app.group, app.name);
  const current = app.deployments.find(({ cluster }) => cluster === target.cluster);
  if (current === undefined && app.deployments.length >= limits.deploymentsPerApp) {
    const detail = `The app is deployed in ${limits.deploymentsPerApp} clusters, the most it may be. Undeploy it somewhere first.`;
    return refuse('conflict', detail, [{ pointer: '/cluster', detail: 'one deployment too many' }]);
  }
  const running = current === undefined ? undefined : runningOperation(view, current);
  if (running !== undefined && isSameWish(running, wish)) {
    return { ok: true, writes: [], body: running, primaryKey, operation: running };
  }
  if (running !== undefined && wish.manner?.ifRunning === 'refuse') {
    const detail = `Operation ${running.id} (${running.kind}) of this app is under way. Wait for it, abort it, or supersede it.`;
    return refuse('in-progress', detail);
  }
  const start = rolloutOf(wish, current, running, context);
  if (start === undefined && (wish.manner?.canary ?? wish.manner?.hold) !== undefined) {
    const detail = 'No other version runs in this cluster, so there is nothing to roll out step by step.';
    return refuse('conflict', detail, [{ pointer: '/canary', detail: 'nothing else runs' }]);
  }
  const operation = operationFor(wish, current, running, start !== undefined, context);
  if (running === undefined && kind !== 'undeploy' && isReached(current, target, view)) {
    const done: AppOperationRecord = { ...operation, state: 'succeeded', finishedAt: operation.createdAt };
    const writes = [{ key: keys.operation(done.id), value: done }];
    return { ok: true, writes, body: done, primaryKey, operation: done };
  }
  const rollout = start === undefined ? undefined : startRollout(start);
  const { rollout: _ended, ...kept } = current ?? {};
  const wanted: Deployment = {
    ...kept,
    ...targetOf(target),
    operationId: operation.id,
    ...(rollout === undefined
      ? {}
      : { rollout: wish.kind === 'rollback' ? { ...rollout, onFailure: 'pause' } : rollout }),
  };
  const others = app.deployments.filter(({ cluster }) => cluster !== target.cluster);
  const deployments = [...others, wanted].sort((a, b) => compareText(a.cluster, b.cluster));
  const changed: App = { ...app, deployments, updatedAt: timestamp(context) };
  const writes = [
    { key: primaryKey, value: changed },
    ...(wish.versionWrites ?? []),
    { key: keys.operation(operation.id), value: operation },
    ...(running === undefined ? [] : [supersede(running, operation.id, context)]),
  ];
  return { ok: true, writes, body: operation, primaryKey, operation };
}

/**
 * How the version that runs is exchanged for the wanted one; undefined when nothing runs that could go on meanwhile. What a
 * running rollout came from is what the next one falls back to, unless people go back there themselves.
 */
function rolloutOf(
  { kind, target, app, manner = {} }: Wish,
  current: Deployment | undefined,
  running: AppOperationRecord | undefined,
  context: ModelContext,
): Start | undefined {
  if (current === undefined || (kind !== 'deploy' && kind !== 'rollback') || target.replicas === 0) return undefined;
  const { rollout } = current;
  const wasReached = running === undefined || running.kind === 'scale' || rollout !== undefined;
  const isGoingOn = rollout !== undefined && rollout.reverting === undefined && rollout.from.version !== target.version;
  const from = isGoingOn ? rollout.from : { version: current.version, replicas: current.replicas };
  if (!wasReached || from.replicas === 0 || from.version === target.version) return undefined;
  const policy: RolloutPolicy = { ...app.rollout, ...manner.rollout };
  return { from, replicas: target.replicas, policy, canary: manner.canary, hold: manner.hold, nowMs: context.nowMs };
}

/** A rollout goes on with another number of replicas, and so does its operation. */
function resizeRollout(app: App, deployment: Deployment, running: AppOperationRecord, context: ModelContext): Verdict {
  const primaryKey = keys.app(app.group, app.name);
  const operation: AppOperationRecord = { ...running, replicas: deployment.replicas };
  return {
    ok: true,
    writes: [withDeployment(app, deployment, context), { key: keys.operation(running.id), value: operation }],
    body: operation,
    primaryKey,
    operation,
  };
}

/** The app with another deployment in place of the one in that cluster. */
export const withDeployment = (app: App, changed: Deployment, context: Pick<ModelContext, 'nowMs'>): Write => ({
  key: keys.app(app.group, app.name),
  value: {
    ...app,
    deployments: app.deployments.map((deployment) => (deployment.cluster === changed.cluster ? changed : deployment)),
    updatedAt: new Date(context.nowMs).toISOString(),
  } satisfies App,
});

function operationFor(
  wish: Wish,
  current: Deployment | undefined,
  running: AppOperationRecord | undefined,
  isRollout: boolean,
  context: ModelContext,
): AppOperationRecord {
  const id = newId<OperationId>('operation', context.nowMs, context.rng);
  const changes = wish.kind === 'deploy' || wish.kind === 'rollback';
  const asked = {
    id,
    kind: isRollout && wish.kind === 'deploy' ? 'upgrade' : changes && !isRollout ? 'deploy' : wish.kind,
    ...targetOf(wish.target),
    ...previousOf(current, running),
    // A version that was rolled out stays, whatever comes of it: people want to see what differed.
    ...(isRollout ? {} : createdBy(wish, running)),
    ...reductionOf(current, wish.target),
  } as const;
  return newOperation(wish.app, asked, context);
}

const targetOf = ({ cluster, version, replicas }: Target): Target => ({ cluster, version, replicas });

/** An undeploy also removes the deployment, so it is never the same as a scale to nothing. */
const isSameWish = (running: AppOperationRecord, { kind, target }: Wish): boolean =>
  running.cancelRequested !== true &&
  (running.kind === 'undeploy') === (kind === 'undeploy') &&
  running.version === target.version &&
  running.replicas === target.replicas;

/** After a failed or cancelled operation the deployment is tried again even if it is what is written already. */
function isReached(current: Deployment | undefined, target: Target, view: ModelView): boolean {
  if (current?.version !== target.version || current.replicas !== target.replicas || isRolling(current)) return false;
  const last = readOperation(view, current.operationId);
  return last === undefined || last.state === 'succeeded';
}

/** What to restore when the new operation fails. */
function previousOf(
  current: Deployment | undefined,
  running: AppOperationRecord | undefined,
): Pick<AppOperationRecord, 'previous'> {
  if (running !== undefined) return running.previous === undefined ? {} : { previous: running.previous };
  return current === undefined ? {} : { previous: { version: current.version, replicas: current.replicas } };
}

/** What to take back when the new operation fails: what this request makes, and what a superseded one made for it. */
function createdBy(wish: Wish, running: AppOperationRecord | undefined): Pick<AppOperationRecord, 'created'> {
  const app = wish.makesApp === true || running?.created?.app === true;
  const isRunnings = running?.created?.version === true && running.version === wish.target.version;
  const version = (wish.versionWrites?.length ?? 0) > 0 || isRunnings;
  return app || version ? { created: { app, version } } : {};
}

function reductionOf(current: Deployment | undefined, target: Target): Pick<AppOperationRecord, 'toRemove'> {
  if (current === undefined || current.version !== target.version) return {};
  const toRemove = current.replicas - target.replicas;
  return toRemove > 0 ? { toRemove } : {};
}
