import type { ContainerId } from '../../../protocol/ids.ts';
import { adopt } from '../../core/host/adopt.ts';
import {
  type ContainerIdentity,
  deadlineOf,
  engineIdOf,
  type ManagedContainer,
  newContainer,
  type Wanted,
} from '../../core/host/container.ts';
import type { ContainerEvent, Effect, NoteKind, Sighting } from '../../core/host/messages.ts';
import { step } from '../../core/host/step.ts';
import type { Clock } from '../../ports/clock.ts';

/** Failed containers shown at most; the oldest are forgotten first. */
const FAILED_MAX = 32;
/** Containers remembered after they are gone: more than can go while a list of the engine is on its way. */
const GONE_MAX = 1_000;

export interface RosterDeps {
  readonly clock: Clock;
  readonly perform: (identity: ContainerIdentity, effect: Exclude<Effect, { type: 'free' | 'note' }>) => void;
  /** Its claim ends: it holds nothing of the host any more. */
  readonly free: (identity: ContainerIdentity) => void;
  readonly note: (identity: ContainerIdentity, kind: NoteKind, message: string) => void;
  /** Something that the host's record shows may have changed. */
  readonly changed: () => void;
}

interface Entry {
  readonly container: ManagedContainer;
  /** Count of changes of the roster when this one last changed: older lists of the engine say nothing about it. */
  touchedAt: number;
  timer: { readonly dueMs: number; readonly cancel: () => void } | undefined;
}

/** The host's own containers: feeds each one's life with events, keeps its timer, and passes its effects on. */
export class Roster {
  readonly #deps: RosterDeps;
  readonly #entries = new Map<ContainerId, Entry>();
  /** When each left, oldest first, in changes of the roster. */
  readonly #gone = new Map<ContainerId, number>();
  #changes = 0;

  constructor(deps: RosterDeps) {
    this.#deps = deps;
  }

  /** Count of changes so far; to be taken before a list of the engine is asked for. */
  get changes(): number {
    return this.#changes;
  }

  get containers(): readonly ManagedContainer[] {
    return [...this.#entries.values()].map((entry) => entry.container);
  }

  get(id: ContainerId): ManagedContainer | undefined {
    return this.#entries.get(id)?.container;
  }

  /** Whether a container in a list of the engine, asked for after `changesBefore` changes, is one to adopt. */
  isNew(id: ContainerId, changesBefore: number): boolean {
    return !this.#entries.has(id) && (this.#gone.get(id) ?? 0) <= changesBefore;
  }

  /** A new claim: on its way at once. */
  add(identity: ContainerIdentity): void {
    if (this.#entries.has(identity.containerId)) return;
    this.#insert(newContainer(identity));
    this.apply(identity.containerId, { type: 'run' });
  }

  /** A container of ours that the engine has and the roster has not. */
  adopt(identity: ContainerIdentity, sighting: Sighting, wanted: Wanted): void {
    const { container, effects } = adopt(identity, sighting, wanted, this.#context());
    this.#settle(this.#insert(container), effects);
  }

  apply(id: ContainerId, event: ContainerEvent): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#settle(entry, step(entry.container, event, this.#context()));
  }

  /**
   * Compares what an engine's list shows with what is known.
   *
   * @param changesBefore {@link changes} before the list was asked for: what changed since is newer than the list
   */
  reconcile(sightings: ReadonlyMap<ContainerId, Sighting>, changesBefore: number, isAfterLoss: boolean): void {
    for (const [id, entry] of [...this.#entries]) {
      if (entry.touchedAt > changesBefore) continue;
      const sighting = sightings.get(id);
      const known = engineIdOf(entry.container.life);
      const isAbsent = sighting === undefined || (known !== undefined && known !== sighting.engineId);
      this.apply(id, isAbsent ? { type: 'absent' } : { type: 'sighted', sighting, isAfterLoss });
    }
  }

  /** Drops the timers; the containers go on without us. */
  stop(): void {
    for (const entry of this.#entries.values()) entry.timer?.cancel();
  }

  #insert(container: ManagedContainer): Entry {
    const entry: Entry = { container, touchedAt: this.#changes, timer: undefined };
    this.#entries.set(container.identity.containerId, entry);
    return entry;
  }

  #settle(entry: Entry, effects: readonly Effect[]): void {
    const { identity } = entry.container;
    this.#changes += 1;
    entry.touchedAt = this.#changes;
    if (entry.container.life.phase === 'removed') this.#forget(entry);
    else this.#arm(entry);
    for (const effect of effects) this.#carryOut(identity, effect);
    if (entry.container.life.phase === 'failed') this.#forgetOldestFailed();
    this.#deps.changed();
  }

  #carryOut(identity: ContainerIdentity, effect: Effect): void {
    if (effect.type === 'free') this.#deps.free(identity);
    else if (effect.type === 'note') this.#deps.note(identity, effect.kind, effect.message);
    else this.#deps.perform(identity, effect);
  }

  #arm(entry: Entry): void {
    const dueMs = deadlineOf(entry.container);
    if (entry.timer?.dueMs === dueMs) return;
    entry.timer?.cancel();
    entry.timer = undefined;
    if (dueMs === undefined) return;
    const cancel = this.#deps.clock.after(Math.max(0, dueMs - this.#deps.clock.nowMs()), () => {
      entry.timer = undefined;
      this.apply(entry.container.identity.containerId, { type: 'tick' });
    });
    entry.timer = { dueMs, cancel };
  }

  #forget(entry: Entry): void {
    entry.timer?.cancel();
    const id = entry.container.identity.containerId;
    this.#entries.delete(id);
    this.#gone.set(id, this.#changes);
    for (const oldest of this.#gone.keys()) {
      if (this.#gone.size <= GONE_MAX) break;
      this.#gone.delete(oldest);
    }
  }

  #forgetOldestFailed(): void {
    const failed = [...this.#entries.values()].filter((entry) => entry.container.life.phase === 'failed');
    for (const entry of failed.slice(0, Math.max(0, failed.length - FAILED_MAX))) this.#forget(entry);
  }

  #context() {
    const { clock } = this.#deps;
    return { nowMs: clock.nowMs(), rng: () => clock.random() };
  }
}
