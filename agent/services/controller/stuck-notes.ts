import type { ContainerId } from '../../../protocol/ids.ts';
import type { StuckRecord } from '../../../protocol/schemas/model.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import type { PlacedContainer } from '../../core/deploy/actual.ts';
import type { Write } from '../../core/model/verdict.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { EventRecorder } from '../events/event-recorder.ts';

export interface Stuck {
  readonly container: PlacedContainer;
  readonly rule: string;
  readonly detail: string;
}

export interface StuckNotesParts {
  readonly catalog: Pick<Catalog, 'list' | 'draft' | 'commit'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly clock: Clock;
}

/** What people are told of an app's containers that have to go elsewhere and can't. Written when it changes. */
export class StuckNotes {
  readonly #parts: StuckNotesParts;
  readonly #group: string;
  readonly #app: string;

  constructor(group: string, app: string, parts: StuckNotesParts) {
    this.#group = group;
    this.#app = app;
    this.#parts = parts;
  }

  /**
   * @param found those that were tried just now in vain
   * @param isStill whether an earlier note may still hold: its container was not tried now, and is there and has to leave
   */
  async update(found: readonly Stuck[], isStill: (id: ContainerId) => boolean): Promise<void> {
    const { catalog, clock, events } = this.#parts;
    const known = new Map(this.#known().map((note) => [note.containerId, note]));
    const writes: Write[] = [];
    for (const { container, rule, detail } of found) {
      const before = known.get(container.id);
      known.delete(container.id);
      if (before?.rule === rule && before.detail === detail) continue;
      const { id: containerId, hostId, group, app } = container;
      const note = {
        containerId,
        hostId,
        group,
        app,
        rule,
        detail: detail.slice(0, 2_048),
        at: new Date(clock.nowMs()).toISOString(),
      };
      writes.push({ key: keys.stuck(containerId), value: note satisfies StuckRecord });
      if (before?.rule === rule) continue;
      events.record({
        ...{ kind: 'container.stuck', message: `${container.name} can't leave its host: ${detail}` },
        ...{ host: hostId, group, app, container: containerId },
      });
    }
    for (const id of known.keys()) if (!isStill(id)) writes.push({ key: keys.stuck(id), value: undefined });
    if (writes.length > 0) await catalog.commit(catalog.draft(writes));
  }

  #known(): readonly StuckRecord[] {
    return this.#parts.catalog
      .list<StuckRecord>(prefixes.stuck)
      .map(({ value }) => value)
      .filter(({ group, app }) => group === this.#group && app === this.#app);
  }
}
