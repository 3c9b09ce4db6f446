import type { HostId } from '../../protocol/ids.ts';
import type { HostRecord, Liveness } from '../../protocol/schemas/host.ts';
import { isAppOperation, type OperationRecord } from '../../protocol/schemas/operation.ts';
import { keys, prefixes } from '../core/catalog/keys.ts';
import type { Conflict } from '../core/catalog/merge.ts';
import type { GossipMessage } from '../core/mesh/messages.ts';
import { stewardOf } from '../core/rendezvous.ts';
import type { Log } from '../ports/log.ts';
import type { Transport } from '../ports/transport.ts';
import type { LocalCatalog } from './catalog/local-catalog.ts';
import type { FleetController } from './controller/fleet-controller.ts';
import type { EventRecorder } from './events/event-recorder.ts';
import type { HostAgent } from './host/host-agent.ts';
import type { Images } from './images/images.ts';
import type { MeshListener, MeshService } from './mesh/mesh-service.ts';
import type { MoveController } from './moves/move-controller.ts';
import type { Topic } from './platform.ts';
import type { Shells } from './shell/shells.ts';
import type { MeshView } from './view/mesh-view.ts';
import type { Watchers } from './view/watchers.ts';

export interface ReactionsParts {
  readonly hostId: HostId;
  readonly mesh: Pick<MeshService, 'step'>;
  readonly catalog: LocalCatalog;
  readonly view: MeshView;
  readonly transport: Pick<Transport, 'drop'>;
  readonly controller: Pick<FleetController, 'wake' | 'wakeAll'>;
  readonly moves: Pick<MoveController, 'wake'>;
  readonly host: Pick<HostAgent, 'remove'>;
  readonly images: Pick<Images, 'membersChanged' | 'lost' | 'alive' | 'hostRecordChanged' | 'catalogChanged'>;
  readonly shells: Pick<Shells, 'endRevoked'>;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly watchers: Pick<Watchers, 'touch'>;
  readonly log: Log;
}

/** What follows when the mesh has learnt something: who is told, who is woken. */
export class Reactions implements MeshListener {
  readonly #parts: ReactionsParts;

  constructor(parts: ReactionsParts) {
    this.#parts = parts;
  }

  onCatalogChanged(changed: readonly string[]): void {
    const { catalog, controller, watchers } = this.#parts;
    catalog.changed(changed);
    const families = new Set<string>();
    for (const key of changed) {
      const [family = '', group = '', app = ''] = key.split('/');
      families.add(family);
      if (family === 'apps' || family === 'versions') controller.wake(`${group}/${app}`);
      if (family === 'operations') this.#wakeForOperation(key);
    }
    if (families.has('members') || families.has('evictions')) this.membersChanged();
    this.#parts.images.catalogChanged(families);
    if (families.has('credentials')) this.#parts.shells.endRevoked();
    // A host that was uncordoned, or came into a cluster, may take what fits nowhere else.
    if (['hosts', 'clusters', 'moves'].some((family) => families.has(family))) controller.wakeAll();
    if (['hosts', 'operations', 'moves', 'stuck'].some((family) => families.has(family))) this.#parts.moves.wake();
    for (const family of families) {
      const topic = topics[family];
      if (topic !== undefined) watchers.touch(topic);
    }
  }

  onHostRecord(record: HostRecord): void {
    const { view, controller, watchers, hostId } = this.#parts;
    const before = view.appsOn(record.hostId);
    view.setRecord(record);
    if (record.hostId === hostId && view.isEvicted(hostId)) this.#standDown(record);
    controller.wake(...new Set([...before, ...view.appsOn(record.hostId)]));
    this.#parts.images.hostRecordChanged();
    this.#parts.moves.wake();
    for (const topic of ['hosts', 'containers', 'operations'] as const) watchers.touch(topic);
  }

  onLiveness(hostId: HostId, status: Liveness, previous: Liveness | undefined): void {
    const { controller, watchers, view } = this.#parts;
    view.livenessChanged(hostId);
    this.#tellImages(hostId, status, previous);
    if (previous !== undefined) this.#tellOfLiveness(hostId, status, previous);
    if (status !== previous) controller.wakeAll();
    for (const topic of ['hosts', 'containers', 'members'] as const) watchers.touch(topic);
  }

