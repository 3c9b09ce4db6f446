import type { SignedHostRecord } from '../catalog/host-record.ts';
import { compareVersions } from '../catalog/host-records.ts';
import { merge } from '../catalog/merge.ts';
import type { CatalogRecord } from '../catalog/record.ts';
import type { Context } from '../context.ts';
import type { MeshEffect } from './events.ts';
import type { MeshState } from './state.ts';

/** What became of something that another member sent. */
export interface Taken {
  /** Worth passing on: at least as new as what was known. */
  readonly isCurrent: boolean;
  readonly effects: MeshEffect[];
}

/** A host writes its own record and nobody else's, so what others hold of this one is at most what it published. */
export function takeHost(state: MeshState, record: SignedHostRecord, ctx: Context): Taken {
  const { hostId, incarnation, sequence } = record;
  const held = state.hosts.get(hostId)?.signed;
  if (hostId === state.self) {
    const isAhead = held === undefined || compareVersions(record, held) > 0;
    return { isCurrent: !isAhead, effects: isAhead ? [{ type: 'own-record-ahead', incarnation, sequence }] : [] };
  }
  if (!state.membership.members.has(hostId)) return { isCurrent: false, effects: [] };
  const outcome = state.hosts.put(record, ctx.nowMs);
  const what = `host ${hostId} ${incarnation}/${sequence}`;
  if (outcome.ok) {
    const { fault } = outcome.held;
    const complaint: MeshEffect[] = fault === undefined ? [] : [{ type: 'quarantined', what, reason: fault }];
    return { isCurrent: true, effects: [{ type: 'deliver-host', record }, ...complaint] };
  }
  if (outcome.reason !== 'not-newer') {
    return { isCurrent: false, effects: [{ type: 'quarantined', what, reason: outcome.reason }] };
  }
  return { isCurrent: held !== undefined && compareVersions(record, held) === 0, effects: [] };
}

/** Catalog records, of a member or of our own. */
export function takeRecords(state: MeshState, records: readonly CatalogRecord[], ctx: Context): Taken {
  const { changed, removed, conflicts, quarantined } = merge(state.catalog, records, ctx.nowMs);
  const isHeld = ({ key, hlc }: CatalogRecord): boolean => state.catalog.records.get(key)?.hlc === hlc;
  return {
    isCurrent: changed.length > 0 || records.some(isHeld),
    effects: [
      ...catalogEffects(changed, removed),
      ...conflicts.map((conflict): MeshEffect => ({ type: 'conflict', ...conflict })),
      ...quarantined.map(({ what, reason }): MeshEffect => ({ type: 'quarantined', what, reason })),
    ],
  };
}

/** What the shell has to know of a change of the catalog. */
export function catalogEffects(records: readonly CatalogRecord[], removed: readonly string[]): MeshEffect[] {
  if (records.length + removed.length === 0) return [];
  const keys = [...records.map(({ key }) => key), ...removed];
  return [
    { type: 'persist-catalog', records, removed },
    { type: 'catalog-changed', keys },
  ];
}
