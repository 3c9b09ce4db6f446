import { newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { draft } from '../../../agent/core/catalog/draft.ts';
import { type DecodeHostRecord, HostRecordStore } from '../../../agent/core/catalog/host-records.ts';
import { keys, prefixes } from '../../../agent/core/catalog/keys.ts';
import { merge } from '../../../agent/core/catalog/merge.ts';
import type { CatalogRecord } from '../../../agent/core/catalog/record.ts';
import type { Context } from '../../../agent/core/context.ts';
import { applyUpdate } from '../../../agent/core/membership/liveness.ts';
import type { MeshEffect, MeshEvent } from '../../../agent/core/mesh/events.ts';
import { meshStep } from '../../../agent/core/mesh/mesh.ts';
import type { GossipMessage } from '../../../agent/core/mesh/messages.ts';
import { TICK_MS } from '../../../agent/core/mesh/own-time.ts';
import { createMesh, type MeshState } from '../../../agent/core/mesh/state.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { HostRecord } from '../../../protocol/schemas/host.ts';
import type { NetworkOptions } from '../framework/network.ts';
import { World } from '../framework/world.ts';

/** What survives a crash: the key, the last incarnation it started with, and the catalog unless that is lost. */
interface Disk {
  readonly catalog: Map<string, CatalogRecord>;
  starts: number;
  /** Of the last start: wall clock milliseconds, or one more than before if the clock was set back. */
  incarnation: number;
}

/** One member: its core while it runs, its disk, and what it published of itself. */
export interface Member {
  readonly hostId: HostId;
  readonly disk: Disk;
  mesh: MeshState;
  sequence: number;
}

export interface MeshWorldOptions {
  readonly seed: number;
  readonly members: number;
  readonly network: NetworkOptions;
  readonly clockSkewMsMax?: number;
  /** Length of a host id, for byte counts; real ones have 52 characters. */
  readonly idLength?: number;
  /** Everybody has heard of everybody already: a mesh that runs for long, without the storm of a common start. */
  readonly isSettled?: boolean;
}

/** Signatures are the business of the shell; here every record is genuine. */
const decode: DecodeHostRecord = (payload) => ({
  ok: true,
  value: JSON.parse(new TextDecoder().decode(payload)) as HostRecord,
});

/** As if everybody's announcement had come long ago; all started at the same time, by clocks that are right. */
function settle({ membership }: MeshState, founders: readonly HostId[], ctx: Context): void {
  const { incarnation } = membership;
  membership.hasAnnounced = true;
  for (const hostId of founders) {
    const update = { hostId, status: 'alive', incarnation, by: hostId } as const;
    if (hostId !== membership.self) applyUpdate(membership, update, ctx);
  }
}

/** Members with the real mesh core and a small shell around it: admission follows the catalog, links follow crashes. */
export class MeshWorld {
  readonly world: World<GossipMessage>;
  readonly members = new Map<HostId, Member>();
  /** Sees every effect before it is carried out. */
  onEffect: (member: Member, effect: MeshEffect) => void = () => {};
  readonly #founders: readonly HostId[];
  readonly #isSettled: boolean;

  constructor({ seed, members, network, clockSkewMsMax = 0, idLength = 12, isSettled = false }: MeshWorldOptions) {
    this.#isSettled = isSettled;
    this.world = new World({ seed, network, tickMs: TICK_MS, clockSkewMsMax });
    this.#founders = Array.from(
      { length: members },
      (_, i) => `host-${String(i).padStart(idLength - 5, '0')}` as HostId,
    );
    for (const hostId of this.#founders) this.start(hostId);
  }

  get ids(): readonly HostId[] {
    return [...this.members.keys()];
  }

  /** Those whose agent runs. */
  get running(): readonly Member[] {
    return [...this.members.values()].filter(({ hostId }) => this.world.isUp(hostId));
  }

  member(hostId: HostId): Member {
    const member = this.members.get(hostId);
    if (member === undefined) throw new Error(`no member ${hostId}`);
    return member;
  }

  /** Starts an agent, or starts it again with what is on its disk. */
  start(hostId: HostId): void {
    this.world.start(hostId, (context) => {
      const disk = this.members.get(hostId)?.disk ?? { catalog: new Map(), starts: 0, incarnation: 0 };
      disk.starts += 1;
      disk.incarnation = Math.max(Math.floor(context.nowMs), disk.incarnation + 1);
      const catalog = newCatalog();
      merge(catalog, disk.catalog.values(), context.nowMs, 'disk');
      const mesh = createMesh({
        self: hostId,
        startIncarnation: disk.incarnation,
        catalog,
        hosts: new HostRecordStore(decode),
      });
      const member: Member = { hostId, disk, mesh, sequence: 0 };
      this.members.set(hostId, member);
      this.#step(member, { type: 'members', members: this.#admitted(member) }, context);
      if (this.#isSettled && disk.starts === 1) settle(mesh, this.#founders, context);
      return {
        tick: (ctx) => this.#step(member, { type: 'tick' }, ctx),
        receive: (from, message, ctx) => this.#step(member, { type: 'message', from: from as HostId, message }, ctx),
      };
    });
    if (!this.#isSettled || this.member(hostId).disk.starts > 1) this.publishHost(hostId);
  }

  /** `kill -9`: the others' sockets break a moment later. */
  crash(hostId: HostId, losesDisk = false): void {
    this.world.crash(hostId);
    if (losesDisk) this.member(hostId).disk.catalog.clear();
    for (const other of this.running) {
      if (!this.world.network.canReach(hostId, other.hostId)) continue;
      this.world.after(5, () => this.step(other.hostId, { type: 'link', peer: hostId, state: 'down' }));
    }
  }

  /** Something happens at a member that runs. */
  step(hostId: HostId, event: MeshEvent): void {
    if (this.world.isUp(hostId)) this.#step(this.member(hostId), event, this.world.contextOf(hostId));
  }

  /** The host says something new of itself. */
  publishHost(hostId: HostId): void {
    const member = this.member(hostId);
    member.sequence += 1;
    const payload = new TextEncoder().encode(JSON.stringify({ hostId, name: `n${member.sequence}` }));
    const { incarnation } = member.disk;
    const record = { hostId, incarnation, sequence: member.sequence, payload, signature: new Uint8Array(64) };
    this.step(hostId, { type: 'publish-host', record });
  }

  /** A member writes to the catalog. */
  write(hostId: HostId, key: string, value: object = {}): CatalogRecord | undefined {
    const { mesh } = this.member(hostId);
    const { nowMs } = this.world.contextOf(hostId);
    const drafted = draft(mesh.catalog, [{ key, value: JSON.stringify(value) }], hostId, nowMs);
    if (!drafted.ok) throw new Error(drafted.reason);
    this.step(hostId, { type: 'publish-catalog', records: drafted.records });
    return drafted.records[0];
  }

  evict(by: HostId, hostId: HostId): void {
    this.write(by, keys.eviction(hostId), { hostId });
  }

  /** Why the views of running members differ, or undefined when they agree with each other and with the truth. */
  disagreement(): string | undefined {
    const [first, ...others] = this.running;
    if (first === undefined) return undefined;
    for (const other of others) {
      const parts = ['livenessHash', 'hosts', 'catalog'] as const;
      const views = [first, other].map(({ mesh }) => [
        mesh.view.liveness.livenessHash(),
        mesh.hosts.summary(),
        mesh.catalog.tree.root(),
      ]);
      const at = parts.findIndex((_, part) => views[0]?.[part] !== views[1]?.[part]);
      if (at >= 0) return `${first.hostId} and ${other.hostId} differ in ${parts[at]}`;
    }
    return this.#mistake(first);
  }

  /** What a member has wrong about the others. */
  #mistake({ hostId, mesh }: Member): string | undefined {
    for (const other of mesh.membership.members.values()) {
      const isUp = this.world.isUp(other.hostId);
      if (isUp !== (other.status === 'alive')) return `${hostId} holds ${other.hostId} ${other.status}`;
      const { disk, sequence } = this.member(other.hostId);
      const held = mesh.hosts.get(other.hostId)?.signed;
      if (!isUp || sequence === 0 || (held?.incarnation === disk.incarnation && held.sequence === sequence)) continue;
      return `${hostId} has record ${held?.incarnation}/${held?.sequence} of ${other.hostId}, not ${disk.incarnation}/${sequence}`;
    }
    return undefined;
  }

  #step(member: Member, event: MeshEvent, ctx: Context): void {
    for (const effect of meshStep(member.mesh, event, ctx)) this.#carryOut(member, effect, ctx);
  }

  #carryOut(member: Member, effect: MeshEffect, ctx: Context): void {
    this.onEffect(member, effect);
    if (effect.type === 'send') {
      this.world.send(member.hostId, effect.to, effect.message);
    } else if (effect.type === 'persist-catalog') {
      for (const record of effect.records) member.disk.catalog.set(record.key, record);
      for (const key of effect.removed) member.disk.catalog.delete(key);
    } else if (effect.type === 'catalog-changed') {
      const isAdmission = (key: string): boolean =>
        key.startsWith(prefixes.members) || key.startsWith(prefixes.evictions);
      if (effect.keys.some(isAdmission)) this.#step(member, { type: 'members', members: this.#admitted(member) }, ctx);
    } else if (effect.type !== 'keep') {
      this.world.note(() => `${member.hostId}: ${JSON.stringify(effect).slice(0, 200)}`);
    }
  }

  /** The founders and those who joined, without the evicted. */
  #admitted({ mesh }: Member): { readonly hostId: HostId }[] {
    const joined = mesh.catalog.index.scan(prefixes.members);
    const all = new Set([...this.#founders, ...[...joined].map((key) => key.slice(prefixes.members.length) as HostId)]);
    return [...all].filter((id) => !mesh.catalog.records.has(keys.eviction(id))).map((hostId) => ({ hostId }));
  }
}
