import type { HostId } from '../../../protocol/ids.ts';

/**
 * Hybrid logical clock stamp (Kulkarni et al. 2014) as a string whose order is the clock's order:
 * 12 hex digits of milliseconds, 4 of the counter, then the author, joined by `-`. Total: two authors never make equal ones.
 */
export type Hlc = string & { readonly __brand: 'Hlc' };

/**
 * One record of the catalog. The greater `hlc` wins everywhere, whatever the order of arrival.
 * `value` is JSON text, passed on as it came, so fields unknown to this version survive; empty when deleted.
 */
export interface CatalogRecord {
  readonly key: string;
  readonly hlc: Hlc;
  readonly author: HostId;
  /** A tombstone; kept for `limits.tombstoneMs`. */
  readonly deleted: boolean;
  readonly value: string;
  /** Stamps of the versions this one was made from, newest first, at most 8. Tells a successor from a conflict. */
  readonly ancestors: readonly Hlc[];
}
