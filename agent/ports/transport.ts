import type { Duplex } from 'node:stream';
import type { HostId } from '../../protocol/ids.ts';
import type { GossipMessage } from '../core/mesh/messages.ts';

/** Who may talk to us. Asked for every connection and every stream, so an eviction takes effect at once. */
export interface Admission {
  isMember(hostId: HostId): boolean;
  /** True while some join token is usable; otherwise strangers are refused at the handshake. */
  isJoinOpen(): boolean;
  /** Multiaddrs (without peer id) to try for a member, best first. */
  addressesOf(hostId: HostId): readonly string[];
  /** What a host that was evicted is told when it comes; then it is sent away. Undefined for every other host. */
  farewell?(hostId: HostId): GossipMessage | undefined;
}

export interface CallOptions {
  /** The whole call, dialling included. Milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Answers one call. A thrown ShoalError travels to the caller with its code and detail; anything else as `internal`. */
export type CallHandler = (from: HostId, body: Uint8Array, signal: AbortSignal) => Promise<Uint8Array>;

/**
 * Decides on one stream by its header. What it returns is given the stream once the other side knows that it is open; an error
 * travels as one of a call does. The signal is aborted when the stream is gone.
 */
export type StreamHandler = (
  from: HostId,
  header: Uint8Array,
  signal: AbortSignal,
) => Promise<(stream: Duplex) => void>;

/** Counters since start, for metrics and tests. */
export interface TransportStats {
  readonly sentBytes: number;
  readonly receivedBytes: number;
  readonly droppedMessages: number;
  readonly rejectedFrames: number;
  readonly rejectedPeers: number;
}

/**
 * Links, calls and joins between agents, over authenticated and encrypted connections.
 *
 * A *link* carries gossip messages on one long-lived stream per direction and peer: `send` never blocks, messages of one
 * turn of the event loop share a frame, the queue is bounded and drops its oldest. A link is opened on demand by `send` or kept open by
 * `keep`. Order within a link holds; delivery is not promised.
 */
export interface Transport {
  readonly hostId: HostId;
  start(admission: Admission): Promise<void>;
  stop(): Promise<void>;
  /** Addresses this agent can be reached at (advertised, or the listening ones), without the peer id. */
  addresses(): readonly string[];
  send(to: HostId, message: GossipMessage): void;
  onMessage(handler: (from: HostId, message: GossipMessage) => void): void;
  /** The peers to stay connected to; reconnects for ever with jittered back-off (cap 5 s). Others are closed when idle for 30 s. */
  keep(peers: readonly HostId[]): void;
  /** `up` once the first message of the other side was seen, `down` when its connection ends. */
  onLink(handler: (peer: HostId, state: 'up' | 'down') => void): void;
  /** Ends every connection with this peer now (evicted). */
  drop(peer: HostId): void;
  /** @throws ShoalError host-unreachable, timeout, or the code the other side answered */
  call(to: HostId, method: string, body: Uint8Array, options: CallOptions): Promise<Uint8Array>;
  handle(method: string, handler: CallHandler): void;
  /**
   * Opens a stream of bytes both ways. A reader that does not read stops the writer at the other end; together a member's streams
   * never take a link from its gossip. Whoever holds the stream listens for its `error`.
   *
   * @throws ShoalError as `call`
   */
  openStream(to: HostId, method: string, header: Uint8Array, options: CallOptions): Promise<Duplex>;
  handleStream(method: string, handler: StreamHandler): void;
  /** Serves the join protocol, the only one open to strangers. */
  handleJoin(handler: CallHandler): void;
  stats(): TransportStats;
}
