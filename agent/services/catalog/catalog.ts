import type { CatalogRecord } from '../../core/catalog/record.ts';
import type { Write } from '../../core/model/verdict.ts';

/** A record as services read it: parsed, with its stamp as revision. */
export interface Stored<T> {
  readonly key: string;
  readonly value: T;
  /** The catalog stamp; an ETag for people, `ifMatch` for writers. */
  readonly revision: string;
}

/** This member's copy of what people want. Reads are local and immediate; writes go through the record's steward. */
export interface Catalog {
  get<T>(key: string): Stored<T> | undefined;
  /** In key order. */
  list<T>(prefix: string): readonly Stored<T>[];
  /** The record as it travels; also a tombstone. */
  record(key: string): CatalogRecord | undefined;
  /** Stamps writes with this member's clock; changes nothing yet. */
  draft(writes: readonly Write[]): readonly CatalogRecord[];
  /** Merges the records, syncs them to disk and gossips them. Resolves when they are on this member's disk. */
  commit(records: readonly CatalogRecord[]): Promise<void>;
  onChange(handler: (keys: readonly string[]) => void): () => void;
}
