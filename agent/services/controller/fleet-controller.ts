import type { HostId } from '../../../protocol/ids.ts';
import { prefixes } from '../../core/catalog/keys.ts';
import { stewardOf } from '../../core/rendezvous.ts';
import type { Log } from '../../ports/log.ts';
import type { MeshView } from '../view/mesh-view.ts';
import { AppController, type AppControllerParts } from './app-controller.ts';

/** Nothing wakes an app that waits for, say, a host's clock: all are looked at this often. */
const SWEEP_MS = 5_000;
const RETRY_MS = 1_000;
/** A wish to be called again at once: in a later turn all the same. */
const SOON_MS = 10;
const MAX_AT_ONCE = 16;
/** Apps whose steward is remembered. */
const KNOWN_MAX = 10_000;

export interface FleetControllerParts extends Omit<AppControllerParts, 'later' | 'signal'> {
  readonly view: AppControllerParts['view'] & Pick<MeshView, 'memberIds' | 'appsOn'>;
  /** Whether this member knows enough to act. */
  readonly isReady: () => boolean;
  readonly selfId: HostId;
}

/** Runs a controller for every app that this member is the steward of, one step at a time per app. */
export class FleetController {
  readonly #parts: FleetControllerParts;
  readonly #log: Log;
  readonly #controllers = new Map<string, AppController>();
  readonly #dirty = new Set<string>();
  readonly #busy = new Map<string, Promise<void>>();
  /** Apps whose last step failed. */
  readonly #failing = new Set<string>();
  readonly #isMine = new Map<string, boolean>();
  /** The members alive that this was found with. */
  #judgedBy: readonly HostId[] | undefined;
  readonly #timers = new Map<string, { readonly dueMs: number; readonly cancel: () => void }>();
  readonly #stopped = new AbortController();
  #stopSweep: (() => void) | undefined;

  constructor(parts: FleetControllerParts) {
    this.#parts = parts;
    this.#log = parts.log.child({ part: 'controller' });
  }

  start(): void {
    this.#stopSweep = this.#parts.clock.every(SWEEP_MS, () => this.wakeAll());
    this.wakeAll();
  }

  /** Resolves when no step is under way any more. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#stopSweep?.();
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
    this.#dirty.clear();
    await Promise.all(this.#busy.values());
  }

  /** Something changed for these apps (`group/app`): a record, a container, a host. */
  wake(...apps: readonly string[]): void {
    if (this.#stopped.signal.aborted) return;
    for (const app of apps) this.#dirty.add(app);
    this.#pump();
  }

  /** Something changed that may concern any app. */
  wakeAll(): void {
    if (this.#stopped.signal.aborted) return;
    const { catalog, view } = this.#parts;
    for (const { key } of catalog.list(prefixes.apps)) this.#dirty.add(key.slice(prefixes.apps.length));
    for (const hostId of view.memberIds()) for (const app of view.appsOn(hostId)) this.#dirty.add(app);
    for (const app of this.#controllers.keys()) if (!this.#dirty.has(app)) this.#forget(app);
    this.#pump();
  }

  #pump(): void {
    // What is dirty stays so until this member knows enough.
    if (!this.#parts.isReady()) return;
    for (const app of this.#dirty) {
      if (this.#busy.size >= MAX_AT_ONCE) return;
      if (this.#busy.has(app)) continue;
      this.#dirty.delete(app);
      if (this.#isSteward(app)) this.#busy.set(app, this.#run(app));
      else this.#forget(app);
    }
  }

  /** Remembered for as long as the same members are alive: every host record asks, for each app on that host. */
  #isSteward(app: string): boolean {
    const { view, selfId } = this.#parts;
    const alive = view.aliveIds();
    if (alive !== this.#judgedBy || this.#isMine.size >= KNOWN_MAX) {
      this.#judgedBy = alive;
      this.#isMine.clear();
    }
    const known = this.#isMine.get(app);
    if (known !== undefined) return known;
    const isMine = stewardOf(`${prefixes.apps}${app}`, alive) === selfId;
    this.#isMine.set(app, isMine);
    return isMine;
  }

  /** Never rejects. */
  async #run(app: string): Promise<void> {
    // Its entry among the busy ones comes first, however quick the step is.
    await Promise.resolve();
    try {
      await this.#controllerOf(app).step();
      this.#failing.delete(app);
    } catch (error) {
      if (this.#failing.has(app)) this.#log.debug({ app, error }, 'a controller step failed again');
      else this.#log.warn({ app, error }, 'a controller step failed; it is tried again');
      this.#failing.add(app);
      this.#wakeLater(app, RETRY_MS);
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
    const made = new AppController(group, name, {
      ...this.#parts,
      log: this.#log,
      signal: this.#stopped.signal,
      later,
    });
    this.#controllers.set(app, made);
    return made;
  }

  /** Another member's, or nobody's any more: what was remembered of it is out of date from now on. */
  #forget(app: string): void {
    this.#controllers.delete(app);
    this.#failing.delete(app);
  }

  /** One timer per app, for the earliest wish; the sweep covers what is further away than itself. */
  #wakeLater(app: string, delayMs: number): void {
    if (this.#stopped.signal.aborted || delayMs > SWEEP_MS) return;
    const { clock } = this.#parts;
    const dueMs = clock.monotonicMs() + Math.max(SOON_MS, delayMs);
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
