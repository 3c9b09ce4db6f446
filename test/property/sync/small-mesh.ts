import { catalogSummary, newCatalog } from '../../../agent/core/catalog/catalog.ts';
import { draft } from '../../../agent/core/catalog/draft.ts';
import { HostRecordStore } from '../../../agent/core/catalog/host-records.ts';
import { merge } from '../../../agent/core/catalog/merge.ts';
import type { LivenessUpdate } from '../../../agent/core/mesh/messages.ts';
import type { SyncEffect, SyncView } from '../../../agent/core/sync/exchange.ts';
import { createSync, type SyncState, syncStep } from '../../../agent/core/sync/sync.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { HostRecord } from '../../../protocol/schemas/host.ts';

export const START_MS = 1_750_000_000_000;

export const hostId = (i: number): HostId => `12D3KooWhost${i}` as HostId;

/** Payloads of these tests are the host id alone. */
const newHostStore = (): HostRecordStore =>
  new HostRecordStore((payload) => {
    const name = new TextDecoder().decode(payload);
    return name === 'broken' ? { ok: false, reason: 'broken' } : { ok: true, value: { hostId: name } as HostRecord };
  });

export const signed = (id: HostId, incarnation: number, sequence: number, payload: string = id) => ({
  hostId: id,
  incarnation,
  sequence,
  payload: new TextEncoder().encode(payload),
  signature: new Uint8Array(64),
});

/** A member that has nothing but anti-entropy. */
export class SyncMember {
  readonly id: HostId;
  readonly state: SyncState = createSync();
  readonly catalog = newCatalog();
  readonly hosts = newHostStore();
  readonly incarnations = new Map<HostId, number>();

  constructor(id: HostId) {
    this.id = id;
  }

  get view(): SyncView {
    return {
      catalog: this.catalog,
      hosts: this.hosts,
      liveness: { livenessHash: () => JSON.stringify(this.livenessList()), livenessList: () => this.livenessList() },
    };
  }

  livenessList(): readonly LivenessUpdate[] {
    return [...this.incarnations]
      .map(([id, incarnation]) => ({ hostId: id, status: 'alive' as const, incarnation, by: id }))
      .sort((a, b) => (a.hostId < b.hostId ? -1 : 1));
  }

  write(key: string, value: object, nowMs: number): void {
    const drafted = draft(this.catalog, [{ key, value: JSON.stringify(value) }], this.id, nowMs);
    if (!drafted.ok) throw new Error(drafted.reason);
    merge(this.catalog, drafted.records, nowMs);
  }

  /** Everything that anti-entropy compares. */
  summary(): string {
    return [catalogSummary(this.catalog), this.hosts.summary(), JSON.stringify(this.livenessList())].join(' ');
  }

  apply(effect: SyncEffect, nowMs: number): void {
    if (effect.type === 'apply-catalog') merge(this.catalog, effect.records, nowMs);
    if (effect.type === 'apply-hosts') for (const record of effect.records) this.hosts.put(record, nowMs);
    if (effect.type !== 'apply-liveness') return;
    for (const { hostId: id, incarnation } of effect.updates) {
      this.incarnations.set(id, Math.max(incarnation, this.incarnations.get(id) ?? 0));
    }
  }
}

/** Members on a network that loses messages; everything sent at one instant arrives before the next. */
export class SmallMesh {
  readonly members: readonly SyncMember[];
  readonly sent: Extract<SyncEffect, { type: 'send' }>[] = [];
  nowMs = START_MS;
  readonly #rng: () => number;
  readonly #loss: number;

  constructor(size: number, rng: () => number, loss = 0) {
    this.members = Array.from({ length: size }, (_, i) => new SyncMember(hostId(i)));
    this.#rng = rng;
    this.#loss = loss;
  }

  /** Runs until all members hold the same. False when the time is over before. */
  converges(withinMs: number): boolean {
    const endMs = this.nowMs + withinMs;
    while (new Set(this.members.map((member) => member.summary())).size > 1) {
      if (this.nowMs >= endMs) return false;
      this.run(100);
    }
    return true;
  }

  run(forMs: number): void {
    for (const endMs = this.nowMs + forMs; this.nowMs < endMs; this.nowMs += 100) {
      for (const member of this.members) {
        const others = this.members.filter(({ id }) => id !== member.id).map(({ id }) => id);
        this.#carryOut(member, { type: 'tick', neighbours: others, alive: others });
      }
    }
  }

  #carryOut(member: SyncMember, event: Parameters<typeof syncStep>[1]): void {
    const effects = syncStep(member.state, event, member.view, { nowMs: this.nowMs, rng: this.#rng });
    for (const effect of effects) {
      if (effect.type !== 'send') {
        member.apply(effect, this.nowMs);
        continue;
      }
      this.sent.push(effect);
      const to = this.members.find(({ id }) => id === effect.to);
      if (to === undefined || this.#rng() < this.#loss) continue;
      this.#carryOut(to, { type: 'message', from: member.id, message: effect.message });
    }
  }
}
