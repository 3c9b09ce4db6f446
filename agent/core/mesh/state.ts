import type { HostId } from '../../../protocol/ids.ts';
import type { CatalogState } from '../catalog/catalog.ts';
import type { HostRecordStore } from '../catalog/host-records.ts';
import { createGossip, type GossipState } from '../gossip/gossip.ts';
import { livenessList, livenessSummary } from '../membership/liveness.ts';
import { createMembership, type MembershipState } from '../membership/state.ts';
import type { SyncView } from '../sync/exchange.ts';
import { createSync, type SyncState } from '../sync/sync.ts';
import type { MeshOptions } from './events.ts';
import { createOwnTime, type OwnTime } from './own-time.ts';

/** Everything one member knows of the mesh. Owned by `meshStep`; others may read it. */
export interface MeshState {
  readonly self: HostId;
  readonly membership: MembershipState;
  readonly catalog: CatalogState;
  readonly hosts: HostRecordStore;
  readonly gossip: GossipState;
  readonly sync: SyncState;
  readonly time: OwnTime;
  readonly view: SyncView;
  /** The other members that run, sorted; undefined when it has to be made anew. */
  running: readonly HostId[] | undefined;
  nextExpireAtMs: number;
}

/** A member that has met nobody since it started. */
export function createMesh({ self, startIncarnation, catalog, hosts }: MeshOptions): MeshState {
  const membership = createMembership(self, startIncarnation);
  const liveness = {
    livenessHash: () => livenessSummary(membership),
    livenessList: () => livenessList(membership),
  };
  return {
    self,
    membership,
    catalog,
    hosts,
    gossip: createGossip(),
    sync: createSync(),
    time: createOwnTime(),
    view: { catalog, hosts, liveness },
    running: undefined,
    nextExpireAtMs: 0,
  };
}

/** The other members that are alive or only suspected, sorted. */
export function runningMembers(state: MeshState): readonly HostId[] {
  state.running ??= [...state.membership.members.values()]
    .filter(({ status }) => status === 'alive' || status === 'suspect')
    .map(({ hostId }) => hostId)
    .sort();
  return state.running;
}
