import { prefixes } from '../../core/catalog/keys.ts';
import { stewardOf } from '../../core/rendezvous.ts';
import type { Log } from '../../ports/log.ts';
import { AppController, type AppControllerParts } from './app-controller.ts';

/** Nothing wakes an app that waits for, say, a host's clock: all are looked at this often. */
const SWEEP_MS = 5_000;
const MAX_AT_ONCE = 16;

export interface FleetControllerParts extends Omit<AppControllerParts, 'later'> {
  readonly isReady: () => boolean;
  readonly selfId: string;
}

/** Runs a controller for every app that this member is the steward of, one step at a time per app. */
export class FleetController {
  readonly #parts: FleetControllerParts;
  readonly #log: Log;
  readonly #controllers = new Map<string, AppController>();
  readonly #dirty = new Set<string>();
  readonly #busy = new Set<string>();
  readonly #timers = new Map<string, { readonly dueMs: number; readonly cancel: () => void }>();
  #stopSweep: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: FleetControllerParts) {
    this.#parts = parts;
    this.#log = parts.log.child({ part: 'controller' });
  }

  start(): void {
    this.#stopSweep = this.#parts.clock.every(SWEEP_MS, () => this.wakeAll());
    this.wakeAll();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopSweep?.();
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#dirty.clear();
  }

  /** Something changed for this app (`group/app`): a record, a container, a host. */
  wake(app: string): void {
    if (this.#isStopped) return;
    this.#dirty.add(app);
    this.#pump();
  }

  wakeAll(): void {
    const { catalog, view } = this.#parts;
    for (const { key } of catalog.list(prefixes.apps)) this.#dirty.add(key.slice(prefixes.apps.length));
    for (const hostId of view.memberIds()) for (const app of view.appsOn(hostId)) this.#dirty.add(app);
    this.#pump();
  }

  #pump(): void {
    for (const app of this.#dirty) {
      if (this.#isStopped || this.#busy.size >= MAX_AT_ONCE) return;
      if (this.#busy.has(app)) continue;
      this.#dirty.delete(app);
      if (this.#isSteward(app)) void this.#run(app);
      else this.#controllers.delete(app);
    }
  }

  #isSteward(app: string): boolean {
    const { view, selfId, isReady } = this.#parts;
    return isReady() && stewardOf(`apps/${app}`, view.aliveIds()) === selfId;
  }

  async #run(app: string): Promise<void> {
    this.#busy.add(app);
    try {
      await this.#controllerOf(app).step();
    } catch (error) {
      this.#log.warn({ app, error }, 'a controller step failed; it is tried again');
      this.#wakeLater(app, 1_000);
    } finally {
      this.#busy.delete(app);
      this.#pump();
    }
  }

  #controllerOf(app: string): AppController {
    const known = this.#controllers.get(app);
    if (known !== undefined) return known;
    const [group = '', name = ''] = app.split('/');
    const later = (delayMs: number) => this.#wakeLater(app, delayMs);
    const made = new AppController(group, name, { ...this.#parts, log: this.#log, later });
    this.#controllers.set(app, made);
    return made;
  }

  /** One timer per app, for the earliest wish; the sweep covers what is further away than itself. */
  #wakeLater(app: string, delayMs: number): void {
    if (this.#isStopped || delayMs > SWEEP_MS) return;
    const { clock } = this.#parts;
    const dueMs = clock.monotonicMs() + Math.max(10, delayMs);
    const known = this.#timers.get(app);
    if (known !== undefined && known.dueMs <= dueMs) return;
    known?.cancel();
    const cancel = clock.after(dueMs - clock.monotonicMs(), () => {
      this.#timers.delete(app);
      this.wake(app);
    });
    this.#timers.set(app, { dueMs, cancel });
  }
}
