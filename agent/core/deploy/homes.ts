import type { HostId } from '../../../protocol/ids.ts';
import type { Deployment } from '../../../protocol/schemas/model.ts';
import { sortedByKey } from '../order.ts';
import { byWorthKeeping, isGone, type PlacedContainer } from './actual.ts';

/** Where the volumes of replicas are, brought up to date. */
export interface Homes {
  readonly homes: Readonly<Record<string, HostId>>;
  /** Replicas whose volumes went with a host that left the mesh. */
  readonly lost: readonly number[];
}

/**
 * A replica's volumes are where it ran first; they stay its home until that host leaves the mesh for good.
 *
 * @returns undefined when nothing changed
 */
export function updateHomes(
  { homes = {} }: Pick<Deployment, 'homes'>,
  containers: readonly PlacedContainer[],
  isMember: (hostId: HostId) => boolean,
): Homes | undefined {
  const kept = Object.entries(homes).filter(([, hostId]) => isMember(hostId));
  const lost = Object.keys(homes).filter((replica) => kept.every(([other]) => other !== replica));
  const next: Record<string, HostId> = Object.fromEntries(kept);
  for (const { replica, hostId } of [...containers].filter((c) => !isGone(c)).sort(byWorthKeeping)) {
    next[replica] ??= hostId;
  }
  const isSame = lost.length === 0 && Object.keys(next).length === Object.keys(homes).length;
  return isSame ? undefined : { homes: sortedByKey(next), lost: lost.map(Number) };
}
