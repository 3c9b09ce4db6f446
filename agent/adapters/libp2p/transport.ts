import type { Duplex } from 'node:stream';
import { privateKeyFromProtobuf } from '@libp2p/crypto/keys';
import type { Connection, Stream } from '@libp2p/interface';
import type { Libp2p } from 'libp2p';
import { ShoalError } from '../../../protocol/errors.ts';
import { type HostId, type MeshId, ulid } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { GossipMessage } from '../../core/mesh/messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type {
  Admission,
  CallHandler,
  CallOptions,
  StreamHandler,
  Transport,
  TransportStats,
} from '../../ports/transport.ts';
import { TokenBucket } from '../pieces/token-bucket.ts';
import { reachableAddresses } from './addresses.ts';
import { CallServer, makeCall } from './calls.ts';
import { Connections, endConnection } from './connections.ts';
import { newCounters } from './counters.ts';
import { dismiss } from './farewell.ts';
import { Gate, hostIdOf } from './gate.ts';
import { type FrameCodec, Gossip } from './gossip.ts';
import { hostIdOfKey } from './identity.ts';
import { Keeper } from './keeper.ts';
import { createNode, HANDSHAKE_MS } from './node.ts';
import { protocolStrings } from './protocols.ts';
import { StreamDuplex } from './stream-duplex.ts';
import { openStream, StreamServer } from './stream-opening.ts';

/** Links are looked after this often. Milliseconds. */
const TICK_MS = 1_000;
/** What is written when the transport stops has this long to leave. Milliseconds. */
const FLUSH_MS = 500;

/**
 * What a member's streams (logs, shells) may send together. Bulk on a connection holds up the gossip on it: at full speed its p99
 * rises from 5 to 130 ms. Bytes a second.
 */
const STREAMS_BYTES_PER_S = 16 * 1024 * 1024;

export interface Libp2pTransportOptions {
  /** As `HostIdentity.privateKey`. */
  readonly privateKey: Uint8Array;
  readonly meshId: MeshId;
  /** Multiaddrs to listen on; port 0 takes a free one. */
  readonly listen: readonly string[];
  /** Multiaddrs to tell others instead of the listening ones. */
  readonly advertise?: readonly string[];
  readonly codec: FrameCodec;
  readonly log: Log;
  readonly clock: Clock;
}

/** The transport over libp2p: TCP, noise, yamux. */
export function createLibp2pTransport(options: Libp2pTransportOptions): Transport {
  return new Libp2pTransport(options);
}

/** What exists between start and stop. */
interface Running {
  readonly node: Libp2p;
  readonly connections: Connections;
  readonly keeper: Keeper;
  readonly gossip: Gossip;
  readonly stopTicking: () => void;
}

class Libp2pTransport implements Transport {
  readonly hostId: HostId;
  readonly #options: Libp2pTransportOptions;
  readonly #key;
  readonly #counters = newCounters();
  readonly #gate: Gate;
  readonly #server: CallServer;
  readonly #streamServer: StreamServer;
  readonly #pace: TokenBucket;
  readonly #handlers = new Map<string, CallHandler>();
  readonly #streamHandlers = new Map<string, StreamHandler>();
  readonly #messageHandlers: ((from: HostId, message: GossipMessage) => void)[] = [];
  readonly #linkHandlers: ((peer: HostId, state: 'up' | 'down') => void)[] = [];
  #joinHandler: CallHandler | undefined;
  #running: Running | undefined;

