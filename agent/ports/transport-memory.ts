import { type Duplex, duplexPair } from 'node:stream';
import { ShoalError } from '../../protocol/errors.ts';
import type { HostId } from '../../protocol/ids.ts';
import { limits } from '../../protocol/limits.ts';
import type { GossipMessage } from '../core/mesh/messages.ts';
import type { Clock } from './clock.ts';
import type { Admission, CallHandler, CallOptions, StreamHandler, Transport, TransportStats } from './transport.ts';

/**
 * Agents in one process: the twin of the libp2p transport. Delivery takes a microtask, so a turn's messages arrive
 * together and in order; values are copied, so nobody shares state with the sender by accident. Links can be cut.
 */
export class MemoryNetwork {
  readonly #clock: Clock;
  readonly #running = new Map<HostId, MemoryTransport>();
  readonly #cuts = new Set<string>();
  readonly #packed = new WeakMap<GossipMessage, Packed>();
  readonly #sizeOf: (message: GossipMessage) => number;

  /** @param sizeOf bytes of a message on a wire, for the queue bounds */
  constructor(clock: Clock, sizeOf: (message: GossipMessage) => number = (message) => JSON.stringify(message).length) {
    this.#clock = clock;
    this.#sizeOf = sizeOf;
  }

  /** @internal What arrives of a message, and its size on a wire: one copy for all who get it, and for all whom they pass it on to. */
  pack(message: GossipMessage): Packed {
    const known = this.#packed.get(message);
    if (known !== undefined) return known;
    const packed = { message: structuredClone(message), bytes: this.#sizeOf(message) };
    this.#packed.set(message, packed);
    this.#packed.set(packed.message, packed);
    return packed;
  }

  /** A transport for this host; making another one for the same host is a restart of its agent. */
  transport(hostId: HostId): Transport {
    return new MemoryTransport(this, this.#clock, hostId);
  }

  /** Takes away the wire between two hosts. */
  cut(a: HostId, b: HostId): void {
    this.#cuts.add(pair(a, b));
    this.#running.get(a)?.refresh(b);
  }

  /** Puts it back. */
  heal(a: HostId, b: HostId): void {
    this.#cuts.delete(pair(a, b));
    this.#running.get(a)?.refresh(b);
  }

  /** The join call of a host that has no transport yet, to a member's address. */
  async dialJoin(from: HostId, address: string, request: Uint8Array): Promise<Uint8Array> {
    const to = this.#running.get(address.split('/').pop() as HostId);
    if (to === undefined || this.isCut(from, to.hostId)) throw unreachable();
    return to.serveJoin(from, request);
  }

  /** @internal for the transports */
  find(hostId: HostId): MemoryTransport | undefined {
    return this.#running.get(hostId);
  }

  /** @internal for the transports */
  isCut(a: HostId, b: HostId): boolean {
    return this.#cuts.has(pair(a, b));
  }

  /** @internal for the transports */
  register(transport: MemoryTransport): void {
    this.#running.set(transport.hostId, transport);
    for (const other of this.#running.values()) if (other !== transport) other.refresh(transport.hostId);
  }

  /** @internal for the transports */
  unregister(transport: MemoryTransport): void {
    if (this.#running.get(transport.hostId) === transport) this.#running.delete(transport.hostId);
    for (const other of this.#running.values()) other.refresh(transport.hostId);
  }
}

const pair = (a: HostId, b: HostId): string => [a, b].sort().join(' ');
const unreachable = (): ShoalError => new ShoalError('host-unreachable', 'The host cannot be reached.');

interface Packed {
  readonly message: GossipMessage;
  readonly bytes: number;
}

/** A queue towards one peer. */
interface Outbox {
  messages: Packed[];
  bytes: number;
  isScheduled: boolean;
}

class MemoryTransport implements Transport {
  readonly hostId: HostId;
  readonly #network: MemoryNetwork;
  readonly #clock: Clock;
  readonly #outboxes = new Map<HostId, Outbox>();
  /** Peers we have a connection with, and the transport (not only the host) at its other end. */
  readonly #connected = new Map<HostId, MemoryTransport>();
  readonly #kept = new Set<HostId>();
  readonly #handlers = new Map<string, CallHandler>();
  readonly #streamHandlers = new Map<string, StreamHandler>();
  readonly #running = new Map<HostId, number>();
  readonly #ended = new Map<HostId, AbortController>();
  readonly #messageHandlers: ((from: HostId, message: GossipMessage) => void)[] = [];
  readonly #linkHandlers: ((peer: HostId, state: 'up' | 'down') => void)[] = [];
  readonly #stats = { sentBytes: 0, receivedBytes: 0, droppedMessages: 0, rejectedFrames: 0, rejectedPeers: 0 };
  #joinHandler: CallHandler | undefined;
  #admission: Admission | undefined;

  constructor(network: MemoryNetwork, clock: Clock, hostId: HostId) {
    this.#network = network;
    this.#clock = clock;
    this.hostId = hostId;
  }

  async start(admission: Admission): Promise<void> {
    this.#admission = admission;
    this.#network.register(this);
    for (const peer of this.#kept) this.refresh(peer);
  }

  async stop(): Promise<void> {
    for (const peer of [...this.#outboxes.keys()]) this.#flush(peer);
    this.#admission = undefined;
    this.#kept.clear();
    for (const peer of [...this.#connected.keys()]) this.#disconnect(peer);
    this.#network.unregister(this);
  }

  addresses(): readonly string[] {
    return [`/memory/${this.hostId}`];
  }

  send(to: HostId, message: GossipMessage): void {
    const packed = this.#network.pack(message);
    const { bytes } = packed;
    const isSendable = to !== this.hostId && this.#admission?.isMember(to) && bytes <= limits.gossipFrameBytes;
    if (!isSendable || !(this.#connect(to) || this.#kept.has(to))) {
      this.#stats.droppedMessages++;
      return;
    }
    const outbox = this.#outboxes.get(to) ?? { messages: [], bytes: 0, isScheduled: false };
    this.#outboxes.set(to, outbox);
    outbox.messages.push(packed);
    outbox.bytes += bytes;
    const bound = this.#connected.has(to) ? limits.gossipQueueBytes : limits.gossipOfflineQueueBytes;
    while (outbox.bytes > bound) {
      outbox.bytes -= outbox.messages.shift()?.bytes ?? 0;
      this.#stats.droppedMessages++;
    }
    this.#schedule(to, outbox);
  }

  onMessage(handler: (from: HostId, message: GossipMessage) => void): void {
    this.#messageHandlers.push(handler);
  }

  keep(peers: readonly HostId[]): void {
    this.#kept.clear();
    for (const peer of peers) if (peer !== this.hostId) this.#kept.add(peer);
    for (const peer of this.#kept) this.refresh(peer);
  }

  onLink(handler: (peer: HostId, state: 'up' | 'down') => void): void {
    this.#linkHandlers.push(handler);
  }

  drop(peer: HostId): void {
    this.#outboxes.delete(peer);
    this.#disconnect(peer);
  }

  async call(to: HostId, method: string, body: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    const { timeoutMs, signal } = options;
    if (body.length > limits.callBodyBytes) throw new ShoalError('too-large', 'The body of the call is too large.');
    if (signal?.aborted) throw new ShoalError('cancelled', 'The call was cancelled.');
    if (!this.#connect(to)) throw unreachable();
    const peer = this.#connected.get(to);
    const ended = this.#ended.get(to)?.signal;
    const stop = new AbortController();
    const { promise: failed, reject } = Promise.withResolvers<never>();
    const fail = (error: ShoalError) => {
      reject(error);
      stop.abort(error);
    };
    const cancelTimer = this.#clock.after(timeoutMs, () =>
      fail(new ShoalError('timeout', `No answer within ${timeoutMs} ms.`)),
    );
    const onAbort = () => fail(new ShoalError('cancelled', 'The call was cancelled.'));
    const onEnded = () => fail(unreachable());
    signal?.addEventListener('abort', onAbort);
    ended?.addEventListener('abort', onEnded);
    try {
      if (peer === undefined) throw unreachable();
      return await Promise.race([peer.serve(this.hostId, method, body.slice(), stop.signal), failed]);
    } finally {
      cancelTimer();
      signal?.removeEventListener('abort', onAbort);
      ended?.removeEventListener('abort', onEnded);
    }
  }

  handle(method: string, handler: CallHandler): void {
    this.#handlers.set(method, handler);
  }

  async openStream(to: HostId, method: string, header: Uint8Array, { signal }: CallOptions): Promise<Duplex> {
    if (header.length > limits.streamHeaderBytes) throw new ShoalError('too-large', 'The header is too large.');
    if (signal?.aborted) throw new ShoalError('cancelled', 'The call was cancelled.');
    const peer = this.#connect(to) ? this.#connected.get(to) : undefined;
    const ended = this.#ended.get(to)?.signal;
    if (peer === undefined || ended === undefined) throw unreachable();
    const [near, far] = duplexPair();
    const fail = () => {
      for (const end of [near, far]) end.destroy(unreachable());
    };
    for (const end of [near, far]) end.on('error', () => {});
    ended.addEventListener('abort', fail, { once: true });
    near.once('close', () => ended.removeEventListener('abort', fail));
    // A real wire takes the other end with it.
    near.once('close', () => far.destroy());
    far.once('close', () => near.readableEnded || near.destroy(unreachable()));
    try {
      await peer.serveStream(this.hostId, method, header.slice(), far);
    } catch (error) {
      near.destroy();
      throw error;
    }
    return near;
  }

  handleStream(method: string, handler: StreamHandler): void {
    this.#streamHandlers.set(method, handler);
  }

  handleJoin(handler: CallHandler): void {
    this.#joinHandler = handler;
  }

  stats(): TransportStats {
    return { ...this.#stats };
  }

  /** @internal Connects or disconnects after something about this peer changed. */
  refresh(peer: HostId): void {
    const other = this.#network.find(peer);
    const former = this.#connected.get(peer);
    if (former !== undefined && (former !== other || this.#network.isCut(this.hostId, peer))) this.#disconnect(peer);
    if (this.#kept.has(peer) || other?.keeps(this.hostId)) this.#connect(peer);
  }

  /** @internal */
  keeps(peer: HostId): boolean {
    return this.#kept.has(peer);
  }

  /** @internal A member's call arrives. */
  async serve(from: HostId, method: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array> {
    await Promise.resolve();
    const handler = this.#handlers.get(method);
    if (handler === undefined) throw new ShoalError('invalid-request', 'There is no such method.');
    const running = this.#running.get(from) ?? 0;
    if (running >= limits.callsPerPeer) throw new ShoalError('rate-limited', 'Too many calls of one host at once.');
    this.#running.set(from, running + 1);
    try {
      return await answer(handler, from, body, signal, limits.callBodyBytes);
    } finally {
      this.#running.set(from, (this.#running.get(from) ?? 1) - 1);
    }
  }

  /** @internal A member's stream arrives. */
  async serveStream(from: HostId, method: string, header: Uint8Array, stream: Duplex): Promise<void> {
    await Promise.resolve();
    const handler = this.#streamHandlers.get(method);
    if (handler === undefined) throw new ShoalError('invalid-request', 'There is no such stream.');
    const gone = new AbortController();
    stream.once('close', () => gone.abort(new ShoalError('cancelled', 'The caller is gone.')));
    try {
      (await handler(from, header, gone.signal))(stream);
    } catch (error) {
      throw error instanceof ShoalError ? error : new ShoalError('internal', 'The host failed to answer.');
    }
  }

  /** @internal A stranger's join arrives. */
  async serveJoin(from: HostId, request: Uint8Array): Promise<Uint8Array> {
    const isAllowed = this.#admission?.isJoinOpen() || this.#admission?.isMember(from);
    if (!isAllowed || this.#joinHandler === undefined) {
      this.#stats.rejectedPeers++;
      throw unreachable();
    }
    return answer(
      this.#joinHandler,
      from,
      request.slice(),
      AbortSignal.timeout(limits.strangerMs),
      limits.joinBodyBytes,
    );
  }

  /** True when there is a connection with this peer now. */
  #connect(peer: HostId): boolean {
    if (this.#connected.has(peer)) return true;
    const other = this.#network.find(peer);
    if (other === undefined || this.#network.isCut(this.hostId, peer)) return false;
    if (!this.#admission?.isMember(peer) || !other.#admits(this)) return false;
    this.#attach(other);
    other.#attach(this);
    return true;
  }

  #admits(other: MemoryTransport): boolean {
    if (this.#admission?.isMember(other.hostId) === true) return true;
    this.#stats.rejectedPeers++;
    const farewell = this.#admission?.farewell?.(other.hostId);
    if (farewell !== undefined) queueMicrotask(() => other.#hear(this.hostId, structuredClone(farewell)));
    return false;
  }

  #attach(other: MemoryTransport): void {
    const peer = other.hostId;
    this.#connected.set(peer, other);
    this.#ended.set(peer, new AbortController());
    queueMicrotask(() => {
      if (this.#connected.get(peer) !== other) return;
      for (const handler of this.#linkHandlers) handler(peer, 'up');
      const outbox = this.#outboxes.get(peer);
      if (outbox !== undefined) this.#schedule(peer, outbox);
    });
  }

  #disconnect(peer: HostId): void {
    const other = this.#connected.get(peer);
    if (other === undefined) return;
    this.#connected.delete(peer);
    this.#ended.get(peer)?.abort();
    for (const handler of this.#linkHandlers) handler(peer, 'down');
    other.#disconnect(this.hostId);
  }

  #schedule(peer: HostId, outbox: Outbox): void {
    if (outbox.isScheduled || !this.#connected.has(peer)) return;
    outbox.isScheduled = true;
    queueMicrotask(() => {
      outbox.isScheduled = false;
      this.#flush(peer);
    });
  }

  #flush(peer: HostId): void {
    const other = this.#connected.get(peer);
    const outbox = this.#outboxes.get(peer);
    if (other === undefined || outbox === undefined) return;
    this.#outboxes.delete(peer);
    this.#stats.sentBytes += outbox.bytes;
    other.#receive(this.hostId, outbox);
  }

  #receive(from: HostId, outbox: Outbox): void {
    this.#stats.receivedBytes += outbox.bytes;
    for (const { message } of outbox.messages) this.#hear(from, message);
  }

  #hear(from: HostId, message: GossipMessage): void {
    if (!this.#admission?.isMember(from)) return;
    for (const handler of this.#messageHandlers) handler(from, message);
  }
}

/** Runs a handler as the other side of a wire would: codes pass, other errors become `internal`. */
async function answer(handler: CallHandler, from: HostId, body: Uint8Array, signal: AbortSignal, maxBytes: number) {
  let reply: Uint8Array;
  try {
    reply = await handler(from, body, signal);
  } catch (error) {
    throw error instanceof ShoalError ? error : new ShoalError('internal', 'The host failed to answer.');
  }
  if (reply.length > maxBytes) throw new ShoalError('too-large', 'The answer is too large for one call.');
  return reply.slice();
}
