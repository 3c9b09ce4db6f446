import type { HostId } from '../../../protocol/ids.ts';
import type { HostRecord, Liveness } from '../../../protocol/schemas/host.ts';
import { catalogSummary } from '../../core/catalog/catalog.ts';
import type { SignedHostRecord } from '../../core/catalog/host-record.ts';
import { compareVersions } from '../../core/catalog/host-records.ts';
import type { Conflict } from '../../core/catalog/merge.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';
import { assertNever } from '../../core/context.ts';
import { isSwarmMessage, type SwarmMessage } from '../../core/images/swarm/messages.ts';
import type { MeshEffect, MeshEvent } from '../../core/mesh/events.ts';
import { hostRecordsIn, withoutInvalid } from '../../core/mesh/host-records-in.ts';
import { meshStep } from '../../core/mesh/mesh.ts';
import type { GossipMessage } from '../../core/mesh/messages.ts';
import { TICK_MS } from '../../core/mesh/own-time.ts';
import { createMesh, type MeshState } from '../../core/mesh/state.ts';
import { summaryOf } from '../../core/sync/answers.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Identity } from '../../ports/identity.ts';
import type { Log } from '../../ports/log.ts';
import type { Transport } from '../../ports/transport.ts';
import type { LivenessView } from '../view/mesh-view.ts';
import type { LoadedMesh } from './mesh-disk.ts';

/** Told of what the mesh core found out, in order. */
export interface MeshListener {
  onCatalogChanged(keys: readonly string[]): void;
  onHostRecord(record: HostRecord): void;
  /** `previous` is undefined when this member hears of the other one for the first time since it started. */
  onLiveness(hostId: HostId, status: Liveness, previous: Liveness | undefined): void;
  onIsolated(isIsolated: boolean): void;
  onConflict(conflict: Conflict): void;
}

export interface MeshServiceParts {
  readonly transport: Transport;
  readonly identity: Identity;
  readonly disk: LoadedMesh;
  readonly clock: Clock;
  readonly log: Log;
}

/** With links to others, but never equal to any of them: after this the catalog counts as caught up all the same. */
const CATCH_UP_MS = 10_000;
/** What was queued for this member while it was away comes right after the link: such a summary is of the past. */
const FRESH_MS = 500;
/** A start that finds most others silent waits this long for them. */
const STARTING_MS = 30_000;
/** Nobody else answers for this long after the start: this member is on its own. */
const ALONE_MS = 5_000;

/** Feeds the pure mesh core with messages, links and time, and carries out what it decides. */
export class MeshService implements LivenessView {
  readonly state: MeshState;
  /** Records that others sent and that were not taken in, since the start. */
  readonly refused = { quarantined: 0, forged: 0 };
  readonly #parts: MeshServiceParts;
  readonly #log: Log;
  readonly #since = new Map<HostId, number>();
  readonly #heard = new Set<HostId>();
  /** When the link with a peer last came up. Milliseconds of the monotonic clock. */
  readonly #linkedAtMs = new Map<HostId, number>();
  #listener: MeshListener | undefined;
  #onSwarm: (from: HostId, message: SwarmMessage) => void = () => {};
  #stopTicks: (() => void) | undefined;
  #version: { readonly incarnation: number; readonly sequence: number };
  /** The last publication of this host's record; they go out in order. */
  #published: { readonly record: HostRecord; readonly json: string; readonly done: Promise<void> } | undefined;
  #isStopped = false;
  #startedAtMs = 0;
  #firstLinkAtMs: number | undefined;
  #isCaughtUp = false;

