import type { ContainerId, MeshId } from '../../../protocol/ids.ts';
import type { UnmanagedContainer } from '../../../protocol/schemas/host.ts';
import type { ContainerIdentity } from '../../core/host/container.ts';
import type { Sighting } from '../../core/host/messages.ts';
import { type PortKey, portKey } from '../../core/placement/ports.ts';
import type { EngineContainer } from '../../ports/engine.ts';
import { decodeLabels } from './labels.ts';
import { sightingOf } from './sighting.ts';

/** A list of the engine, split into what is ours and what is not. */
export interface SortedInventory {
  readonly own: ReadonlyMap<ContainerId, { readonly identity: ContainerIdentity; readonly sighting: Sighting }>;
  readonly unmanaged: readonly UnmanagedContainer[];
  /** Host ports of running containers that are not ours. */
  readonly unmanagedPorts: ReadonlySet<PortKey>;
}

/** Splits a list of the engine. Names are unique in an engine, and part of being ours, so no id comes twice. */
export function sortInventory(containers: readonly EngineContainer[], meshId: MeshId): SortedInventory {
  const own = new Map<ContainerId, { identity: ContainerIdentity; sighting: Sighting }>();
  const unmanaged: UnmanagedContainer[] = [];
  const unmanagedPorts = new Set<PortKey>();
  for (const container of containers) {
    const identity = decodeLabels(container, meshId);
    if (identity !== undefined) {
      own.set(identity.containerId, { identity, sighting: sightingOf(container) });
      continue;
    }
    const running = sightingOf(container).state === 'up';
    const { engineId, name, image, memoryBytes } = container;
    unmanaged.push({ engineId, name, image, running, memoryBytes });
    if (running) for (const port of container.ports) unmanagedPorts.add(portKey(port));
  }
  return { own, unmanaged, unmanagedPorts };
}
