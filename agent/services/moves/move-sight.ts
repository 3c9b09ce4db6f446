import type { StuckRecord } from '../../../protocol/schemas/model.ts';
import type { MoveOperationRecord } from '../../../protocol/schemas/operation.ts';
import { prefixes } from '../../core/catalog/keys.ts';
import type { MoveSight } from '../../core/moves/judge.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MeshView } from '../view/mesh-view.ts';

export interface MoveSightParts {
  readonly catalog: Pick<Catalog, 'list'>;
  readonly view: Pick<MeshView, 'containers' | 'host'>;
}

/** What this member sees of an operation that moves containers. */
export function seeMoves(
  { hostId }: Pick<MoveOperationRecord, 'hostId'>,
  parts: MoveSightParts,
  nowMs: number,
): MoveSight {
  const { catalog, view } = parts;
  const stuck = catalog.list<StuckRecord>(prefixes.stuck).map(({ value }) => [value.containerId, value] as const);
  const host = hostId === undefined ? undefined : view.host(hostId);
  const blobs = host?.record?.blobs;
  return {
    containers: view.containers(),
    stuck: new Map(stuck),
    host:
      host === undefined
        ? undefined
        : {
            name: host.name,
            status: host.status,
            // A host without a store of blobs has none to hand over.
            blobsLeftBytes: host.record !== undefined && blobs === undefined ? 0 : blobs?.leftBytes,
          },
    nowMs,
  };
}
