import type { ContainerId, HostId, OperationId } from '../../../protocol/ids.ts';
import type { Container, ContainerState, HostRecord, Liveness } from '../../../protocol/schemas/host.ts';
import type { HostIntent, MemberRecord, RebalanceRecord } from '../../../protocol/schemas/model.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import type { PlacedContainer, Surroundings } from '../../core/deploy/actual.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Catalog } from '../catalog/catalog.ts';

/** What one host looks like from this member. */
export interface HostView {
  readonly hostId: HostId;
  readonly name: string;
  readonly status: Liveness;
  /** When this member saw the status change. Milliseconds since the epoch. */
  readonly sinceMs: number;
  readonly incarnation: number;
  /** Facts and start-up labels, then operators' labels on top. */
  readonly labels: Readonly<Record<string, string>>;
  readonly cordoned: boolean;
  /** The operation that empties it. */
  readonly drainedBy: OperationId | undefined;
  readonly drainedAt: string | undefined;
  /** Absent until its first record arrives. */
  readonly record: HostRecord | undefined;
}

/** Liveness of the admitted members, as the membership core sees it. */
export interface LivenessView {
  status(hostId: HostId): { readonly status: Liveness; readonly sinceMs: number; readonly incarnation: number };
  isIsolated(): boolean;
}

/**
 * Joins the three truths into what people and controllers look at: who is admitted (catalog), who is alive
 * (membership), what runs (host records). Holds the newest host records; indexed by app for the controllers.
 *
 * It is read far more often than any of them changes, so what is made from them is kept until one does.
 */
export class MeshView {
  readonly #catalog: Catalog;
  readonly #liveness: LivenessView;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #records = new Map<HostId, HostRecord>();
  /** Per host: its containers by `group/app`, so that a controller reads only what is its own. */
  readonly #byApp = new Map<HostId, ReadonlyMap<string, readonly ContainerState[]>>();

  // Made from the above and dropped when it changes.
  readonly #views = new Map<HostId, HostView>();
  readonly #shown = new Map<HostId, readonly Container[]>();
  #members: readonly HostId[] | undefined;
  #alive: readonly HostId[] | undefined;
  #hosts: readonly HostView[] | undefined;
  #containers: readonly Container[] | undefined;

  constructor(parts: { catalog: Catalog; liveness: LivenessView; clock: Clock }) {
    this.#catalog = parts.catalog;
    this.#liveness = parts.liveness;
    this.#clock = parts.clock;
    this.#startedAtMs = parts.clock.monotonicMs();
    parts.catalog.onChange((changed) => this.#onCatalogChanged(changed));
  }

  setRecord(record: HostRecord): void {
    this.#records.set(record.hostId, record);
    this.#byApp.set(
      record.hostId,
      Map.groupBy(record.containers, (c) => `${c.group}/${c.app}`),
    );
    this.#drop(record.hostId);
  }

  /** To be called when a member's status or incarnation changed. */
  livenessChanged(hostId: HostId): void {
    this.#alive = undefined;
    this.#drop(hostId);
  }

  /** For a host that was evicted. */
  forget(hostId: HostId): void {
    this.#records.delete(hostId);
    this.#byApp.delete(hostId);
    this.#drop(hostId);
  }

  /** What operators want of a host. */
  intentOf(hostId: HostId): HostIntent | undefined {
    return this.#catalog.get<HostIntent>(keys.host(hostId))?.value;
  }

