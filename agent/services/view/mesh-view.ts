import type { HostId } from '../../../protocol/ids.ts';
import type { Container, ContainerState, HostRecord, Liveness } from '../../../protocol/schemas/host.ts';
import type { HostIntent, MemberRecord } from '../../../protocol/schemas/model.ts';
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
 */
export class MeshView {
  readonly #catalog: Catalog;
  readonly #liveness: LivenessView;
  readonly #clock: Clock;
  readonly #records = new Map<HostId, HostRecord>();
  /** Per host: its containers by `group/app`, so that a controller reads only what is its own. */
  readonly #byApp = new Map<HostId, ReadonlyMap<string, readonly ContainerState[]>>();

  constructor(parts: { catalog: Catalog; liveness: LivenessView; clock: Clock }) {
    this.#catalog = parts.catalog;
    this.#liveness = parts.liveness;
    this.#clock = parts.clock;
  }

  setRecord(record: HostRecord): void {
    this.#records.set(record.hostId, record);
    this.#byApp.set(
      record.hostId,
      Map.groupBy(record.containers, (c) => `${c.group}/${c.app}`),
    );
  }

  /** For a host that was evicted. */
  forget(hostId: HostId): void {
    this.#records.delete(hostId);
    this.#byApp.delete(hostId);
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
    return this.#catalog
      .list<MemberRecord>(prefixes.members)
      .filter((member) => !this.isEvicted(member.value.hostId))
      .map((member) => member.value.hostId as HostId);
  }

  /** Members to ask, wait for and count on: alive, or only suspected. */
  aliveIds(): readonly HostId[] {
    return this.memberIds().filter((hostId) => this.#isUp(hostId));
  }

  surroundings(): Surroundings {
    const members = this.memberIds();
    const alive = members.filter((hostId) => this.#isUp(hostId));
    return { isolated: this.#liveness.isIsolated(), majority: alive.length * 2 > members.length };
  }

  host(hostId: HostId): HostView | undefined {
    const member = this.#catalog.get<MemberRecord>(keys.member(hostId));
    if (member === undefined || this.isEvicted(hostId)) return undefined;
    const intent = this.intentOf(hostId);
    const record = this.#records.get(hostId);
    return {
      hostId,
      name: record?.name ?? member.value.name,
      ...this.#liveness.status(hostId),
      labels: { ...record?.labels, ...intent?.labels },
      cordoned: intent?.cordoned ?? false,
      record,
    };
  }

  /** Every admitted host, by name. */
  hosts(): readonly HostView[] {
    return this.memberIds()
      .flatMap((hostId) => this.host(hostId) ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.hostId < b.hostId ? -1 : 1));
  }

  /** Every managed container of every admitted host, also of lost ones. */
  containers(): readonly Container[] {
    return this.hosts().flatMap((host) =>
      (host.record?.containers ?? []).map((container) => ({
        ...container,
        hostId: host.hostId,
        hostName: host.name,
        hostStatus: host.status,
      })),
    );
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

  #isUp(hostId: HostId): boolean {
    const { status } = this.#liveness.status(hostId);
    return status === 'alive' || status === 'suspect';
  }
}
