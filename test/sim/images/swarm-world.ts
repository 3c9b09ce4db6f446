import { EXCHANGE_TICK_MS } from '../../../agent/core/images/swarm/bounds.ts';
import type { FetchEnd } from '../../../agent/core/images/swarm/events.ts';
import type { SwarmMessage } from '../../../agent/core/images/swarm/messages.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { invariant } from '../framework/invariants.ts';
import { EventQueue } from '../framework/queue.ts';
import { forkRng, makeRng, type Rng } from '../framework/rng.ts';
import { Trace } from '../framework/trace.ts';
import { type Content, contentOf, pieceSizeOf } from './content.ts';
import { FluidNetwork, type Transfer } from './fluid-network.ts';
import { type Manner, SwarmHost, type TrackerMessage } from './swarm-host.ts';

/** One host of a simulation; rates in bytes per millisecond. */
export interface HostPlan {
  readonly upRate: number;
  readonly downRate: number;
  readonly zone?: string;
  readonly manner?: Manner;
}

export interface SwarmWorldOptions {
  readonly seed: number;
  readonly hosts: readonly HostPlan[];
  readonly sizeBytes: number;
  /** Bytes per millisecond. */
  readonly originRate: number;
  /** Where to fetch it; undefined when only holders have it. */
  readonly origin: string | undefined;
  /** One way between two hosts; pairs differ, up to twice this. Milliseconds. */
  readonly latencyMs: number;
  /** Of messages between two hosts. */
  readonly lossProbability?: number;
}

const ORIGIN = 'origin';
/** A connection on which nothing comes is given up after this. Milliseconds. */
const STALL_MS = 5_000;
/** A death is known to others after this and up to a second more. Milliseconds. */
const DEATH_KNOWN_MS = 2_000;

interface Request {
  readonly piece: number;
  readonly sha256: string;
  readonly from: HostId;
  transfer: Transfer | undefined;
  isOver: boolean;
}

/** Hosts, their links, one upstream and a virtual clock. A run is a function of its options. */
export class SwarmWorld {
  readonly options: SwarmWorldOptions;
  readonly content: Content;
  readonly hosts: readonly SwarmHost[];
  readonly trace = new Trace();
  readonly #byId: ReadonlyMap<HostId, SwarmHost>;
  readonly #queue = new EventQueue<() => void>();
  readonly #network: FluidNetwork;
  readonly #rng: Rng;
  readonly #latencies = new Map<string, number>();
  readonly #requests = new Map<HostId, Request[]>();
  readonly #origins = new Map<HostId, { transfer: Transfer | undefined; isOver: boolean }>();
  #sides = new Map<HostId, number>();
  #nowMs = 0;
  originBytes = 0;
  isOriginUp = true;
  messages = 0;
  /** Bytes that came from peers, and those of them that were for nothing. */
  peerBytes = 0;
  wastedBytes = 0;

