import { type HostId, newId } from '../../../protocol/ids.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import { keys } from '../../core/catalog/keys.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Catalog } from '../catalog/catalog.ts';

const FLUSH_MS = 200;
const MAX_QUEUED = 1_000;
/** A container in a crash loop must not fill the timeline of the mesh. */
const MAX_PER_MINUTE = 300;

/** What happened; the recorder adds id, time and source. */
export type Happening = Omit<Event, 'id' | 'at' | 'source'>;

/** Appends to the timeline. Events are not worth a wait: they are written in batches and reach others by gossip. */
export class EventRecorder {
  readonly #parts: { catalog: Catalog; clock: Clock; log: Log; hostId: HostId };
  #queue: Event[] = [];
  #cancelFlush: (() => void) | undefined;
  #minute = 0;
  #inMinute = 0;

  constructor(parts: { catalog: Catalog; clock: Clock; log: Log; hostId: HostId }) {
    this.#parts = parts;
  }

  record(happening: Happening): void {
    const { clock, hostId } = this.#parts;
    const nowMs = clock.nowMs();
    if (!this.#isWithinRate(nowMs)) return;
    this.#queue.push({
      ...happening,
      message: happening.message.slice(0, 2_048),
      id: newId('event', nowMs, () => clock.random()),
      at: new Date(nowMs).toISOString(),
      source: hostId,
    });
    if (this.#queue.length > MAX_QUEUED) this.#queue.shift();
    this.#cancelFlush ??= clock.after(FLUSH_MS, () => void this.flush());
  }

  async flush(): Promise<void> {
    const { catalog, log } = this.#parts;
    this.#cancelFlush?.();
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

  #isWithinRate(nowMs: number): boolean {
    const minute = Math.floor(nowMs / 60_000);
    if (minute !== this.#minute) {
      if (this.#inMinute > MAX_PER_MINUTE)
        this.#parts.log.warn({ dropped: this.#inMinute - MAX_PER_MINUTE }, 'too many events in a minute');
      this.#minute = minute;
      this.#inMinute = 0;
    }
    this.#inMinute += 1;
    return this.#inMinute <= MAX_PER_MINUTE;
  }
}
