import type { App, Cluster } from '../../../protocol/schemas/model.ts';
import type { Move } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { keys } from '../../core/catalog/keys.ts';
import { match } from '../../core/placement/constraints.ts';
import { planRebalance, type RebalanceContainer, type RebalanceHost } from '../../core/placement/rebalance.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MeshView } from '../view/mesh-view.ts';

const ALL_HOSTS = 'default';

export interface RebalancePlanParts {
  readonly catalog: Pick<Catalog, 'get'>;
  readonly view: Pick<MeshView, 'hosts' | 'containers'>;
}

/** The moves that would even hosts out, as this member sees the mesh. Containers with volumes stay, and so do stopped ones. */
export function rebalancePlan({ catalog, view }: RebalancePlanParts, maxMoves: number): readonly Move[] {
  const taking = view
    .hosts()
    .filter(({ status, cordoned, record }) => status === 'alive' && !cordoned && record !== undefined);
  const labels = new Map(taking.map((host) => [host.hostId, host.labels]));
  const hosts = taking.map(({ hostId, name, labels: own, record }): RebalanceHost => {
    const { allocatableBytes = 0, promisedBytes = 0 } = record?.capacity ?? {};
    return { hostId, hostName: name, zone: own.zone ?? record?.zone ?? '', allocatableBytes, promisedBytes };
  });
  const settled = view.containers().filter((c) => c.ready && c.wanted === 'running' && labels.has(c.hostId));
  const movable = settled.flatMap((container): RebalanceContainer[] => {
    const app = catalog.get<App>(keys.app(container.group, container.app))?.value;
    const version = catalog.get<Version>(keys.version(container.group, container.app, container.version))?.value;
    const deployment = app?.deployments.find(({ cluster }) => cluster === container.cluster);
    const selector =
      container.cluster === ALL_HOSTS ? [] : catalog.get<Cluster>(keys.cluster(container.cluster))?.value.selector;
    const isFree = deployment !== undefined && deployment.rollout === undefined && app?.uid === container.appUid;
    if (!isFree || version === undefined || selector === undefined || (version.spec.volumes ?? []).length > 0)
      return [];
    const constraints = [...selector, ...(version.spec.constraints ?? [])];
    return [
      {
        containerId: container.id,
        hostId: container.hostId,
        spreadKey: `${container.group}/${container.app}`,
        memoryBytes: container.memoryBytes,
        fits: (hostId) => match(labels.get(hostId) ?? {}, constraints).ok,
      },
    ];
  });
  const byId = new Map(settled.map((container) => [container.id, container]));
  return planRebalance(hosts, movable, maxMoves).flatMap(({ containerId, why }): Move[] => {
    const container = byId.get(containerId);
    if (container === undefined) return [];
    const { group, app, cluster, replica, hostId } = container;
    return [{ containerId, group, app, cluster, replica, hostId, why: why.slice(0, 256) }];
  });
}
