import type { HostId } from '../../../protocol/ids.ts';
import type { Capacity, Host } from '../../../protocol/schemas/host.ts';
import type { HostView } from './mesh-view.ts';

const unknownCapacity: Capacity = {
  memoryBytes: 0,
  reserveBytes: 0,
  unmanagedBytes: 0,
  allocatableBytes: 0,
  promisedBytes: 0,
  heldBytes: 0,
  cpuMilli: 0,
  promisedCpuMilli: 0,
};

/** A host as the API shows it; before its first record has arrived its capacity is zero and its engine unreachable. */
export function hostItem(host: HostView, self: HostId): Host {
  const { record } = host;
  return {
    id: host.hostId,
    name: host.name,
    status: host.status,
    since: new Date(host.sinceMs).toISOString(),
    incarnation: host.incarnation,
    isSelf: host.hostId === self,
    cordoned: host.cordoned,
    ...(host.drainedBy === undefined ? {} : { drainedBy: host.drainedBy }),
    ...(host.drainedAt === undefined ? {} : { drainedAt: host.drainedAt }),
    zone: host.labels.zone ?? record?.zone ?? '',
    labels: { ...host.labels },
    addresses: record?.addresses ?? [],
    ...(record?.api === undefined ? {} : { api: record.api }),
    agentVersion: record?.agentVersion ?? '',
    engine: record?.engine ?? { state: 'unreachable', version: '' },
    capacity: record?.capacity ?? unknownCapacity,
    containers: record?.containers.length ?? 0,
    unmanaged: record?.unmanaged ?? [],
  };
}
