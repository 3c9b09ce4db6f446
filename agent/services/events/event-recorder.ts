import { type HostId, newId } from '../../../protocol/ids.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Catalog } from '../catalog/catalog.ts';

const FLUSH_MS = 200;
/** One host must not fill the timeline of the mesh, nor one app that of its host. */
const MAX_PER_MINUTE = 300;
const MAX_PER_APP_AND_MINUTE = 60;
const MESSAGE_LENGTH_MAX = 2_048;

/** What happened; the recorder adds id, time and source. */
export type Happening = Omit<Event, 'id' | 'at' | 'source'>;

export interface EventRecorderParts {
  readonly catalog: Pick<Catalog, 'draft' | 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly hostId: HostId;
}

/** Appends to the timeline. Events are not worth a wait: they are written in batches and reach others by gossip. */
export class EventRecorder {
  readonly #parts: EventRecorderParts;
  /** At most a minute's events: they are flushed far more often. */
  #queue: Event[] = [];
  #cancelFlush: (() => void) | undefined;
  #isStopped = false;
  #minute: Minute = newMinute(0);
  /** Time in the last event's id: each is later than the one before, so that their order is that of their ids. */
  #lastIdMs = 0;

  constructor(parts: EventRecorderParts) {
    this.#parts = parts;
  }

  record(happening: Happening): void {
    if (this.#isStopped || !this.#isWithinRate(happening)) return;
    this.#add(happening);
  }

  #add(happening: Happening): void {
    const { clock, hostId } = this.#parts;
    const nowMs = clock.nowMs();
    this.#lastIdMs = Math.max(nowMs, this.#lastIdMs + 1);
    this.#queue.push({
      ...happening,
      message: happening.message.slice(0, MESSAGE_LENGTH_MAX),
      id: newId('event', this.#lastIdMs, () => clock.random()),
      at: new Date(nowMs).toISOString(),
      source: hostId,
    });
    this.#cancelFlush ??= clock.after(FLUSH_MS, () => void this.#flush());
  }

  /** Writes what is left. Nothing is recorded any more. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelFlush?.();
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const { catalog, log } = this.#parts;
    this.#cancelFlush = undefined;
    const batch = this.#queue;
    this.#queue = [];
    if (batch.length === 0) return;
    try {
      await catalog.commit(catalog.draft(batch.map((event) => ({ key: keys.event(event.id), value: event }))));
    } catch (error) {
      log.warn({ error, count: batch.length }, 'events could not be stored');
    }
  }

  #isWithinRate({ group = '', app = '' }: Happening): boolean {
    const index = Math.floor(this.#parts.clock.monotonicMs() / 60_000);
    if (index !== this.#minute.index) {
      const { dropped } = this.#minute;
      this.#minute = newMinute(index);
      if (dropped > 0)
        this.#add({ kind: 'events.dropped', message: `${dropped} events in a minute were too many to keep` });
    }
    const minute = this.#minute;
    const key = `${group}/${app}`;
    const ofApp = (minute.byApp.get(key) ?? 0) + 1;
    const isWithin = minute.recorded < MAX_PER_MINUTE && (app === '' || ofApp <= MAX_PER_APP_AND_MINUTE);
    if (!isWithin) {
      minute.dropped += 1;
      return false;
    }
    minute.byApp.set(key, ofApp);
    minute.recorded += 1;
    return true;
  }
}

interface Minute {
  readonly index: number;
  recorded: number;
  dropped: number;
  /** At most as many entries as events are recorded. */
  readonly byApp: Map<string, number>;
}

const newMinute = (index: number): Minute => ({ index, recorded: 0, dropped: 0, byApp: new Map() });
