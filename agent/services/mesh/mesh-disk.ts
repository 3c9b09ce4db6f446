import { Compile } from 'typebox/compile';
import { HostRecord } from '../../../protocol/schemas/host.ts';
import { type CatalogState, newCatalog } from '../../core/catalog/catalog.ts';
import { encodeRecord, loadCatalog } from '../../core/catalog/codec.ts';
import { type DecodeHostRecord, HostRecordStore } from '../../core/catalog/host-records.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Store, StoreOp } from '../../ports/store.ts';
import { BatchWriter } from './batch-writer.ts';

const CATALOG = 'catalog/';
const INCARNATION = 'mesh/incarnation';

const hostRecord = Compile(HostRecord);

/** What the mesh core starts from, and where its changes go. */
export interface LoadedMesh {
  readonly catalog: CatalogState;
  readonly hosts: HostRecordStore;
  /** Above that of every earlier start. */
  readonly startIncarnation: number;
  /** Wall clock at the start. Milliseconds. */
  readonly startedAtMs: number;
  persist(records: readonly CatalogRecord[], removed: readonly string[]): void;
  /** Resolves when everything persisted so far is synced; rejects when that failed. */
  flushed(): Promise<void>;
  /** Whether the last write failed. */
  isFailing(): boolean;
}

/** Reads the catalog from the store. Host records are not stored: their hosts tell them again. */
export async function loadMesh(store: Store, clock: Clock, log: Log): Promise<LoadedMesh> {
  const catalog = newCatalog();
  const nowMs = clock.nowMs();
  const entries: (readonly [string, Uint8Array])[] = [];
  for await (const [key, value] of store.entries(CATALOG)) entries.push([key.slice(CATALOG.length), value]);
  const loaded = loadCatalog(catalog, entries, nowMs);
  if (loaded.quarantined.length > 0) log.warn({ count: loaded.quarantined.length }, 'stored records cannot be read');
  const startIncarnation = await nextIncarnation(store, nowMs);
  const writer = new BatchWriter(store, clock, log);
  const disk: LoadedMesh = {
    catalog,
    hosts: new HostRecordStore(decodeHostRecord),
    startIncarnation,
    startedAtMs: nowMs,
    persist: (records, removed) => writer.add(opsOf(records, removed)),
    flushed: () => writer.flushed(),
    isFailing: () => writer.isFailing,
  };
  const stored = new Set(entries.map(([key]) => key));
  disk.persist(
    loaded.changed.filter(({ key }) => !stored.has(key)),
    loaded.removed,
  );
  await disk.flushed();
  return disk;
}

/** The catalog's records of a joiner, or of a new mesh, before its agent ever ran. */
export const storeRecords = (store: Store, records: readonly CatalogRecord[]): Promise<void> =>
  store.write(opsOf(records, []));

const opsOf = (records: readonly CatalogRecord[], removed: readonly string[]): StoreOp[] => [
  ...records.map((record): StoreOp => ({ type: 'put', key: CATALOG + record.key, value: encodeRecord(record) })),
  ...removed.map((key): StoreOp => ({ type: 'del', key: CATALOG + key })),
];

/** Time alone would do, were clocks never set back. */
async function nextIncarnation(store: Store, nowMs: number): Promise<number> {
  const stored = await store.get(INCARNATION);
  const before = stored === undefined ? 0 : Number(new TextDecoder().decode(stored));
  const next = Math.max(nowMs, (Number.isSafeInteger(before) ? before : 0) + 1);
  await store.write([{ type: 'put', key: INCARNATION, value: new TextEncoder().encode(String(next)) }]);
  return next;
}

const decodeHostRecord: DecodeHostRecord = (payload) => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
    if (hostRecord.Check(value)) return { ok: true, value };
    const [first] = hostRecord.Errors(value);
    return {
      ok: false,
      reason: `${first?.instancePath ?? ''} ${first?.message ?? 'is not a host record'}`.slice(0, 256),
    };
  } catch {
    return { ok: false, reason: 'not JSON' };
  }
};
