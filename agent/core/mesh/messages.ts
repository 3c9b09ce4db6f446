import type { HostId } from '../../../protocol/ids.ts';
import type { Liveness } from '../../../protocol/schemas/host.ts';
import type { SignedHostRecord } from '../catalog/host-record.ts';
import type { CatalogRecord, Hlc } from '../catalog/record.ts';
import type { SwarmMessage } from '../images/swarm/messages.ts';

/** Liveness of one member as gossiped. A later incarnation wins; within one: left > dead > suspect > alive. */
export interface LivenessUpdate {
  readonly hostId: HostId;
  readonly status: Liveness;
  readonly incarnation: number;
  /** Who says so; suspicions are confirmed by different accusers. */
  readonly by: HostId;
}

/** One change that every member should learn of. */
export type Delta =
  | { readonly kind: 'liveness'; readonly update: LivenessUpdate }
  | { readonly kind: 'host'; readonly record: SignedHostRecord }
  | { readonly kind: 'catalog'; readonly records: readonly CatalogRecord[] };

/** What members say to each other on their gossip links. Encoded by `protocol/proto/gossip.proto`. */
export type GossipMessage =
  // SWIM
  | { readonly type: 'ping'; readonly seq: number; readonly incarnation: number }
  | { readonly type: 'ack'; readonly seq: number; readonly incarnation: number }
  | { readonly type: 'ping-req'; readonly seq: number; readonly target: HostId }
  | { readonly type: 'ping-req-ack'; readonly seq: number; readonly target: HostId; readonly incarnation: number }
  // Plumtree
  | { readonly type: 'delta'; readonly id: string; readonly hops: number; readonly delta: Delta }
  | { readonly type: 'ihave'; readonly ids: readonly string[] }
  | { readonly type: 'graft'; readonly ids: readonly string[] }
  | { readonly type: 'prune' }
  // Anti-entropy
  | {
      readonly type: 'summary';
      readonly liveness: string;
      readonly hosts: string;
      readonly catalog: string;
      readonly isReply: boolean;
    }
  | { readonly type: 'liveness-list'; readonly updates: readonly LivenessUpdate[]; readonly isReply: boolean }
  | {
      readonly type: 'host-versions';
      readonly versions: readonly {
        readonly hostId: HostId;
        readonly incarnation: number;
        readonly sequence: number;
      }[];
      readonly isReply: boolean;
    }
  | { readonly type: 'host-records'; readonly records: readonly SignedHostRecord[] }
  /** Hashes of the tree's buckets, `bucket` ascending; only those that may differ. */
  | { readonly type: 'catalog-buckets'; readonly hashes: readonly { readonly bucket: number; readonly hash: string }[] }
  | {
      readonly type: 'catalog-keys';
      readonly buckets: readonly number[];
      readonly keys: readonly { readonly key: string; readonly hlc: Hlc }[];
      readonly isReply: boolean;
    }
  | { readonly type: 'catalog-want'; readonly keys: readonly string[] }
  | { readonly type: 'catalog-records'; readonly records: readonly CatalogRecord[] }
  // Pieces of images
  | SwarmMessage;
