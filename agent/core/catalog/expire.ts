import { limits } from '../../../protocol/limits.ts';
import { type CatalogState, forgetKey } from './catalog.ts';
import { compareHlc } from './hlc.ts';
import { prefixes } from './keys.ts';
import type { Hlc } from './record.ts';
import { isExpired, retentionStep } from './retention.ts';

/**
 * Forgets what is too old to keep, and the oldest events beyond `limits.events`. Cheap when there is nothing to do, so
 * call it every few seconds: members that do agree sooner.
 *
 * @returns the forgotten keys, to be deleted from disk
 */
export function expire(state: CatalogState, nowMs: number): readonly string[] {
  return [...expireByAge(state, nowMs), ...expireEvents(state)];
}

function expireByAge(state: CatalogState, nowMs: number): readonly string[] {
  const step = retentionStep(nowMs);
  if (step === state.expiredStep) return [];
  state.expiredStep = step;
  const old = [...state.records.values()].filter((record) => isExpired(record, nowMs)).map(({ key }) => key);
  for (const key of old) forgetKey(state, key);
  return old;
}

function expireEvents(state: CatalogState): readonly string[] {
  if (state.index.size('events') <= limits.events) return [];
  const events: { readonly key: string; readonly hlc: Hlc }[] = [];
  for (const key of state.index.scan(prefixes.events)) {
    const record = state.records.get(key);
    if (record !== undefined) events.push(record);
  }
  events.sort((a, b) => compareHlc(b.hlc, a.hlc));
  state.eventFloor = events[limits.events - 1]?.hlc;
  const surplus = events.slice(limits.events).map(({ key }) => key);
  for (const key of surplus) forgetKey(state, key);
  return surplus;
}