  constructor(options: Libp2pTransportOptions) {
    this.#options = options;
    this.#key = privateKeyFromProtobuf(options.privateKey);
    this.hostId = hostIdOfKey(this.#key);
    this.#gate = new Gate(options.clock, () => {
      this.#counters.rejectedPeers++;
    });
    this.#server = new CallServer(options.log);
    this.#streamServer = new StreamServer(options.log);
    this.#pace = new TokenBucket(options.clock, STREAMS_BYTES_PER_S);
  }

  /** @throws ShoalError conflict when an address cannot be listened on */
  async start(admission: Admission): Promise<void> {
    if (this.#running !== undefined) throw new Error('the transport runs already');
    this.#gate.open(admission);
    const node = await createNode(this.#key, this.#options.listen, this.#gate.gater);
    const running = this.#assemble(node, admission);
    this.#running = running;
    node.addEventListener('connection:open', ({ detail }) => this.#opened(running, detail));
    node.addEventListener('connection:close', ({ detail }) => {
      if (running.connections.closed(detail)) running.gossip.disconnected(hostIdOf(detail.remotePeer));
    });
    await this.#serve(running);
    try {
      await node.start();
    } catch (cause) {
      await this.stop();
      throw new ShoalError(
        'conflict',
        `Cannot listen on ${this.#options.listen.join(', ')}; another process may have the port.`,
        { cause },
      );
    }
  }

  async stop(): Promise<void> {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.stopTicking();
    running.keeper.keep([]);
    running.gossip.flush();
    await running.connections.close(FLUSH_MS);
    await running.node.stop();
  }

  addresses(): readonly string[] {
    const { advertise } = this.#options;
    if (advertise !== undefined && advertise.length > 0) return advertise;
    const suffix = `/p2p/${this.hostId}`;
    const listening =
      this.#running?.node.getMultiaddrs().map((address) => address.toString().replace(suffix, '')) ?? [];
    return reachableAddresses(listening);
  }

  send(to: HostId, message: GossipMessage): void {
    if (this.#running === undefined || to === this.hostId) this.#counters.droppedMessages++;
    else this.#running.gossip.send(to, message);
  }

  onMessage(handler: (from: HostId, message: GossipMessage) => void): void {
    this.#messageHandlers.push(handler);
  }

  keep(peers: readonly HostId[]): void {
    this.#running?.keeper.keep(peers);
    for (const peer of peers) if (this.#running?.connections.best(peer) !== undefined) this.#running.gossip.open(peer);
  }

  onLink(handler: (peer: HostId, state: 'up' | 'down') => void): void {
    this.#linkHandlers.push(handler);
  }

  drop(peer: HostId): void {
    this.#running?.gossip.close(peer);
    this.#running?.connections.abort(peer, 'dropped');
  }

  async call(to: HostId, method: string, body: Uint8Array, options: CallOptions): Promise<Uint8Array> {
    const { random, nowMs } = this.#options.clock;
    const request = { method, body, id: ulid(nowMs(), random) };
    return makeCall((signal) => this.#open(to, 'call', signal), request, options);
  }

  async openStream(to: HostId, method: string, header: Uint8Array, options: CallOptions): Promise<Duplex> {
    const { random, nowMs } = this.#options.clock;
    const open = async (signal: AbortSignal) =>
      new StreamDuplex(await this.#open(to, 'stream', signal), this.#pace).on('error', () => {});
    return openStream(open, { method, header, id: ulid(nowMs(), random) }, options);
  }

  handleStream(method: string, handler: StreamHandler): void {
    this.#streamHandlers.set(method, handler);
  }

  handle(method: string, handler: CallHandler): void {
    this.#handlers.set(method, handler);
  }

  handleJoin(handler: CallHandler): void {
    this.#joinHandler = handler;
  }

  stats(): TransportStats {
    return { ...this.#counters };
  }

  #assemble(node: Libp2p, admission: Admission): Running {
    const { clock, log, codec, meshId } = this.#options;
    const connections = new Connections(node, this.hostId, admission);
    const keeper = new Keeper({
      self: this.hostId,
      clock,
      isConnected: (peer) => connections.best(peer) !== undefined,
      connect: (peer) => connections.get(peer),
    });
    const gossip = new Gossip({
      protocols: protocolStrings(meshId, 'gossip'),
      codec,
      connections,
      keeper,
      gate: this.#gate,
      counters: this.#counters,
      clock,
      log,
      onMessage: (from, message) => {
        for (const handler of this.#messageHandlers) handler(from, message);
      },
      onLink: (peer, state) => {
        for (const handler of this.#linkHandlers) handler(peer, state);
      },
    });
    return { node, connections, keeper, gossip, stopTicking: this.#startTicking(connections, gossip) };
  }

  /** After our own pause (a busy event loop, a suspended machine) the others' silence proves nothing: that tick is left out. */
  #startTicking(connections: Connections, gossip: Gossip): () => void {
    const { clock } = this.#options;
    let lastMs = clock.monotonicMs();
    return clock.every(TICK_MS, () => {
      const now = clock.monotonicMs();
      const isLate = now - lastMs > 2 * TICK_MS;
      lastMs = now;
      if (isLate) return;
      gossip.tick();
      connections.sweep(now);
    });
  }

  #opened({ connections, keeper, gossip }: Running, connection: Connection): void {
    const peer = hostIdOf(connection.remotePeer);
    // A stranger's connection serves its join alone, also when that makes it a member: it doesn't speak gossip yet.
    if (!this.#gate.isMember(peer)) return;
    connections.opened(connection);
    keeper.connected(peer);
    if (keeper.isKept(peer)) gossip.open(peer);
  }

  async #serve({ node, gossip }: Running): Promise<void> {
    const { meshId } = this.#options;
    const calls = { maxInboundStreams: 2 * limits.callsPerPeer, maxOutboundStreams: 2 * limits.callsPerPeer };
    const isMember = (peer: HostId) => this.#gate.isMember(peer);
    const mayJoin = (peer: HostId) => isMember(peer) || this.#gate.isJoinOpen();
    const accept = this.#guarded(isMember, (stream, connection) => gossip.accept(stream, connection));
    await node.handle(
      protocolStrings(meshId, 'gossip'),
      (stream, connection) => this.#sendAway(connection) ?? accept(stream, connection),
      gossip.streamLimits,
    );
    await node.handle(
      protocolStrings(meshId, 'call'),
      this.#guarded(isMember, (stream, _, peer) =>
        this.#server.serve(stream, peer, limits.callBodyBytes, (method) => this.#handlers.get(method)),
      ),
      calls,
    );
    await node.handle(
      protocolStrings(meshId, 'stream'),
      this.#guarded(isMember, (stream, _, peer) =>
        this.#streamServer.serve(new StreamDuplex(stream, this.#pace), peer, (method) =>
          this.#streamHandlers.get(method),
        ),
      ),
      { maxInboundStreams: 2 * limits.streamsPerPeer, maxOutboundStreams: 2 * limits.streamsPerPeer },
    );
    await node.handle(
      protocolStrings(meshId, 'join'),
      this.#guarded(mayJoin, (stream, _, peer) =>
        this.#server.serve(stream, peer, limits.joinBodyBytes, () => this.#joinHandler),
      ),
      { maxInboundStreams: 1 },
    );
  }

  /** Asks again for every stream: a connection may outlive the right to it. */
  #guarded(
    isAllowed: (peer: HostId) => boolean,
    serve: (stream: Stream, connection: Connection, peer: HostId) => void | Promise<void>,
  ) {
    return (stream: Stream, connection: Connection): void | Promise<void> => {
      const peer = hostIdOf(connection.remotePeer);
      if (isAllowed(peer)) return serve(stream, connection, peer);
      this.#counters.rejectedPeers++;
      endConnection(connection, 'not admitted');
    };
  }

  /** Undefined when there is no reason to. What an evicted host says is left unread. */
  #sendAway(connection: Connection): Promise<void> | undefined {
    const farewell = this.#gate.farewell(hostIdOf(connection.remotePeer));
    if (farewell === undefined) return undefined;
    const { meshId, codec, clock } = this.#options;
    this.#counters.rejectedPeers++;
    const frame = codec.joinFrame([codec.encodeMessage(farewell)]);
    return dismiss(connection, protocolStrings(meshId, 'gossip'), frame, clock);
  }

  async #open(to: HostId, kind: 'call' | 'stream', signal: AbortSignal): Promise<Stream> {
    const running = this.#running;
    if (running === undefined) throw new ShoalError('not-ready', 'The transport does not run.');
    const protocols = protocolStrings(this.#options.meshId, kind);
    // Once more when the first connection turns out to be gone: nothing was sent on it.
    for (let isRetry = false; ; isRetry = true) {
      const connection = await abortable(running.connections.get(to), signal);
      const handshake = AbortSignal.timeout(HANDSHAKE_MS);
      try {
        return await connection.newStream(protocols, { signal: AbortSignal.any([signal, handshake]) });
      } catch (cause) {
        // It only seems to be open; or the peer is closing it, and of that only the end of the streams has come so far.
        if (handshake.aborted || isEndOfStream(cause)) endConnection(connection, 'no stream could be opened');
        if (isRetry || signal.aborted || connection.status === 'open') throw cause;
      }
    }
  }
}

/** Settles like the promise, or rejects as soon as the signal is aborted. */
function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

const isEndOfStream = (cause: unknown): boolean => cause instanceof Error && cause.name === 'UnexpectedEOFError';