  constructor(options: SwarmWorldOptions) {
    this.options = options;
    this.#rng = makeRng(options.seed);
    this.content = contentOf(`blob-${options.seed}`, options.sizeBytes);
    this.#network = new FluidNetwork(this.#queue, () => this.#nowMs);
    this.#network.addHost(ORIGIN, options.originRate, 1);
    this.hosts = options.hosts.map(({ upRate, downRate, zone = 'a', manner = 'honest' }, index) => {
      const id = `host-${String(index).padStart(3, '0')}` as HostId;
      this.#network.addHost(id, upRate, downRate);
      return new SwarmHost(this, id, zone, manner, forkRng(this.#rng));
    });
    this.#byId = new Map(this.hosts.map((host) => [host.id, host]));
    for (const host of this.hosts) {
      host.boot(this.#byId.keys());
      host.settle();
      this.#scheduleTick(host, this.#rng() * EXCHANGE_TICK_MS);
    }
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  host(id: HostId): SwarmHost {
    const host = this.#byId.get(id);
    if (host === undefined) throw new Error(`no host ${id}`);
    return host;
  }

  after(delayMs: number, action: () => void): void {
    this.#queue.push(this.#nowMs + delayMs, action);
  }

  /** Lets time pass until the condition holds; undefined when it does not within `atMostMs`. Checked after every event. */
  runUntil(condition: () => boolean, atMostMs: number): number | undefined {
    const endMs = this.#nowMs + atMostMs;
    while (!condition()) {
      const next = this.#queue.pop();
      if (next === undefined || next.atMs > endMs) return undefined;
      this.#nowMs = next.atMs;
      next.item();
    }
    return this.#nowMs;
  }

  run(forMs: number): void {
    let isOver = false;
    this.after(forMs, () => {
      isOver = true;
    });
    this.runUntil(() => isOver, forMs);
  }

  #scheduleTick(host: SwarmHost, delayMs: number): void {
    this.after(delayMs, () => {
      if (host.isUp) host.tick();
      this.#scheduleTick(host, EXCHANGE_TICK_MS);
    });
  }

  // Messages

  #latencyMs(from: HostId, to: HostId): number {
    const key = from < to ? `${from}|${to}` : `${to}|${from}`;
    const known = this.#latencies.get(key) ?? this.options.latencyMs * (0.5 + 1.5 * this.#rng());
    this.#latencies.set(key, known);
    return known;
  }

  #canReach(from: HostId, to: HostId): boolean {
    return this.host(to).isUp && (this.#sides.get(from) ?? 0) === (this.#sides.get(to) ?? 0);
  }

  #deliver(from: HostId, to: HostId, receive: (host: SwarmHost) => void): void {
    if (from === to) this.after(0, () => receive(this.host(to)));
    else if (this.#canReach(from, to) && this.#rng() >= (this.options.lossProbability ?? 0))
      this.after(this.#latencyMs(from, to), () => {
        if (this.#canReach(from, to)) receive(this.host(to));
      });
  }

  sendSwarm(from: HostId, to: HostId, message: SwarmMessage): void {
    this.messages += 1;
    this.note(() => `${from} -> ${to} ${JSON.stringify(message).slice(0, 150)}`);
    this.#deliver(from, to, (host) => host.onSwarmMessage(from, message));
  }

  sendTracker(from: HostId, to: HostId, message: TrackerMessage): void {
    this.#deliver(from, to, (host) => host.onTrackerMessage(message));
  }

  // Pieces

  fetch(by: HostId, from: HostId, piece: number, sha256: string): void {
    const request: Request = { piece, sha256, from, transfer: undefined, isOver: false };
    this.#requests.set(by, [...(this.#requests.get(by) ?? []), request]);
    if (!this.#canReach(by, from)) this.after(STALL_MS, () => this.#end(by, request, 'unreachable'));
    else this.after(this.#latencyMs(by, from), () => this.#serve(by, request));
  }

  #serve(by: HostId, request: Request): void {
    if (request.isOver) return;
    const { from, piece, sha256 } = request;
    const sender = this.host(from);
    const isStanding = sender.manner === 'stalls' || this.host(by).manner === 'hoards' || !this.#canReach(by, from);
    if (isStanding) {
      if (this.host(by).manner !== 'hoards') this.after(STALL_MS, () => this.#end(by, request, 'stalled'));
      return;
    }
    const hash = sender.disk.get(piece);
    if (hash === undefined) {
      this.after(this.#latencyMs(by, from), () => this.#end(by, request, 'absent'));
      return;
    }
    const sent = sender.manner === 'corrupts' ? `x${hash}` : hash;
    request.transfer = this.#network.start(from, by, pieceSizeOf(this.content, piece), () => {
      this.after(this.#latencyMs(by, from), () => this.#end(by, request, sent === sha256 ? 'ok' : 'corrupt'));
    });
  }

  #end(by: HostId, request: Request, end: FetchEnd): void {
    if (request.isOver) return;
    request.isOver = true;
    const { transfer, piece, from, sha256 } = request;
    this.#requests.set(
      by,
      (this.#requests.get(by) ?? []).filter((one) => one !== request),
    );
    if (transfer !== undefined) {
      this.#network.stop(transfer);
      this.peerBytes += transfer.sentBytes;
      if (end !== 'ok') this.wastedBytes += transfer.sentBytes;
    }
    if (this.host(by).isUp) this.host(by).onFetched(piece, from, end, end === 'ok' ? sha256 : undefined);
  }

  cancel(by: HostId, from: HostId, piece: number): void {
    const request = this.#requests.get(by)?.find((one) => one.from === from && one.piece === piece);
    if (request !== undefined) this.after(0, () => this.#end(by, request, 'cancelled'));
  }

  // Upstream

  fetchOrigin(by: HostId, pieces: readonly number[]): void {
    invariant(this.#origins.get(by)?.isOver !== false, 'one request to the upstream', () => by);
    const fetch = { transfer: undefined, isOver: false };
    this.#origins.set(by, fetch);
    this.note(() => `${by} fetches ${pieces.length} pieces from the upstream`);
    this.after(2 * this.options.latencyMs, () => this.#nextFromOrigin(by, fetch, pieces, 0));
  }

  #nextFromOrigin(
    by: HostId,
    fetch: { transfer: Transfer | undefined; isOver: boolean },
    pieces: readonly number[],
    index: number,
  ): void {
    if (fetch.isOver) return;
    const piece = pieces[index];
    const { digest } = this.content;
    if (piece === undefined || !this.isOriginUp) {
      fetch.isOver = true;
      const failure = this.isOriginUp ? undefined : { code: 'upstream-unavailable', detail: 'It does not answer.' };
      this.host(by).track({ type: 'origin-ended', digest, failure });
      return;
    }
    const size = pieceSizeOf(this.content, piece);
    fetch.transfer = this.#network.start(ORIGIN, by, size, () => {
      this.originBytes += size;
      this.host(by).onOriginPiece(piece);
      this.#nextFromOrigin(by, fetch, pieces, index + 1);
    });
  }

  stopOrigin(by: HostId): void {
    const fetch = this.#origins.get(by);
    if (fetch === undefined || fetch.isOver) return;
    fetch.isOver = true;
    if (fetch.transfer === undefined || fetch.transfer.isOver) return;
    this.#network.stop(fetch.transfer);
    this.originBytes += fetch.transfer.sentBytes;
  }

  /** Who fetches from the upstream now. */
  get fetchers(): readonly HostId[] {
    return [...this.#origins].filter(([, { isOver }]) => !isOver).map(([id]) => id);
  }

  // Faults

  /** As a power cut does; others see connections end at once, and know of the death later. */
  kill(id: HostId): void {
    const host = this.host(id);
    host.isUp = false;
    this.note(() => `${id} dies`);
    this.stopOrigin(id);
    this.#breakTransfers((by, from) => by === id || from === id);
    this.#membersChanged();
  }

  /** Starts again with what is on its disk. */
  restart(id: HostId): void {
    this.note(() => `${id} starts again`);
    this.host(id).boot(this.#reachableFrom(id));
    this.#membersChanged();
  }

  /** Hosts of one group hear each other only; the upstream hears all. */
  partition(groups: readonly (readonly HostId[])[]): void {
    this.#sides = new Map(groups.flatMap((group, side) => group.map((id) => [id, side] as const)));
    this.#breakTransfers((by, from) => this.#sides.get(by) !== this.#sides.get(from));
    this.#membersChanged();
  }

  heal(): void {
    this.#sides = new Map();
    this.#membersChanged();
  }

  #breakTransfers(isBroken: (by: HostId, from: HostId) => boolean): void {
    for (const [by, requests] of this.#requests)
      for (const request of requests)
        if (isBroken(by, request.from)) this.after(0, () => this.#end(by, request, 'unreachable'));
  }

  #reachableFrom(id: HostId): HostId[] {
    return this.hosts
      .filter((other) => other.id === id || (other.isUp && this.#canReach(id, other.id)))
      .map(({ id }) => id);
  }

  #membersChanged(): void {
    for (const host of this.hosts)
      this.after(DEATH_KNOWN_MS + 1_000 * this.#rng(), () => {
        if (host.isUp) host.onMembers(this.#reachableFrom(host.id));
      });
  }

  note(line: () => string): void {
    const atMs = this.#nowMs;
    this.trace.add(() => `${atMs.toFixed(1)} ${line()}`);
  }
}