  constructor(parts: MeshServiceParts) {
    const { identity, disk } = parts;
    this.#parts = parts;
    this.#log = parts.log.child({ part: 'mesh' });
    this.#version = { incarnation: disk.startIncarnation, sequence: 0 };
    this.state = createMesh({
      self: identity.hostId,
      startIncarnation: disk.startIncarnation,
      catalog: disk.catalog,
      hosts: disk.hosts,
    });
    parts.transport.onMessage((from, message) => void this.#receive(from, message));
    parts.transport.onLink((peer, state) => this.#onLink(peer, state));
  }

  start(listener: MeshListener): void {
    this.#listener = listener;
    this.#startedAtMs = this.#parts.clock.monotonicMs();
    this.#stopTicks = this.#parts.clock.every(TICK_MS, () => this.step({ type: 'tick' }));
  }

  /** Rejects when not everything could be written to disk. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#stopTicks?.();
    await this.#parts.disk.flushed();
  }

  /** Whether the catalog was compared with another member's, or nobody is there to compare with. */
  isCaughtUp(): boolean {
    if (this.#isCaughtUp) return true;
    const nowMs = this.#parts.clock.monotonicMs();
    const isAlone = this.state.membership.members.size === 0;
    const isLeftAlone = this.#firstLinkAtMs === undefined && nowMs - this.#startedAtMs > ALONE_MS;
    const isLate = this.#firstLinkAtMs !== undefined && nowMs - this.#firstLinkAtMs > CATCH_UP_MS;
    this.#isCaughtUp = isAlone || isLeftAlone || isLate;
    return this.#isCaughtUp;
  }

  status(hostId: HostId) {
    const { membership } = this.state;
    const sinceMs = this.#since.get(hostId) ?? this.#parts.disk.startedAtMs;
    if (hostId === membership.self) return { status: 'alive' as const, sinceMs, incarnation: membership.incarnation };
    const member = membership.members.get(hostId);
    // Admitted but never heard of since this agent started: nobody to count on.
    if (member === undefined || member.incarnation === 0) return { status: 'dead' as const, sinceMs, incarnation: 0 };
    return { status: member.status, sinceMs, incarnation: member.incarnation };
  }

  /** Also after a start that finds most others silent: they are more likely to be cut off from this member than dead. */
  isIsolated(): boolean {
    const { membership } = this.state;
    if (membership.isIsolated) return true;
    if (this.#parts.clock.monotonicMs() - this.#startedAtMs > STARTING_MS) return false;
    const heard = [...membership.members.values()].filter(({ incarnation }) => incarnation > 0).length;
    return (heard + 1) * 2 <= membership.members.size + 1 && membership.members.size > 0;
  }

  /** Whether the record of every running member is here; without one, what runs there can't be told from what is missing. */
  hasEveryRecord(): boolean {
    const { membership, hosts } = this.state;
    // A host that starts knows its own containers only once it has looked at its engine.
    if (hosts.get(membership.self)?.signed.incarnation !== this.#version.incarnation) return false;
    return [...membership.members.values()].every(
      ({ hostId, status, incarnation }) => incarnation === 0 || status !== 'alive' || hosts.get(hostId) !== undefined,
    );
  }

  /** Whether this member's disk takes nothing: full, broken or read-only. */
  isDiskFailing(): boolean {
    return this.#parts.disk.isFailing();
  }

  /** Merges records, spreads them, and resolves when they are on this member's disk. */
  async commit(records: readonly CatalogRecord[]): Promise<void> {
    const isKnown = (record: CatalogRecord) => this.state.catalog.records.get(record.key)?.hlc === record.hlc;
    if (records.every(isKnown)) return this.#parts.disk.flushed();
    this.step({ type: 'publish-catalog', records });
    await this.#parts.disk.flushed();
  }

  /** Signs and spreads a new record of this host. `json` is its canonical form. */
  publishHost(record: HostRecord, json: string): Promise<void> {
    const before = this.#published?.done ?? Promise.resolve();
    const done = before.then(() => this.#signAndSpread(record, json));
    this.#published = { record, json, done };
    return done;
  }

  async #signAndSpread(record: HostRecord, json: string): Promise<void> {
    this.#version = { ...this.#version, sequence: this.#version.sequence + 1 };
    const { incarnation, sequence } = this.#version;
    const payload = new TextEncoder().encode(json);
    const signature = await this.#parts.identity.sign(signedBytes({ incarnation, sequence, payload }));
    if (this.#isStopped) return;
    this.step({ type: 'publish-host', record: { hostId: record.hostId, incarnation, sequence, payload, signature } });
    this.#listener?.onHostRecord(record);
  }

  step(event: MeshEvent): void {
    const { clock } = this.#parts;
    const effects = meshStep(this.state, event, { nowMs: clock.nowMs(), rng: () => clock.random() });
    for (const effect of effects) this.#carryOut(effect);
  }

  /** Who gets what members say about pieces of blobs; the mesh itself has no use for it. Without one it is dropped. */
  onSwarm(handler: (from: HostId, message: SwarmMessage) => void): void {
    this.#onSwarm = handler;
  }

  async #receive(from: HostId, message: GossipMessage): Promise<void> {
    if (isSwarmMessage(message)) {
      if (!this.#isStopped && this.state.membership.members.has(from)) this.#onSwarm(from, message);
      return;
    }
    if (message.type === 'summary') this.#compare(from, message.catalog, message.hosts);
    const valid = await this.#verified(from, message);
    if (valid !== undefined && !this.#isStopped) this.step({ type: 'message', from, message: valid });
  }

  /** Checks signatures of host records that would replace what is held; the core ignores the others anyway. */
  async #verified(from: HostId, message: GossipMessage): Promise<GossipMessage | undefined> {
    const { identity } = this.#parts;
    const news = hostRecordsIn(message).filter((record) => {
      const held = this.state.hosts.get(record.hostId)?.signed;
      return held === undefined || compareVersions(record, held) > 0;
    });
    if (news.length === 0) return message;
    const checks = await Promise.all(
      news.map((record) => identity.verify(record.hostId, signedBytes(record), record.signature)),
    );
    const invalid = new Set(news.filter((_, index) => checks[index] !== true));
    this.refused.forged += invalid.size;
    if (invalid.size > 0)
      this.#log.warn({ from, count: invalid.size }, 'host records with a wrong signature were dropped');
    return withoutInvalid(message, (record) => !invalid.has(record));
  }

  #onLink(peer: HostId, state: 'up' | 'down'): void {
    if (state === 'up') {
      const nowMs = this.#parts.clock.monotonicMs();
      this.#firstLinkAtMs ??= nowMs;
      this.#linkedAtMs.set(peer, nowMs);
      // Don't wait for the next round of comparisons to learn what happened meanwhile.
      if (!this.#isCaughtUp) this.#parts.transport.send(peer, summaryOf(this.state.view, false));
    }
    this.step({ type: 'link', peer, state });
  }

  #compare(from: HostId, theirCatalog: string, theirHosts: string): void {
    const { catalog, hosts } = this.state;
    const linkedAtMs = this.#linkedAtMs.get(from) ?? Number.POSITIVE_INFINITY;
    if (this.#parts.clock.monotonicMs() < linkedAtMs + FRESH_MS) return;
    if (theirCatalog === catalogSummary(catalog) && theirHosts === hosts.summary()) this.#isCaughtUp = true;
  }

  /**
   * Others hold a later record than this agent knows of: its disk was lost, or a clock set back. What it said so far since
   * its start reached nobody.
   */
  #onOwnRecordAhead({ incarnation, sequence }: { readonly incarnation: number; readonly sequence: number }): void {
    if (compareVersions({ incarnation, sequence }, this.#version) <= 0) return;
    this.#version = { incarnation: incarnation + 1, sequence: 0 };
    if (this.#published !== undefined) void this.publishHost(this.#published.record, this.#published.json);
  }

  #carryOut(effect: MeshEffect): void {
    const { transport, disk, clock } = this.#parts;
    switch (effect.type) {
      case 'send':
        transport.send(effect.to, effect.message);
        break;
      case 'keep':
        transport.keep(effect.peers);
        break;
      case 'persist-catalog':
        disk.persist(effect.records, effect.removed);
        break;
      case 'deliver-host': {
        const record = this.state.hosts.get(effect.record.hostId)?.value;
        if (record !== undefined) this.#listener?.onHostRecord(record);
        break;
      }
      case 'own-record-ahead':
        this.#onOwnRecordAhead(effect);
        break;
      case 'catalog-changed':
        this.#listener?.onCatalogChanged(effect.keys);
        break;
      case 'conflict':
        this.#listener?.onConflict(effect);
        break;
      case 'quarantined':
        this.refused.quarantined += 1;
        this.#log.debug({ what: effect.what, reason: effect.reason }, 'a record was quarantined');
        break;
      case 'liveness-changed': {
        const { hostId, status, previous } = effect;
        const isFirst = hostId !== this.state.self && !this.#heard.has(hostId);
        this.#heard.add(hostId);
        if (isFirst || status !== previous) this.#since.set(hostId, clock.nowMs());
        this.#listener?.onLiveness(hostId, status, isFirst ? undefined : previous);
        break;
      }
      case 'isolated-changed':
        this.#listener?.onIsolated(effect.isIsolated);
        break;
      default:
        assertNever(effect);
    }
  }
}

/** What a host signs: its version and the payload, so that neither can be swapped. */
function signedBytes(record: Pick<SignedHostRecord, 'incarnation' | 'sequence' | 'payload'>): Uint8Array {
  const head = new TextEncoder().encode(`shoal-host-record\n${record.incarnation}\n${record.sequence}\n`);
  const bytes = new Uint8Array(head.length + record.payload.length);
  bytes.set(head);
  bytes.set(record.payload, head.length);
  return bytes;
}
