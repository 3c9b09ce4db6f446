import type { HostId } from '../../../protocol/ids.ts';
import type { CatalogState } from '../catalog/catalog.ts';
import type { SignedHostRecord } from '../catalog/host-record.ts';
import type { HostRecordStore } from '../catalog/host-records.ts';
import type { CatalogRecord } from '../catalog/record.ts';
import type { GossipMessage, LivenessUpdate } from '../mesh/messages.ts';

const syncTypes = [
  'summary',
  'liveness-list',
  'host-versions',
  'host-records',
  'catalog-buckets',
  'catalog-keys',
  'catalog-want',
  'catalog-records',
] as const satisfies readonly GossipMessage['type'][];

/** The messages of anti-entropy. */
export type SyncMessage = Extract<GossipMessage, { type: (typeof syncTypes)[number] }>;

const isOneOf = <T extends string>(texts: readonly T[], text: string): text is T => texts.some((one) => one === text);

export const isSyncMessage = (message: GossipMessage): message is SyncMessage => isOneOf(syncTypes, message.type);

/** What is compared; read only here. */
export interface SyncView {
  readonly catalog: CatalogState;
  readonly hosts: HostRecordStore;
  readonly liveness: { livenessHash(): string; livenessList(): readonly LivenessUpdate[] };
}

export type SyncEffect =
  | { readonly type: 'send'; readonly to: HostId; readonly message: SyncMessage }
  | { readonly type: 'apply-catalog'; readonly from: HostId; readonly records: readonly CatalogRecord[] }
  /** Signatures are not checked yet. */
  | { readonly type: 'apply-hosts'; readonly from: HostId; readonly records: readonly SignedHostRecord[] }
  | { readonly type: 'apply-liveness'; readonly from: HostId; readonly updates: readonly LivenessUpdate[] };