  /** `group/app` of every managed container of this host. */
  appsOn(hostId: HostId): readonly string[] {
    return [...(this.#byApp.get(hostId)?.keys() ?? [])];
  }

  recordOf(hostId: HostId): HostRecord | undefined {
    return this.#records.get(hostId);
  }

  /** Where to reach a member's agent, its own newest word first. Multiaddrs without the peer id. */
  addressesOf(hostId: HostId): readonly string[] {
    const admitted = this.#catalog.get<MemberRecord>(keys.member(hostId))?.value.addresses ?? [];
    return [...new Set([...(this.#records.get(hostId)?.addresses ?? []), ...admitted])];
  }

  isEvicted(hostId: string): boolean {
    return this.#catalog.get(keys.eviction(hostId as HostId)) !== undefined;
  }

  isMember(hostId: string): boolean {
    return this.#catalog.get(keys.member(hostId as HostId)) !== undefined && !this.isEvicted(hostId);
  }

  /** Admitted and not evicted, by host id. */
  memberIds(): readonly HostId[] {
    this.#members ??= this.#catalog
      .list<MemberRecord>(prefixes.members)
      .map((member) => member.value.hostId as HostId)
      .filter((hostId) => !this.isEvicted(hostId));
    return this.#members;
  }

  /** Members to ask, wait for and count on: alive, or only suspected. By host id. */
  aliveIds(): readonly HostId[] {
    this.#alive ??= this.memberIds().filter((hostId) => isUp(this.#liveness.status(hostId).status));
    return this.#alive;
  }

  /** What a controller must know of the mesh around it before it acts. */
  surroundings(): Surroundings {
    const members = this.memberIds();
    const isUnseen = (hostId: HostId): boolean =>
      !this.#records.has(hostId) && this.#liveness.status(hostId).status !== 'left';
    return {
      isolated: this.#liveness.isIsolated(),
      majority: this.aliveIds().length * 2 > members.length,
      unseenMs: members.some(isUnseen) ? this.#clock.monotonicMs() - this.#startedAtMs : undefined,
      mustLeave: this.#mustLeave(),
    };
  }

  #mustLeave(): Surroundings['mustLeave'] {
    const moved = new Set<ContainerId>(this.#catalog.get<RebalanceRecord>(keys.rebalance)?.value.moves);
    // A drain may be known to be over before the last container of the host is known to be gone.
    const isLeft = (host: HostView | undefined) => host?.drainedBy !== undefined || host?.drainedAt !== undefined;
    return ({ id, hostId }) => moved.has(id) || isLeft(this.host(hostId));
  }

  host(hostId: HostId): HostView | undefined {
    const known = this.#views.get(hostId);
    if (known !== undefined) return known;
    const member = this.#catalog.get<MemberRecord>(keys.member(hostId));
    if (member === undefined || this.isEvicted(hostId)) return undefined;
    const intent = this.intentOf(hostId);
    const record = this.#records.get(hostId);
    const view: HostView = {
      hostId,
      name: record?.name ?? member.value.name,
      ...this.#liveness.status(hostId),
      labels: { ...record?.labels, ...intent?.labels },
      cordoned: intent?.cordoned ?? false,
      drainedBy: intent?.drain?.operationId,
      drainedAt: intent?.drainedAt,
      record,
    };
    this.#views.set(hostId, view);
    return view;
  }

  /** Every admitted host, by name. */
  hosts(): readonly HostView[] {
    this.#hosts ??= this.memberIds()
      .flatMap((hostId) => this.host(hostId) ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.hostId < b.hostId ? -1 : 1));
    return this.#hosts;
  }

  /** Every managed container of every admitted host, also of lost ones. */
  containers(): readonly Container[] {
    this.#containers ??= this.hosts().flatMap((host) => this.#containersOn(host));
    return this.#containers;
  }

  /** Containers carrying this app's name, whatever its uid. */
  containersOf(group: string, app: string): readonly PlacedContainer[] {
    const nowMs = this.#clock.nowMs();
    const found: PlacedContainer[] = [];
    for (const [hostId, byApp] of this.#byApp) {
      const containers = byApp.get(`${group}/${app}`);
      if (containers === undefined || !this.isMember(hostId)) continue;
      const { status, sinceMs } = this.#liveness.status(hostId);
      const hostLostMs = status === 'dead' ? Math.max(0, nowMs - sinceMs) : 0;
      for (const container of containers) found.push({ ...container, hostId, hostStatus: status, hostLostMs });
    }
    return found;
  }

  #containersOn({ hostId, name, status, record }: HostView): readonly Container[] {
    const known = this.#shown.get(hostId);
    if (known !== undefined) return known;
    const shown = (record?.containers ?? []).map((container) => ({
      ...container,
      hostId,
      hostName: name,
      hostStatus: status,
    }));
    this.#shown.set(hostId, shown);
    return shown;
  }

  #onCatalogChanged(changed: readonly string[]): void {
    const isAdmission = (key: string) => key.startsWith(prefixes.members) || key.startsWith(prefixes.evictions);
    if (changed.some(isAdmission)) {
      this.#members = undefined;
      this.#alive = undefined;
      this.#views.clear();
      this.#shown.clear();
      this.#hosts = undefined;
      this.#containers = undefined;
    }
    for (const key of changed) {
      if (key.startsWith(prefixes.hosts)) this.#drop(key.slice(prefixes.hosts.length) as HostId);
    }
  }

  /** Something about this host changed. */
  #drop(hostId: HostId): void {
    this.#views.delete(hostId);
    this.#shown.delete(hostId);
    this.#hosts = undefined;
    this.#containers = undefined;
  }
}

const isUp = (status: Liveness): boolean => status === 'alive' || status === 'suspect';
