import type { Digest } from '../../../protocol/digest.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { rank } from '../rendezvous.ts';

/** What names a blob in the rendezvous of members, here and for its tracker. */
export const rendezvousKey = (digest: Digest): string => `blobs/${digest}`;

/**
 * The members that are to keep a blob: the best by rendezvous hash first, then the best of zones that have no copy yet as
 * long as there are such zones, then the best of the others. A member that comes or goes moves few blobs.
 */
export function holdersOf(
  digest: Digest,
  members: readonly { readonly hostId: HostId; readonly zone: string }[],
  copies: number,
): readonly HostId[] {
  const zones = new Map(members.map(({ hostId, zone }) => [hostId, zone]));
  const rest = [...rank(rendezvousKey(digest), zones.keys(), zones.size)];
  const chosen: HostId[] = [];
  const zonesTaken = new Set<string | undefined>();
  while (chosen.length < copies && rest.length > 0) {
    const elsewhere = rest.findIndex((hostId) => !zonesTaken.has(zones.get(hostId)));
    for (const hostId of rest.splice(Math.max(0, elsewhere), 1)) {
      chosen.push(hostId);
      zonesTaken.add(zones.get(hostId));
    }
  }
  return chosen;
}
