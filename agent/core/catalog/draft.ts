import type { HostId } from '../../../protocol/ids.ts';
import type { CatalogState } from './catalog.ts';
import { ANCESTORS_MAX, faultOf, type RecordFault } from './check-record.ts';
import { tick } from './hlc.ts';
import type { CatalogRecord, Hlc } from './record.ts';

/** One wanted change. */
export interface CatalogWrite {
  readonly key: string;
  /** JSON text of an object; undefined deletes. */
  readonly value: string | undefined;
  /** The stamp the live record must have; null: there must be none. Left out: whatever is there is replaced. */
  readonly expected?: Hlc | null;
}

export type DraftOutcome =
  | { readonly ok: true; readonly records: readonly CatalogRecord[] }
  | {
      readonly ok: false;
      readonly reason: 'precondition-failed' | RecordFault;
      readonly key: string;
      /** The stamp of the live record, if there is one. */
      readonly actual: Hlc | undefined;
    };

/**
 * Makes the records of some writes, all or none, stamped by this member's clock and knowing what they replace. Nothing
 * but the clock changes: hand the records to `merge` once they may count.
 */
export function draft(
  state: CatalogState,
  writes: readonly CatalogWrite[],
  author: HostId,
  nowMs: number,
): DraftOutcome {
  const drafted = new Map<string, CatalogRecord>();
  for (const write of writes) {
    const before = drafted.get(write.key) ?? state.records.get(write.key);
    const actual = before === undefined || before.deleted ? undefined : before.hlc;
    if (write.expected !== undefined && (write.expected ?? undefined) !== actual) {
      return { ok: false, reason: 'precondition-failed', key: write.key, actual };
    }
    const record: CatalogRecord = {
      key: write.key,
      hlc: tick(state.clock, nowMs, author),
      author,
      deleted: write.value === undefined,
      value: write.value ?? '',
      ancestors: before === undefined ? [] : [before.hlc, ...before.ancestors].slice(0, ANCESTORS_MAX),
    };
    const fault = faultOf(record);
    if (fault !== undefined) return { ok: false, reason: fault, key: write.key, actual };
    drafted.set(write.key, record);
  }
  return { ok: true, records: [...drafted.values()] };
}
