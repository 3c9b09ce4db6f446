import { limits } from '../../../protocol/limits.ts';
import { type CatalogState, forgetKey, putRecord } from './catalog.ts';
import { faultOf, type RecordFault } from './check-record.ts';
import { asHistory, losersToKeep } from './history.ts';
import { advance, hlcMs, parseHlc, receive } from './hlc.ts';
import { isKey, parseKey } from './keys.ts';
import type { Quarantined } from './quarantine.ts';
import type { CatalogRecord, Hlc } from './record.ts';
import { isExpired, isKeyExpired } from './retention.ts';

/** Two versions of a key of which neither was made from the other. The later stamp won; the loser is in the key's history. */
export interface Conflict {
  readonly winner: CatalogRecord;
  readonly loser: CatalogRecord;
}

/** What a merge did; `changed` and `removed` are to be written to disk in one batch. */
export interface MergeOutcome {
  /** Records now held that were not before, history among them. One per key. */
  readonly changed: readonly CatalogRecord[];
  /** History keys no longer held, because somebody has since built on that version. */
  readonly removed: readonly string[];
  /** Found by this merge, also by others' word; each once per member. */
  readonly conflicts: readonly Conflict[];
  readonly quarantined: readonly Quarantined[];
  /** Records that `expire` would remove again. */
  readonly expired: number;
}

class Outcome implements MergeOutcome {
  readonly changes = new Map<string, CatalogRecord>();
  readonly removals = new Set<string>();
  readonly conflicts: Conflict[] = [];
  readonly quarantined: Quarantined[] = [];
  expired = 0;

  get changed(): readonly CatalogRecord[] {
    return [...this.changes.values()];
  }

  get removed(): readonly string[] {
    return [...this.removals];
  }
}

/** Whose records they are: a peer's stamps may be from a wrong clock, the own disk's were checked when they came in. */
export type MergeSource = 'peer' | 'disk';

/**
 * Takes records in. Commutative, associative and idempotent: members that were given the same records hold the same,
 * whatever the order and however often. A record that can't be taken in is quarantined by itself. Never throws.
 */
export function merge(
  state: CatalogState,
  records: Iterable<CatalogRecord>,
  nowMs: number,
  source: MergeSource = 'peer',
): MergeOutcome {
  const outcome = new Outcome();
  for (const record of records) {
    if (state.records.get(record.key)?.hlc === record.hlc) continue;
    const fault = faultOf(record) ?? admit(state, record, nowMs, source);
    if (fault !== undefined) {
      outcome.quarantined.push(state.quarantine.add(quarantineName(record.key, record.hlc), fault, nowMs));
    } else if (isExpired(record, nowMs) || isBelowFloor(state, record.key, record.hlc)) {
      outcome.expired += 1;
    } else {
      state.quarantine.remove(quarantineName(record.key, record.hlc));
      take(state, record, nowMs, outcome);
    }
  }
  return outcome;
}

/** Whether to ask a peer for this version of a key: it is news, and `merge` is not known to refuse it. */
export function wants(state: CatalogState, key: string, hlc: Hlc, nowMs: number): boolean {
  const stamp = parseHlc(hlc);
  if (stamp === undefined || !isKey(key)) return false;
  const held = state.records.get(key);
  if (held !== undefined && held.hlc >= hlc) return false;
  if (isKeyExpired(key, hlc, nowMs) || isBelowFloor(state, key, hlc)) return false;
  const quarantined = state.quarantine.get(quarantineName(key, hlc));
  if (quarantined === undefined) return true;
  return quarantined.reason === 'from-the-future' && hlcMs(hlc) <= nowMs + limits.clockAheadMs;
}

const quarantineName = (key: string, hlc: Hlc): string => `${key} ${hlc}`;

const isBelowFloor = (state: CatalogState, key: string, hlc: Hlc): boolean =>
  state.eventFloor !== undefined && hlc < state.eventFloor && key.startsWith('events/');

/** What depends on this member: its clock, and whether there is room. */
function admit(
  state: CatalogState,
  record: CatalogRecord,
  nowMs: number,
  source: MergeSource,
): RecordFault | undefined {
  if (state.records.size >= limits.catalogRecords && !state.records.has(record.key)) return 'full';
  const stamp = parseHlc(record.hlc);
  if (stamp === undefined) return 'bad-stamp';
  if (source === 'disk') {
    advance(state.clock, stamp);
    return undefined;
  }
  const received = receive(state.clock, stamp, nowMs);
  return received.ok ? undefined : received.reason;
}

function take(state: CatalogState, record: CatalogRecord, nowMs: number, outcome: Outcome): void {
  const key = parseKey(record.key);
  if (key.kind === 'history') {
    keepLosers(state, key.of, [record], outcome);
    const winner = state.records.get(key.of);
    const isKept = state.records.has(record.key);
    if (isKept && winner !== undefined) outcome.conflicts.push({ winner, loser: { ...record, key: key.of } });
    return;
  }
  const held = state.records.get(record.key);
  const wins = held === undefined || record.hlc > held.hlc;
  if (wins) put(state, record, outcome);
  const loser = wins ? held : record;
  const winner = wins ? record : held;
  if (loser === undefined || winner === undefined) {
    if (state.losers.has(record.key)) keepLosers(state, record.key, [], outcome);
    return;
  }
  const kept = asHistory(loser);
  const isNews = !state.records.has(kept.key);
  keepLosers(state, record.key, isKeyExpired(kept.key, kept.hlc, nowMs) ? [] : [kept], outcome);
  if (isNews && state.records.has(kept.key)) outcome.conflicts.push({ winner, loser });
}

/** Brings the history of a key in line with the versions now known of it. */
function keepLosers(state: CatalogState, key: string, added: readonly CatalogRecord[], outcome: Outcome): void {
  const before = state.losers.get(key) ?? [];
  if (before.length + added.length === 0) return;
  const after = losersToKeep(state.records.get(key), [...before, ...added]);
  const stay = new Set(after.map((loser) => loser.key));
  for (const loser of before) {
    if (stay.has(loser.key)) continue;
    forgetKey(state, loser.key);
    outcome.changes.delete(loser.key);
    outcome.removals.add(loser.key);
  }
  for (const loser of after) if (!state.records.has(loser.key)) put(state, loser, outcome);
  if (after.length > 0) state.losers.set(key, after);
}

function put(state: CatalogState, record: CatalogRecord, outcome: Outcome): void {
  putRecord(state, record);
  outcome.changes.set(record.key, record);
  outcome.removals.delete(record.key);
}
