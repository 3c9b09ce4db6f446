import type { ContainerId } from '../../../protocol/ids.ts';
import type { Wanted } from '../../core/host/container.ts';
import type { Store } from '../../ports/store.ts';

const PREFIX = 'wanted/';
const STOPPED = new TextEncoder().encode('stopped');

/**
 * Which containers people stopped on purpose, on disk: labels of a container can't change, and a container that was stopped
 * must stay so when the agent or the host starts again. Only stopped ones have an entry.
 */
export class WantedStates {
  readonly #store: Store;
  readonly #stopped = new Set<ContainerId>();

  constructor(store: Store) {
    this.#store = store;
  }

  async load(): Promise<void> {
    for await (const [key] of this.#store.entries(PREFIX)) this.#stopped.add(key.slice(PREFIX.length) as ContainerId);
  }

  get(id: ContainerId): Wanted {
    return this.#stopped.has(id) ? 'stopped' : 'running';
  }

  /** Resolves once it is on disk. */
  async set(id: ContainerId, wanted: Wanted): Promise<void> {
    if (wanted === this.get(id)) return;
    const key = PREFIX + id;
    if (wanted === 'stopped') {
      this.#stopped.add(id);
      await this.#store.write([{ type: 'put', key, value: STOPPED }]);
    } else {
      this.#stopped.delete(id);
      await this.#store.write([{ type: 'del', key }]);
    }
  }

  /** Forgets every container that is not among `present`. */
  async retain(present: ReadonlySet<ContainerId>): Promise<void> {
    const gone = [...this.#stopped].filter((id) => !present.has(id));
    if (gone.length === 0) return;
    for (const id of gone) this.#stopped.delete(id);
    await this.#store.write(gone.map((id) => ({ type: 'del', key: PREFIX + id })));
  }
}
