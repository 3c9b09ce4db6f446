import type { HostId } from '../../protocol/ids.ts';
import type { HostRecord, Liveness } from '../../protocol/schemas/host.ts';
import { keys, prefixes } from '../core/catalog/keys.ts';
import type { Conflict } from '../core/catalog/merge.ts';
import { stewardOf } from '../core/rendezvous.ts';
import type { Log } from '../ports/log.ts';
import type { Transport } from '../ports/transport.ts';
import type { LocalCatalog } from './catalog/local-catalog.ts';
import type { FleetController } from './controller/fleet-controller.ts';
import type { EventRecorder } from './events/event-recorder.ts';
import type { HostAgent } from './host/host-agent.ts';
import type { MeshListener, MeshService } from './mesh/mesh-service.ts';
import type { Topic } from './platform.ts';
import type { MeshView } from './view/mesh-view.ts';
import type { Watchers } from './view/watchers.ts';

export interface ReactionsParts {
  readonly hostId: HostId;
  readonly mesh: MeshService;
  readonly catalog: LocalCatalog;
  readonly view: MeshView;
  readonly transport: Transport;
  readonly controller: FleetController;
  readonly host: HostAgent;
  readonly events: EventRecorder;
  readonly watchers: Watchers;
  readonly log: Log;
}

/** What follows when the mesh has learnt something: who is told, who is woken. */
export class Reactions implements MeshListener {
  readonly #parts: ReactionsParts;

  constructor(parts: ReactionsParts) {
    this.#parts = parts;
  }

  onCatalogChanged(changed: readonly string[]): void {
    const { catalog, controller, watchers, host, hostId } = this.#parts;
    catalog.changed(changed);
    let isAdmissionChanged = false;
    for (const key of changed) {
      const [family = '', group = '', app = ''] = key.split('/');
      if (family === 'apps') controller.wake(`${group}/${app}`);
      if (family === 'operations') this.#wakeForOperation(key);
      isAdmissionChanged ||= key.startsWith(prefixes.members) || key.startsWith(prefixes.evictions);
      const topic = topics[family];
      if (topic !== undefined) watchers.touch(topic);
    }
    if (isAdmissionChanged) this.membersChanged();
    if (changed.includes(keys.host(hostId))) host.refresh();
  }

  onHostRecord(record: HostRecord): void {
    const { view, controller, watchers } = this.#parts;
    const before = view.appsOn(record.hostId);
    view.setRecord(record);
    for (const app of new Set([...before, ...view.appsOn(record.hostId)])) controller.wake(app);
    watchers.touch('hosts');
    watchers.touch('containers');
    watchers.touch('operations');
  }

  onLiveness(hostId: HostId, status: Liveness, previous: Liveness): void {
    const { controller, watchers, events, view } = this.#parts;
    const name = view.host(hostId)?.name ?? hostId;
    if (status !== 'suspect' && !(status === 'alive' && previous === 'suspect')) {
      events.record({ kind: `host.${status}`, message: `${name} is ${status}`, host: hostId });
    }
    controller.wakeAll();
    for (const topic of ['hosts', 'containers', 'members'] as const) watchers.touch(topic);
  }

  onIsolated(isIsolated: boolean): void {
    const { controller, events, watchers, log } = this.#parts;
    log.warn({ isIsolated }, 'this member sees most others vanish, or sees them again');
    const message = isIsolated
      ? 'Most other members vanished at once: this one takes itself for cut off and replaces nobody'
      : 'This member sees most others again';
    events.record({ kind: 'host.isolated', message });
    controller.wakeAll();
    watchers.touch('hosts');
  }

  /** Every member sees the conflict; the steward of the record tells of it. */
  onConflict({ winner, loser }: Conflict): void {
    const { events, view, hostId } = this.#parts;
    if (stewardOf(winner.key, view.aliveIds()) !== hostId) return;
    events.record({
      kind: 'catalog.conflict',
      message: `${winner.key} was written on two sides at once; the later write won, the other is kept in its history (${loser.hlc})`,
    });
  }

  /** This host's record changed: sign it, spread it, act on it. */
  async ownRecord(record: HostRecord, json: string): Promise<void> {
    await this.#parts.mesh.publishHost(record, json);
  }

  /** Somebody was admitted or evicted. */
  membersChanged(): void {
    const { mesh, view, transport, catalog, watchers } = this.#parts;
    mesh.step({ type: 'members', members: view.memberIds().map((hostId) => ({ hostId })) });
    for (const { key } of catalog.list(prefixes.evictions)) {
      const hostId = key.slice(prefixes.evictions.length) as HostId;
      view.forget(hostId);
      transport.drop(hostId);
    }
    watchers.touch('members');
  }

  #wakeForOperation(key: string): void {
    const operation = this.#parts.catalog.get<{ group: string; app: string }>(key)?.value;
    if (operation !== undefined) this.#parts.controller.wake(`${operation.group}/${operation.app}`);
  }
}

const topics: Readonly<Record<string, Topic>> = {
  groups: 'apps',
  apps: 'apps',
  versions: 'apps',
  clusters: 'apps',
  operations: 'operations',
  events: 'events',
  members: 'members',
  evictions: 'members',
  tokens: 'members',
  hosts: 'hosts',
};
