import type { OperationId } from '../../../protocol/ids.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import type { Decision, OperationRecord } from '../../../protocol/schemas/operation.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import { restoreDeployments } from '../../core/deploy/plan.ts';
import type { Write } from '../../core/model/verdict.ts';
import type { AuctionOutcome } from '../../core/placement/auction-types.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Steward } from '../commands/steward.ts';
import type { EventRecorder } from '../events/event-recorder.ts';

const MAX_DECISIONS = 16;
const MAX_FAILURES = 32;

export interface OperationWriterParts {
  readonly catalog: Catalog;
  readonly steward: Steward;
  readonly events: EventRecorder;
  readonly clock: Clock;
}

type Failure = OperationRecord['failures'][number];

/** Moves operations and their apps on in the catalog: every method is one step in the app's order of changes. */
export class OperationWriter {
  readonly #parts: OperationWriterParts;

  constructor(parts: OperationWriterParts) {
    this.#parts = parts;
  }

  running(operationId: string): OperationRecord | undefined {
    const operation = this.#parts.catalog.get<OperationRecord>(keys.operation(operationId as OperationId))?.value;
    return operation?.state === 'running' ? operation : undefined;
  }

  async succeed(app: App, operation: OperationRecord): Promise<void> {
    await this.#finish(app, operation, 'succeeded', (current) => {
      if (operation.kind !== 'undeploy') return [];
      const deployments = current.deployments.filter((d) => d.cluster !== operation.cluster);
      return [{ key: appKey(app), value: { ...current, deployments, updatedAt: this.#now() } }];
    });
  }

  /** Ends the operation and puts the deployment back to what it was before; what it made on its way is deleted. */
  async fail(app: App, operation: OperationRecord, problem: Problem): Promise<void> {
    const state = problem.code === 'cancelled' ? 'cancelled' : 'failed';
    await this.#finish(app, operation, state, (current) => this.#takeBack(current, operation), problem);
  }

  /** Deletes the app with its versions once none of its containers is left on a host that can be reached. */
  async finishDeletion(app: App): Promise<void> {
    const { catalog, steward } = this.#parts;
    await steward.change(appKey(app), () => {
      const running = catalog
        .list<OperationRecord>(prefixes.operations)
        .filter(({ value }) => value.appUid === app.uid && value.state === 'running');
      return [
        { key: appKey(app), value: undefined },
        ...catalog.list(prefixes.versionsOf(app.group, app.name)).map(({ key }) => ({ key, value: undefined })),
        ...running.map(({ key, value }) => ({ key, value: this.#ended(value, 'succeeded') })),
      ];
    });
    this.#parts.events.record({
      kind: 'app.deleted',
      message: `${app.group}/${app.name} was deleted`,
      group: app.group,
      app: app.name,
    });
  }

  async addDecisions(operation: OperationRecord, decisions: readonly Decision[]): Promise<void> {
    await this.#update(operation, (current) => ({
      ...current,
      decisions: [...current.decisions, ...decisions].slice(-MAX_DECISIONS),
    }));
  }

  /** Returns all failures of the operation, these included. */
  async addFailures(operation: OperationRecord, failed: readonly PlacedContainer[]): Promise<readonly Failure[]> {
    let all: readonly Failure[] = operation.failures;
    await this.#update(operation, (current) => {
      const known = new Set(current.failures.map((f) => f.containerId));
      const added = failed.filter((c) => c.operationId === operation.id && !known.has(c.id)).map(failureOf);
      all = [...current.failures, ...added].slice(-MAX_FAILURES);
      return added.length === 0 ? undefined : { ...current, failures: [...all] };
    });
    return all;
  }

  reportUnplaced(app: App, deployment: Deployment, outcome: AuctionOutcome): void {
    const why = outcome.refusals.map((r) => `${r.hostName}: ${r.detail}`).join('; ');
    this.#parts.events.record({
      kind: 'app.unplaced',
      message: `${outcome.missing.length} of ${deployment.replicas} replicas of ${app.group}/${app.name} fit nowhere now. ${why}`,
      group: app.group,
      app: app.name,
    });
  }

  async #update(
    operation: OperationRecord,
    change: (current: OperationRecord) => OperationRecord | undefined,
  ): Promise<void> {
    await this.#parts.steward.change(keys.app(operation.group, operation.app), () => {
      const current = this.running(operation.id);
      const next = current === undefined ? undefined : change(current);
      return next === undefined ? [] : [{ key: keys.operation(operation.id), value: next }];
    });
  }

  async #finish(
    app: App,
    operation: OperationRecord,
    state: 'succeeded' | 'failed' | 'cancelled',
    alsoWrite: (current: App) => readonly Write[],
    problem?: Problem,
  ): Promise<void> {
    const { catalog, steward, events } = this.#parts;
    let isDone = false;
    await steward.change(appKey(app), () => {
      const running = this.running(operation.id);
      const current = catalog.get<App>(appKey(app))?.value;
      if (running === undefined || current === undefined) return [];
      isDone = true;
      return [
        { key: keys.operation(operation.id), value: this.#ended(running, state, problem) },
        ...alsoWrite(current),
      ];
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

  #takeBack(current: App, operation: OperationRecord): Write[] {
    const deployments = restoreDeployments(current, operation);
    const versionKeys = this.#parts.catalog
      .list(prefixes.versionsOf(current.group, current.name))
      .map(({ key }) => key);
    if (operation.created?.app === true && deployments.length === 0) {
      return [appKey(current), ...versionKeys].map((key) => ({ key, value: undefined }));
    }
    const writes: Write[] = [{ key: appKey(current), value: { ...current, deployments, updatedAt: this.#now() } }];
    const isUsed = deployments.some((d) => d.version === operation.version);
    const made = keys.version(current.group, current.name, operation.version ?? 0);
    if (operation.created?.version === true && !isUsed) writes.push({ key: made, value: undefined });
    return writes;
  }

  #ended(operation: OperationRecord, state: 'succeeded' | 'failed' | 'cancelled', problem?: Problem): OperationRecord {
    return { ...operation, state, finishedAt: this.#now(), ...(problem === undefined ? {} : { problem }) };
  }

  #now(): string {
    return new Date(this.#parts.clock.nowMs()).toISOString();
  }
}

const appKey = (app: App): string => keys.app(app.group, app.name);

const failureOf = (container: PlacedContainer): Failure => ({
  containerId: container.id,
  replica: container.replica,
  hostId: container.hostId,
  code: container.reason?.code ?? 'internal',
  detail: container.reason?.detail ?? 'failed without a reason',
});
