import type { App } from '../../../protocol/schemas/model.ts';
import { keys } from '../../core/catalog/keys.ts';
import { isGone, type PlacedContainer } from '../../core/deploy/actual.ts';
import { planRemoval } from '../../core/deploy/plan.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Auctioneer } from '../auction/auctioneer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { HostCalls } from '../host/host-calls.ts';
import type { MeshView } from '../view/mesh-view.ts';
import { DeploymentDriver } from './deployment-driver.ts';
import type { OperationWriter } from './operation-writer.ts';
import { Removals } from './removals.ts';
import { type Stuck, StuckNotes } from './stuck-notes.ts';
import { WorkTimes } from './work-times.ts';

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

/**
 * Drives one app from what runs to what is wanted. Everything it must remember is in the catalog or in the hosts'
 * records, so the next steward goes on where this one fell; what it holds itself only saves it from doing things twice.
 */
export class AppController {
  readonly #group: string;
  readonly #app: string;
  readonly #parts: AppControllerParts;
  readonly #removals: Removals;
  readonly #workTimes: WorkTimes;
  readonly #stuckNotes: StuckNotes;
  /** By cluster. */
  readonly #drivers = new Map<string, DeploymentDriver>();

  constructor(group: string, app: string, parts: AppControllerParts) {
    this.#group = group;
    this.#app = app;
    this.#parts = parts;
    this.#removals = new Removals(parts);
    this.#workTimes = new WorkTimes(parts.clock);
    this.#stuckNotes = new StuckNotes(group, app, parts);
  }

  async step(): Promise<void> {
    const { view } = this.#parts;
    const containers = this.#removals.applied(view.containersOf(this.#group, this.#app));
    this.#workTimes.see(containers);
    const stuck = await this.#bringAbout(containers);
    const { mustLeave } = view.surroundings();
    const byId = new Map(containers.map((c) => [c.id, c]));
    await this.#stuckNotes.update(stuck, (id) => {
      const container = byId.get(id);
      return container !== undefined && mustLeave(container) && !containers.some((c) => replaces(c, container));
    });
  }

  async #bringAbout(containers: readonly PlacedContainer[]): Promise<readonly Stuck[]> {
    const { catalog, operations } = this.#parts;
    const key = keys.app(this.#group, this.#app);
    await operations.endLosers(this.#group, this.#app);
    const app = catalog.get<App>(key)?.value;
    if (app === undefined) {
      // A tombstone is a proof that it was deleted; no record at all may only mean that this member knows little.
      if (catalog.record(key)?.deleted === true) await this.#removals.carryOut(planRemoval(containers).actions);
      return [];
    }
    await this.#removals.carryOut(planRemoval(containers.filter((c) => c.appUid !== app.uid)).actions);
    const own = containers.filter((c) => c.appUid === app.uid);
    if (app.state === 'deleting') {
      const plan = planRemoval(own);
      await this.#removals.carryOut(plan.actions);
      if (plan.isSettled) await operations.finishDeletion(app);
      return [];
    }
    const deployed = new Set(app.deployments.map((d) => d.cluster));
    await this.#removals.carryOut(planRemoval(own.filter((c) => !deployed.has(c.cluster))).actions);
    for (const cluster of this.#drivers.keys()) if (!deployed.has(cluster)) this.#drivers.delete(cluster);
    const stuck: Stuck[] = [];
    for (const deployment of app.deployments) {
      const inCluster = own.filter((c) => c.cluster === deployment.cluster);
      stuck.push(...(await this.#driverOf(deployment.cluster).step(app, deployment, inCluster)));
    }
    return stuck;
  }

  #driverOf(cluster: string): DeploymentDriver {
    const known = this.#drivers.get(cluster);
    if (known !== undefined) return known;
    const made = new DeploymentDriver({ ...this.#parts, removals: this.#removals, workTimes: this.#workTimes });
    this.#drivers.set(cluster, made);
    return made;
  }
}

/** Whether one container is there in place of another. */
const replaces = (one: PlacedContainer, other: PlacedContainer): boolean =>
  one.id !== other.id && one.replica === other.replica && one.cluster === other.cluster && !isGone(one);
