import { ShoalError } from '../../../protocol/errors.ts';
import { type CatalogState, getRecord, listRecords } from '../../core/catalog/catalog.ts';
import { draft } from '../../core/catalog/draft.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';
import type { Write } from '../../core/model/verdict.ts';
import type { Clock } from '../../ports/clock.ts';
import type { MeshService } from '../mesh/mesh-service.ts';
import type { Catalog, Stored } from './catalog.ts';

/** The catalog of this member: reads from memory, commits through the mesh core. */
export class LocalCatalog implements Catalog {
  readonly #mesh: MeshService;
  readonly #clock: Clock;
  readonly #handlers = new Set<(keys: readonly string[]) => void>();
  /** Parsed once per version of a record. */
  readonly #parsed = new WeakMap<CatalogRecord, unknown>();

  constructor(mesh: MeshService, clock: Clock) {
    this.#mesh = mesh;
    this.#clock = clock;
  }

  get<T>(key: string): Stored<T> | undefined {
    const record = getRecord(this.#state, key);
    return record === undefined ? undefined : this.#stored(record);
  }

  list<T>(prefix: string): readonly Stored<T>[] {
    return listRecords(this.#state, prefix).map((record) => this.#stored<T>(record));
  }

  record(key: string): CatalogRecord | undefined {
    return this.#state.records.get(key);
  }

  draft(writes: readonly Write[]): readonly CatalogRecord[] {
    const texts = writes.map(({ key, value }) => ({
      key,
      value: value === undefined ? undefined : JSON.stringify(value),
    }));
    const drafted = draft(this.#state, texts, this.#mesh.state.self, this.#clock.nowMs());
    if (!drafted.ok)
      throw new ShoalError('invalid-request', `The record ${drafted.key} cannot be stored: ${drafted.reason}.`);
    return drafted.records;
  }

  commit(records: readonly CatalogRecord[]): Promise<void> {
    return this.#mesh.commit(records);
  }

  onChange(handler: (keys: readonly string[]) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  /** The mesh core took in new versions of these keys. */
  changed(keys: readonly string[]): void {
    for (const handler of this.#handlers) handler(keys);
  }

  get #state(): CatalogState {
    return this.#mesh.state.catalog;
  }

  #stored<T>(record: CatalogRecord): Stored<T> {
    let value = this.#parsed.get(record);
    if (value === undefined) {
      value = JSON.parse(record.value);
      this.#parsed.set(record, value);
    }
    return { key: record.key, value: value as T, revision: record.hlc };
  }
}