  onIsolated(isIsolated: boolean): void {
    const { controller, events, watchers, log } = this.#parts;
    log.info({ isIsolated }, 'this member sees most others vanish, or sees them again');
    const message = isIsolated
      ? 'Most other members vanished at once: this one takes itself for cut off and replaces nobody'
      : 'This member sees most others again, or is sure that they are gone';
    events.record({ kind: isIsolated ? 'host.isolated' : 'host.reconnected', message, host: this.#parts.hostId });
    controller.wakeAll();
    watchers.touch('hosts');
  }

  onConflict({ winner, loser }: Conflict): void {
    const { events, view, hostId } = this.#parts;
    // Both authors meet it for sure, whatever each knows of the others at that moment.
    const isUp = (author: HostId): boolean => view.aliveIds().includes(author);
    if ((isUp(winner.author) ? winner.author : loser.author) !== hostId) return;
    events.record({
      kind: 'catalog.conflict',
      message: `${winner.key} was written on two sides at once; the later write won, the other is kept in its history (${loser.hlc})`,
    });
  }

  /** Somebody was admitted or evicted. */
  membersChanged(): void {
    const { mesh, view, transport, catalog, controller, images, watchers, hostId: self } = this.#parts;
    const own = view.recordOf(self);
    if (own !== undefined && view.isEvicted(self)) this.#standDown(own);
    mesh.step({ type: 'members', members: view.memberIds().map((hostId) => ({ hostId })) });
    for (const { key } of catalog.list(prefixes.evictions)) {
      const hostId = key.slice(prefixes.evictions.length) as HostId;
      view.forget(hostId);
      transport.drop(hostId);
      images.lost(hostId);
    }
    images.membersChanged();
    controller.wakeAll();
    watchers.touch('members');
  }

  /** What a host that was evicted is told when it comes: its eviction, so that it stops acting for the mesh. */
  farewell(hostId: HostId): GossipMessage | undefined {
    const eviction = this.#parts.catalog.record(keys.eviction(hostId));
    return eviction === undefined ? undefined : { type: 'catalog-records', records: [eviction] };
  }

  /** This host was evicted: the others run its containers elsewhere, and nobody looks after those here any more. */
  #standDown({ containers }: HostRecord): void {
    for (const { id, phase } of containers) {
      if (phase !== 'removing') void this.#parts.host.remove(id, 'the host was evicted from the mesh');
    }
  }

  /** A suspicion that is refuted, and a member that only took a later incarnation, are no news. */
  #tellOfLiveness(hostId: HostId, status: Liveness, previous: Liveness): void {
    const { events, view } = this.#parts;
    const isNews = status !== previous && status !== 'suspect' && !(status === 'alive' && previous === 'suspect');
    if (!isNews || !this.#speaksFor(keys.member(hostId), hostId)) return;
    const name = view.host(hostId)?.name ?? hostId;
    events.record({ kind: `host.${status}`, message: `${name} is ${status}`, host: hostId });
  }

  #tellImages(hostId: HostId, status: Liveness, previous: Liveness | undefined): void {
    const { images, view } = this.#parts;
    if (status === 'dead' || status === 'left') images.lost(hostId);
    if (status === 'alive') images.alive(hostId, view.host(hostId)?.incarnation ?? 0);
    if (isUp(status) !== isUp(previous)) images.membersChanged();
  }

  /** Every member sees it, the record's steward writes the event. */
  #speaksFor(key: string, except?: HostId): boolean {
    const { view, hostId } = this.#parts;
    const candidates = view.aliveIds().filter((id) => id !== except);
    return stewardOf(key, candidates) === hostId;
  }

  #wakeForOperation(key: string): void {
    const operation = this.#parts.catalog.get<OperationRecord>(key)?.value;
    if (operation === undefined || !isAppOperation(operation)) return;
    this.#parts.controller.wake(`${operation.group}/${operation.app}`);
  }
}

const isUp = (status: Liveness | undefined): boolean => status === 'alive' || status === 'suspect';

const topics: Readonly<Record<string, Topic>> = {
  groups: 'apps',
  apps: 'apps',
  versions: 'apps',
  clusters: 'apps',
  operations: 'operations',
  moves: 'operations',
  stuck: 'operations',
  events: 'events',
  members: 'members',
  evictions: 'members',
  tokens: 'members',
  credentials: 'members',
  hosts: 'hosts',
  repositories: 'images',
  namespaces: 'images',
  tags: 'images',
  manifests: 'images',
  upstreams: 'images',
  settings: 'images',
  forwards: 'hosts',
};
