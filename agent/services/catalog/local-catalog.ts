import { type ErrorCode, ShoalError } from '../../../protocol/errors.ts';
import { type CatalogState, getRecord, listRecords } from '../../core/catalog/catalog.ts';
import { draft } from '../../core/catalog/draft.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';
import type { Write } from '../../core/model/verdict.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { MeshService } from '../mesh/mesh-service.ts';
import type { Catalog, Stored } from './catalog.ts';
import { faultOfValue } from './families.ts';

export interface LocalCatalogParts {
  readonly mesh: Pick<MeshService, 'state' | 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The catalog of this member: reads from memory, commits through the mesh core. Values were written by any member of any
 * version, so each is checked once; one that does not fit is kept and passed on, but nobody here gets to see it.
 */
export class LocalCatalog implements Catalog {
  readonly #parts: LocalCatalogParts;
  readonly #handlers = new Set<(keys: readonly string[]) => void>();
  /** By record, so a value is parsed and judged once per version. `undefined`: it does not fit. */
  readonly #values = new WeakMap<CatalogRecord, object | undefined>();
  #unreadable = 0;

  constructor(parts: LocalCatalogParts) {
    this.#parts = parts;
  }

  /** Versions of records met since the start whose value does not fit. */
  get unreadable(): number {
    return this.#unreadable;
  }

  get<T>(key: string): Stored<T> | undefined {
    const record = getRecord(this.#state, key);
    return record === undefined ? undefined : this.#stored(record);
  }

  list<T>(prefix: string): readonly Stored<T>[] {
    return listRecords(this.#state, prefix).flatMap((record) => this.#stored<T>(record) ?? []);
  }

  record(key: string): CatalogRecord | undefined {
    return this.#state.records.get(key);
  }

  draft(writes: readonly Write[]): readonly CatalogRecord[] {
    for (const { key, value } of writes) {
      const fault = value === undefined ? undefined : faultOfValue(key, value);
      if (fault !== undefined) throw unstorable('invalid-request', key, fault);
    }
    const texts = writes.map(({ key, value }) => ({
      key,
      value: value === undefined ? undefined : JSON.stringify(value),
    }));
    const drafted = draft(this.#state, texts, this.#parts.mesh.state.self, this.#parts.clock.nowMs());
    if (!drafted.ok) {
      throw unstorable(drafted.reason === 'too-large' ? 'too-large' : 'invalid-request', drafted.key, drafted.reason);
    }
    return drafted.records;
  }

  async commit(records: readonly CatalogRecord[]): Promise<void> {
    await this.#parts.mesh.commit(records);
    const refused = records.find(({ key, hlc }) => (this.record(key)?.hlc ?? '') < hlc);
    if (refused === undefined) return;
    throw new ShoalError('not-replicated', `A member could not take in ${refused.key}; compare the hosts' clocks.`);
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
    return this.#parts.mesh.state.catalog;
  }

  #stored<T>(record: CatalogRecord): Stored<T> | undefined {
    const value = this.#values.has(record) ? this.#values.get(record) : this.#read(record);
    return value === undefined ? undefined : { key: record.key, value: value as T, revision: record.hlc };
  }

  #read(record: CatalogRecord): object | undefined {
    const value = JSON.parse(record.value) as object;
    const fault = faultOfValue(record.key, value);
    if (fault !== undefined) {
      this.#unreadable += 1;
      this.#parts.log.warn({ key: record.key, author: record.author }, 'a catalog record does not fit and is ignored');
      this.#parts.log.debug({ key: record.key, fault }, 'what is wrong with the record');
    }
    const read = fault === undefined ? value : undefined;
    this.#values.set(record, read);
    return read;
  }
}

const unstorable = (code: ErrorCode, key: string, why: string): ShoalError =>
  new ShoalError(code, `The record ${key} cannot be stored: ${why}.`);
