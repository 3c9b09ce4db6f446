import type { OperationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import {
  type AppOperationRecord,
  type Decision,
  isAppOperation,
  type OperationRecord,
} from '../../../protocol/schemas/operation.ts';
import { canonicalJson } from '../../core/canonical-json.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import { restoreDeployments } from '../../core/deploy/plan.ts';
import { keysOnlyOf } from '../../core/model/files.ts';
import type { Write } from '../../core/model/verdict.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Steward } from '../commands/steward.ts';
import type { EventRecorder } from '../events/event-recorder.ts';

const MAX_DECISIONS = 16;
const MAX_FAILURES = 32;
/** Decisions and failures of one operation, each: a record may have 256 KiB in all. */
const MAX_LIST_BYTES = 96 * 1024;
/** A decision of a large mesh shows at most so many offers, those that won first. */
const MAX_OFFERS = 64;

export interface OperationWriterParts {
  readonly catalog: Catalog;
  readonly steward: Pick<Steward, 'change'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
}

type Failure = AppOperationRecord['failures'][number];

/** Moves operations and their apps on in the catalog: every method is one step in the app's order of changes. */
export class OperationWriter {
  readonly #parts: OperationWriterParts;

  constructor(parts: OperationWriterParts) {
    this.#parts = parts;
  }

  running(operationId: string): AppOperationRecord | undefined {
    const operation = this.#parts.catalog.get<OperationRecord>(keys.operation(operationId as OperationId))?.value;
    return operation?.state === 'running' && isAppOperation(operation) ? operation : undefined;
  }

  async succeed(app: App, operation: AppOperationRecord): Promise<void> {
    await this.#finish(app, operation, 'succeeded', (current) => {
      const deployments = current.deployments.flatMap((deployment) => {
        if (deployment.operationId !== operation.id) return [deployment];
        return operation.kind === 'undeploy' ? [] : [reachedNow(deployment)];
      });
      return [{ key: appKey(app), value: { ...current, deployments, updatedAt: this.#now() } }];
    });
  }

  /** Ends an operation whose rollout has gone back: it failed, or was cancelled, because of this. */
  async endRevert(app: App, operation: AppOperationRecord, problem: Problem): Promise<void> {
    const state = problem.code === 'cancelled' ? 'cancelled' : 'failed';
    const writes = (current: App): Write[] => {
      const deployments = current.deployments.map((deployment) =>
        deployment.operationId === operation.id ? withoutRollout(deployment) : deployment,
      );
      return [{ key: appKey(app), value: { ...current, deployments, updatedAt: this.#now() } }];
    };
    const back = app.deployments.find((d) => d.operationId === operation.id)?.version;
    const detail = `${problem.detail} Rolled back to version ${back}.`;
    await this.#finish(app, operation, state, writes, { ...problem, detail });
  }

  /**
   * Changes a deployment if it is still the one that was looked at.
   *
   * @returns whether it was
   */
  async changeDeployment(
    app: App,
    seen: Deployment,
    change: (current: Deployment) => Deployment | undefined,
  ): Promise<boolean> {
    const { catalog, steward } = this.#parts;
    let isDone = false;
    await steward.change(appKey(app), () => {
      const current = catalog.get<App>(appKey(app))?.value;
      const deployment = current?.deployments.find(
        (d) => d.cluster === seen.cluster && d.operationId === seen.operationId,
      );
      const changed = deployment === undefined ? undefined : change(deployment);
      if (current?.uid !== app.uid || changed === undefined) return [];
      isDone = true;
      const deployments = current.deployments.map((d) => (d === deployment ? changed : d));
      return [{ key: appKey(app), value: { ...current, deployments, updatedAt: this.#now() } }];
    });
    return isDone;
  }

  /** Moves a rollout on, unless it was changed meanwhile. */
  changeRollout(app: App, seen: Deployment, next: Deployment): Promise<boolean> {
    const before = canonicalJson(seen.rollout ?? {});
    return this.changeDeployment(app, seen, (current) =>
      canonicalJson(current.rollout ?? {}) === before
        ? {
            ...current,
            version: next.version,
            replicas: next.replicas,
            ...(next.rollout ? { rollout: next.rollout } : {}),
          }
        : undefined,
    );
  }

  reportRollout({ id, kind, group, app }: AppOperationRecord, event: string, what: string): void {
    this.#parts.events.record({
      kind: event,
      message: `${kind} of ${group}/${app} ${what}`,
      group,
      app,
      operation: id,
    });
  }

  reportLostVolumes({ group, name }: App, replicas: readonly number[]): void {
    const which = replicas.length === 1 ? `replica ${replicas[0]}` : `replicas ${replicas.join(', ')}`;
    const message = `The volumes of ${which} of ${group}/${name} went with a host that left the mesh; new ones are made`;
    this.#parts.events.record({ kind: 'app.volumes-lost', message, group, app: name });
  }

  /** Ends the operation and puts the deployment back to what it was before; what it made on its way is deleted. */
  async fail(app: App, operation: AppOperationRecord, problem: Problem): Promise<void> {
    const state = problem.code === 'cancelled' ? 'cancelled' : 'failed';
    await this.#finish(app, operation, state, (current) => this.#takeBack(current, operation), problem);
  }

  /** Deletes the app with its versions once none of its containers is left on a host that can be reached. */
  async finishDeletion(app: App): Promise<void> {
    const { catalog, steward, events } = this.#parts;
    let isDone = false;
    await steward.change(appKey(app), () => {
      const current = catalog.get<App>(appKey(app))?.value;
      if (current?.uid !== app.uid || current.state !== 'deleting') return [];
      isDone = true;
      const operation = this.running(app.deletedBy ?? '');
      return [
        { key: appKey(app), value: undefined },
        ...this.#keysBelow(app).map((key) => ({ key, value: undefined })),
        ...(operation === undefined ? [] : [this.#ended(operation, 'succeeded')]),
      ];
    });
    if (!isDone) return;
    const message = `${app.group}/${app.name} was deleted`;
    events.record({ kind: 'app.deleted', message, group: app.group, app: app.name });
  }

  /**
   * Ends running operations of which only the loser of a conflict speaks: another change of the app was made on the other
   * side of a partition, and nobody would ever bring them about.
   */
  async endLosers(group: string, name: string): Promise<void> {
    const { catalog, steward } = this.#parts;
    const key = keys.app(group, name);
    const lost = catalog.list<App>(prefixes.historyOf(key)).flatMap(({ value }) => operationsOf(value));
    if (!lost.some((id) => this.running(id) !== undefined)) return;
    await steward.change(key, () => {
      const current = catalog.get<App>(key)?.value;
      const wanted = new Set(current === undefined ? [] : operationsOf(current));
      return [...new Set(lost)].flatMap((id) => {
        const operation = wanted.has(id) ? undefined : this.running(id);
        if (operation === undefined) return [];
        const detail = 'Another change of the app, made while hosts could not see each other, took its place.';
        return [this.#ended(operation, 'failed', problemOf('superseded', detail, id))];
      });
    });
  }

  async addDecisions(operation: AppOperationRecord, decisions: readonly Decision[]): Promise<void> {
    if (decisions.length === 0) return;
    await this.#update(operation, (current) => ({
      ...current,
      decisions: newest([...current.decisions, ...decisions.map(shortened)], MAX_DECISIONS),
    }));
  }

  /** Returns all failures of the operation, these included. */
  async addFailures(operation: AppOperationRecord, failed: readonly PlacedContainer[]): Promise<readonly Failure[]> {
    let all: readonly Failure[] = operation.failures;
    await this.#update(operation, (current) => {
      const known = new Set(current.failures.map((f) => f.containerId));
      const added = failed.filter((c) => c.operationId === operation.id && !known.has(c.id)).map(failureOf);
      all = newest([...current.failures, ...added], MAX_FAILURES);
      return added.length === 0 ? undefined : { ...current, failures: [...all] };
    });
    return all;
  }

  /** Tells people why an app has fewer replicas than it should have. */
  reportUnplaced(app: App, message: string): void {
    this.#parts.events.record({ kind: 'app.unplaced', message, group: app.group, app: app.name });
  }

  async #update(
    operation: AppOperationRecord,
    change: (current: AppOperationRecord) => AppOperationRecord | undefined,
  ): Promise<void> {
    await this.#parts.steward.change(keys.app(operation.group, operation.app), () => {
      const current = this.running(operation.id);
      const next = current === undefined ? undefined : change(current);
      return next === undefined ? [] : [{ key: keys.operation(operation.id), value: next }];
    });
  }

  async #finish(
    app: App,
    operation: AppOperationRecord,
    state: 'succeeded' | 'failed' | 'cancelled',
    alsoWrite: (current: App) => readonly Write[],
    problem?: Problem,
  ): Promise<void> {
    const { catalog, steward, events } = this.#parts;
    let isDone = false;
    await steward.change(appKey(app), () => {
      const running = this.running(operation.id);
      if (running === undefined) return [];
      isDone = true;
      const current = catalog.get<App>(appKey(app))?.value;
      // An app that was made anew meanwhile has nothing to do with it.
      const writes = current?.uid === app.uid ? alsoWrite(current) : [];
      return [this.#ended(running, state, problem), ...writes];
    });
    if (!isDone) return;
    const what = `${operation.kind} of ${app.group}/${app.name}`;
    events.record({
      kind: `operation.${state}`,
      message: problem === undefined ? `${what} ${state}` : `${what} ${state}: ${problem.detail}`.slice(0, 2_048),
      operation: operation.id,
      group: app.group,
      app: app.name,
    });
  }

  #takeBack(current: App, operation: AppOperationRecord): Write[] {
    const deployments = restoreDeployments(current, operation);
    if (operation.created?.app === true && deployments.length === 0) {
      return [appKey(current), ...this.#keysBelow(current)].map((key) => ({ key, value: undefined }));
    }
    const writes = [{ key: appKey(current), value: { ...current, deployments, updatedAt: this.#now() } }];
    const isUsed = deployments.some((d) => d.version === operation.version);
    if (operation.created?.version !== true || isUsed) return writes;
    const number = operation.version ?? 0;
    const made = [
      keys.version(current.group, current.name, number),
      ...keysOnlyOf(this.#parts.catalog, current, number),
    ];
    return [...writes, ...made.map((key) => ({ key, value: undefined }))];
  }

  /** Its versions and the contents of their files. */
  #keysBelow({ group, name }: App): string[] {
    const { catalog } = this.#parts;
    return [prefixes.versionsOf(group, name), prefixes.filesOf(group, name)].flatMap((prefix) =>
      catalog.list(prefix).map(({ key }) => key),
    );
  }

  #ended(operation: AppOperationRecord, state: 'succeeded' | 'failed' | 'cancelled', problem?: Problem): Write {
    const ended = { ...operation, state, finishedAt: this.#now(), ...(problem === undefined ? {} : { problem }) };
    return { key: keys.operation(operation.id), value: ended };
  }

  #now(): string {
    return new Date(this.#parts.clock.nowMs()).toISOString();
  }
}

const withoutRollout = ({ rollout: _over, ...deployment }: Deployment): Deployment => deployment;

/** The deployment with its version among those that a rollback may go to. */
function reachedNow(deployment: Deployment): Deployment {
  const { reached = [], version } = deployment;
  const all = [...reached.filter((number) => number !== version), version];
  return { ...withoutRollout(deployment), reached: all.slice(-limits.reachedVersions) };
}

const appKey = (app: App): string => keys.app(app.group, app.name);

/** Operations that an app speaks of. */
const operationsOf = ({ deployments, deletedBy }: App): string[] => [
  ...deployments.map(({ operationId }) => operationId),
  ...(deletedBy === undefined ? [] : [deletedBy]),
];

/** The last `count` of them, fewer when they are large; at least one. */
function newest<T>(items: readonly T[], count: number): T[] {
  const kept: T[] = [];
  let bytes = 0;
  for (const item of items.slice(-count).reverse()) {
    bytes += Buffer.byteLength(JSON.stringify(item));
    if (kept.length > 0 && bytes > MAX_LIST_BYTES) break;
    kept.unshift(item);
  }
  return kept;
}

const shortened = (decision: Decision): Decision => ({
  ...decision,
  offers: [...decision.offers].sort((a, b) => b.awarded - a.awarded).slice(0, MAX_OFFERS),
});

const failureOf = (container: PlacedContainer): Failure => ({
  containerId: container.id,
  replica: container.replica,
  hostId: container.hostId,
  code: container.reason?.code ?? 'internal',
  detail: container.reason?.detail ?? 'failed without a reason',
});
