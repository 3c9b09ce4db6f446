import { ANCESTORS_MAX } from './check-record.ts';
import { compareHlc } from './hlc.ts';
import { keys } from './keys.ts';
import type { CatalogRecord, Hlc } from './record.ts';

/** Losers kept per key; beyond it the oldest go. */
export const HISTORY_MAX = 8;

/** The loser of a conflict as it is kept: the record as it was under a key of its own, so every member makes the same. */
export const asHistory = (loser: CatalogRecord): CatalogRecord => ({
  ...loser,
  key: keys.history(loser.key, loser.hlc),
});

/** Whether the writer of `later` knew `earlier`. When the list of ancestors is full, anything older than it counts as known. */
function covers(later: CatalogRecord, earlier: Hlc): boolean {
  if (later.hlc <= earlier) return false;
  const oldest = later.ancestors.at(-1);
  if (oldest !== undefined && later.ancestors.length >= ANCESTORS_MAX && earlier < oldest) return true;
  return later.ancestors.includes(earlier);
}

/**
 * The losers to keep of a key, newest first: those that neither the winner nor another loser was made from. A function of
 * the set, so the order in which versions arrive does not matter.
 *
 * @param losers history records, in any order; several with one stamp count once
 */
export function losersToKeep(
  winner: CatalogRecord | undefined,
  losers: readonly CatalogRecord[],
): readonly CatalogRecord[] {
  const unique = new Map(losers.map((loser) => [loser.hlc, loser]));
  if (winner !== undefined) unique.delete(winner.hlc);
  const all = [...unique.values()];
  const isCovered = (hlc: Hlc) =>
    (winner !== undefined && covers(winner, hlc)) || all.some((other) => covers(other, hlc));
  return all
    .filter(({ hlc }) => !isCovered(hlc))
    .sort((a, b) => compareHlc(b.hlc, a.hlc))
    .slice(0, HISTORY_MAX);
}
