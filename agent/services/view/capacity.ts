import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CapacityAnswer, CapacityRequest } from '../../../protocol/schemas/capacity.ts';
import type { App, Cluster } from '../../../protocol/schemas/model.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import { type RoomFacts, roomOn } from '../../core/placement/room.ts';
import type { Requirement } from '../../core/placement/types.ts';
import { requirementOf } from '../auction/auctioneer.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { hostItem } from './host-item.ts';
import type { MeshView } from './mesh-view.ts';

export interface CapacityParts {
  readonly hostId: HostId;
  readonly catalog: Pick<Catalog, 'get' | 'list'>;
  readonly view: Pick<MeshView, 'hosts' | 'containers'>;
}

const ALL_HOSTS = 'default';

/**
 * How many more replicas of a size, or of an app's latest version, the mesh would take, as this member sees it.
 *
 * @throws ShoalError not-found, invalid-request
 */
export function capacityOf(parts: CapacityParts, asked: CapacityRequest): CapacityAnswer {
  const { catalog, view, hostId } = parts;
  const cluster = asked.cluster ?? ALL_HOSTS;
  const selector = cluster === ALL_HOSTS ? [] : catalog.get<Cluster>(keys.cluster(cluster))?.value.selector;
  if (selector === undefined) throw notFound(`cluster "${cluster}"`, '/cluster');
  const requirement = needsOf(parts, asked, cluster, selector);
  const facts = new Map<HostId, { appReplicas: number; ports: Set<string> }>();
  for (const container of view.containers()) {
    const fact = facts.get(container.hostId) ?? { appReplicas: 0, ports: new Set<string>() };
    facts.set(container.hostId, fact);
    if (container.appUid === requirement.appUid) fact.appReplicas += 1;
    for (const { host, protocol } of container.ports) fact.ports.add(`${host}/${protocol}`);
  }
  const none: RoomFacts = { appReplicas: 0, ports: new Set() };
  const hosts = view.hosts().map((host) => hostItem(host, hostId));
  const rooms = roomOn(hosts, requirement, { selector }, (id) => facts.get(id) ?? none, limits.containersPerHost);
  return {
    memoryBytes: requirement.memoryBytes,
    cpuMilli: requirement.cpuMilli,
    cluster,
    total: rooms.reduce((sum, { replicas }) => sum + replicas, 0),
    hosts: [...rooms],
  };
}

function needsOf(
  { catalog }: CapacityParts,
  asked: CapacityRequest,
  cluster: string,
  selector: Cluster['selector'],
): Requirement {
  const [group, name] = asked.app?.split('/') ?? [];
  if (group !== undefined && name !== undefined) {
    const app = catalog.get<App>(keys.app(group, name))?.value;
    const version = catalog.list<Version>(prefixes.versionsOf(group, name)).at(-1)?.value;
    if (app === undefined || version === undefined) throw notFound(`app "${asked.app}" with a version`, '/app');
    return requirementOf(app, { cluster }, version, selector);
  }
  if (asked.memoryBytes === undefined) {
    const faults = [{ pointer: '/memoryBytes', detail: 'missing: give memoryBytes or an app' }];
    throw new ShoalError('invalid-request', 'Say how large a replica is: memoryBytes, or an app.', { faults });
  }
  const { memoryBytes, cpuMilli = 0 } = asked;
  const nameless = { group: '', app: '', appUid: '', image: '', ports: [] };
  return { ...nameless, cluster, memoryBytes, cpuMilli, constraints: [...selector] };
}

const notFound = (what: string, pointer: string): ShoalError =>
  new ShoalError('not-found', `There is no ${what}.`, { faults: [{ pointer, detail: 'not found' }] });
