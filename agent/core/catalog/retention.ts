import { limits } from '../../../protocol/limits.ts';
import { hlcMs } from './hlc.ts';
import { familyOf } from './key-index.ts';
import type { CatalogRecord, Hlc } from './record.ts';

/**
 * Time limits move in steps of this size, at the same instants everywhere: between two steps all members agree on what
 * is too old, so their trees differ for the skew of their clocks once an hour and not all the time.
 */
export const RETENTION_STEP_MS = 3_600_000;

/** The step that `nowMs` is in. */
export const retentionStep = (nowMs: number): number => Math.floor(nowMs / RETENTION_STEP_MS);

/** Stamps before this are older than `keepMs`. */
const cutoffMs = (keepMs: number, nowMs: number): number => retentionStep(nowMs) * RETENTION_STEP_MS - keepMs;

/** How long records of a family are kept whatever they say, in milliseconds; undefined: until deleted. */
function keepMsOf(family: string): number | undefined {
  switch (family) {
    case 'events':
      return limits.eventRetentionMs;
    case 'idempotency':
      return limits.idempotencyMs;
    case 'history':
      return limits.tombstoneMs;
    default:
      return undefined;
  }
}

/** Whether every record of this key and stamp is too old to keep, whatever its value. */
export function isKeyExpired(key: string, hlc: Hlc, nowMs: number): boolean {
  const keepMs = keepMsOf(familyOf(key));
  return keepMs !== undefined && hlcMs(hlc) < cutoffMs(keepMs, nowMs);
}

/**
 * Whether a record is too old to keep: a tombstone, an event, a conflict's loser, an idempotency key, or an operation that
 * has ended. Depends on the record and the time only, so every member decides alike.
 */
export function isExpired(record: CatalogRecord, nowMs: number): boolean {
  if (isKeyExpired(record.key, record.hlc, nowMs)) return true;
  const ms = hlcMs(record.hlc);
  if (record.deleted) return ms < cutoffMs(limits.tombstoneMs, nowMs);
  if (familyOf(record.key) !== 'operations' || ms >= cutoffMs(limits.operationRetentionMs, nowMs)) return false;
  return isFinished(record.value);
}

/** The value is JSON: it was checked when it came in. */
function isFinished(value: string): boolean {
  const operation = JSON.parse(value) as { readonly state?: unknown };
  return operation.state !== 'running';
}
