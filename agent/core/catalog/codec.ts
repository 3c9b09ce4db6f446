import type { HostId } from '../../../protocol/ids.ts';
import type { CatalogState } from './catalog.ts';
import { type MergeOutcome, merge } from './merge.ts';
import type { CatalogRecord, Hlc } from './record.ts';

/** Version of the form on disk. */
const FORM = 1;
const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A record as it lies on disk: a JSON array, so that the next form can be told apart by its first element. */
export const encodeRecord = ({ key, hlc, author, deleted, value, ancestors }: CatalogRecord): Uint8Array =>
  encoder.encode(JSON.stringify([FORM, key, hlc, author, deleted, value, ancestors]));

/** Checks the form only; `merge` checks what is in it. */
export function decodeRecord(
  bytes: Uint8Array,
): { readonly ok: true; readonly record: CatalogRecord } | { readonly ok: false; readonly reason: 'undecodable' } {
  const undecodable = { ok: false, reason: 'undecodable' } as const;
  try {
    const fields: unknown = JSON.parse(decoder.decode(bytes));
    if (!Array.isArray(fields) || fields.length !== 7 || fields[0] !== FORM) return undecodable;
    const [, key, hlc, author, deleted, value, ancestors] = fields as unknown[];
    if (typeof key !== 'string' || typeof hlc !== 'string' || typeof author !== 'string') return undecodable;
    if (typeof deleted !== 'boolean' || typeof value !== 'string') return undecodable;
    if (!Array.isArray(ancestors) || !ancestors.every((stamp) => typeof stamp === 'string')) return undecodable;
    const stamps = ancestors as Hlc[];
    const record = { key, hlc: hlc as Hlc, author: author as HostId, deleted, value, ancestors: stamps };
    return { ok: true, record };
  } catch {
    return undecodable;
  }
}

/**
 * Fills an empty catalog from disk at start. An entry that can't be read is quarantined under its name and stays on disk;
 * the rest is not affected.
 *
 * @returns what differs from the disk, to be written back
 */
export function loadCatalog(
  state: CatalogState,
  entries: Iterable<readonly [name: string, bytes: Uint8Array]>,
  nowMs: number,
): MergeOutcome {
  const records: CatalogRecord[] = [];
  for (const [name, bytes] of entries) {
    const decoded = decodeRecord(bytes);
    if (decoded.ok) records.push(decoded.record);
    else state.quarantine.add(name, decoded.reason, nowMs);
  }
  return merge(state, records, nowMs, 'disk');
}
