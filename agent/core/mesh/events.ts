import type { HostId } from '../../../protocol/ids.ts';
import type { CatalogState } from '../catalog/catalog.ts';
import type { SignedHostRecord } from '../catalog/host-record.ts';
import type { HostRecordStore } from '../catalog/host-records.ts';
import type { Conflict } from '../catalog/merge.ts';
import type { CatalogRecord } from '../catalog/record.ts';
import type { LivenessChange } from '../membership/state.ts';
import type { GossipMessage } from './messages.ts';

export interface MeshOptions {
  readonly self: HostId;
  /**
   * Above that of every earlier start of this agent; milliseconds of the wall clock are fine, unless it was set back. Too
   * small a one heals by itself, as others tell what they know, but takes seconds.
   */
  readonly startIncarnation: number;
  /** Filled from disk. From now on only the mesh core changes it. */
  readonly catalog: CatalogState;
  readonly hosts: HostRecordStore;
}

export type MeshEvent =
  /** Every `TICK_MS`. */
  | { readonly type: 'tick' }
  /** Host records in it (see `hostRecordsIn`) have a valid signature: the caller checked, since that takes a promise. */
  | { readonly type: 'message'; readonly from: HostId; readonly message: GossipMessage }
  | { readonly type: 'link'; readonly peer: HostId; readonly state: 'up' | 'down' }
  /** Everybody admitted and not evicted, whenever that changes. */
  | { readonly type: 'members'; readonly members: readonly { readonly hostId: HostId }[] }
  /** This host's own record, newer than every one before. */
  | { readonly type: 'publish-host'; readonly record: SignedHostRecord }
  /** Records written here, or stored here for another member. */
  | { readonly type: 'publish-catalog'; readonly records: readonly CatalogRecord[] }
  | { readonly type: 'leave' };

export type MeshEffect =
  | { readonly type: 'send'; readonly to: HostId; readonly message: GossipMessage }
  /** The links to keep open. */
  | { readonly type: 'keep'; readonly peers: readonly HostId[] }
  /** Another host's record is new. It is in the store already. */
  | { readonly type: 'deliver-host'; readonly record: SignedHostRecord }
  /** Others hold a later record of this host than it knows of: the next one must be above this version. */
  | { readonly type: 'own-record-ahead'; readonly incarnation: number; readonly sequence: number }
  /** To be written to disk as one batch; the records are in the catalog already. */
  | {
      readonly type: 'persist-catalog';
      readonly records: readonly CatalogRecord[];
      /** Keys to delete. */
      readonly removed: readonly string[];
    }
  | { readonly type: 'catalog-changed'; readonly keys: readonly string[] }
  /** Concurrent writes met; the loser is in the key's history. */
  | ({ readonly type: 'conflict' } & Conflict)
  | { readonly type: 'quarantined'; readonly what: string; readonly reason: string }
  | ({ readonly type: 'liveness-changed' } & LivenessChange)
  | { readonly type: 'isolated-changed'; readonly isIsolated: boolean };
