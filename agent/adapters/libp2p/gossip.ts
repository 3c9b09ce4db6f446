import type { Connection, Stream } from '@libp2p/interface';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { GossipMessage } from '../../core/mesh/messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { type Connections, endConnection, IDLE_MS } from './connections.ts';
import type { Counters } from './counters.ts';
import { FrameReader } from './framing.ts';
import { type Gate, hostIdOf } from './gate.ts';
import type { Keeper } from './keeper.ts';
import { Link } from './link.ts';
import { HANDSHAKE_MS } from './node.ts';

/** Gossip streams of one peer at once: the present one and those just ending. */
const STREAMS = 4;

/** How gossip messages become bytes and back. */
export interface FrameCodec {
  encodeMessage(message: GossipMessage): Uint8Array;
  joinFrame(messages: readonly Uint8Array[]): Uint8Array;
  /** Never throws; counts what it dropped. */
  decodeFrame(frame: Uint8Array): {
    readonly isValid: boolean;
    readonly messages: readonly GossipMessage[];
    readonly rejected: number;
  };
}

export interface GossipSurroundings {
  readonly protocols: readonly string[];
  readonly codec: FrameCodec;
  readonly connections: Connections;
  readonly keeper: Keeper;
  readonly gate: Gate;
  readonly counters: Counters;
  readonly clock: Clock;
  readonly log: Log;
  onMessage(from: HostId, message: GossipMessage): void;
  onLink(peer: HostId, state: 'up' | 'down'): void;
}

/** The links of this member: our stream to each peer, and each peer's stream to us. */
export class Gossip {
  readonly #around: GossipSurroundings;
  readonly #links = new Map<HostId, Link>();
  readonly #inbound = new Map<HostId, { readonly stream: Stream; readonly connection: Connection }>();
  readonly #up = new Set<HostId>();
  readonly streamLimits = { maxInboundStreams: STREAMS, maxOutboundStreams: STREAMS };

  constructor(around: GossipSurroundings) {
    this.#around = around;
  }

  send(to: HostId, message: GossipMessage): void {
    const { gate, counters, codec } = this.#around;
    if (gate.isMember(to)) this.#link(to).push(codec.encodeMessage(message));
    else counters.droppedMessages++;
  }

  /** Opens our half of the link, so that the other side sees us. */
  open(peer: HostId): void {
    this.#link(peer).open();
  }

  /** The last connection with this peer ended. */
  disconnected(peer: HostId): void {
    const wasUp = this.#up.delete(peer);
    this.#around.keeper.disconnected(peer, wasUp);
    if (wasUp) this.#around.onLink(peer, 'down');
  }

  /** Forgets what is queued for this peer and ends our stream. */
  close(peer: HostId): void {
    this.#links.get(peer)?.close();
    this.#links.delete(peer);
  }

  /** Writes out what is queued for everybody. */
  flush(): void {
    for (const link of this.#links.values()) link.flush();
  }

  /** Called every second: shows signs of life, ends what is broken, idle or not allowed any more. */
  tick(): void {
    const { gate, keeper, connections, log } = this.#around;
    for (const [peer, link] of this.#links) {
      const state = gate.isMember(peer) ? link.tick(keeper.isKept(peer), IDLE_MS) : 'broken';
      if (state === 'fine') continue;
      if (state === 'broken') {
        log.debug({ peer }, 'a link is silent and its connections are ended');
        connections.abort(peer, 'the link is silent');
      }
      if (state === 'idle' || !gate.isMember(peer)) this.close(peer);
    }
  }

  /** Serves the gossip stream that a member opened. */
  accept(stream: Stream, connection: Connection): void {
    const peer = hostIdOf(connection.remotePeer);
    this.#replace(peer, stream, connection);
    const reader = new FrameReader(limits.gossipFrameBytes);
    stream.addEventListener('message', ({ data }) => {
      try {
        for (const chunk of data instanceof Uint8Array ? [data] : data) {
          this.#around.counters.receivedBytes += chunk.length;
          for (const frame of reader.push(chunk)) this.#receive(peer, frame);
        }
      } catch (error) {
        this.#around.counters.rejectedFrames++;
        this.#around.log.debug({ peer, error: String(error) }, 'a gossip stream is broken and its connection is ended');
        endConnection(connection, 'broken frame');
      }
    });
    // Our half of the link is a stream of its own.
    stream.close().catch(() => {});
    this.open(peer);
  }

  /** A peer writes one stream. A newer one on another connection says that the former is dead on its side. */
  #replace(peer: HostId, stream: Stream, connection: Connection): void {
    const former = this.#inbound.get(peer);
    this.#inbound.set(peer, { stream, connection });
    stream.addEventListener('close', () => {
      if (this.#inbound.get(peer)?.stream === stream) this.#inbound.delete(peer);
    });
    former?.stream.abort(new Error('replaced by a newer stream'));
    if (former !== undefined && former.connection !== connection) endConnection(former.connection, 'replaced');
  }

  #receive(peer: HostId, bytes: Uint8Array): void {
    const { gate, keeper, codec, counters } = this.#around;
    if (!gate.isMember(peer)) throw new ShoalError('evicted', 'The host is no member any more.');
    const frame = codec.decodeFrame(bytes);
    if (!frame.isValid) throw new ShoalError('invalid-request', 'The frame cannot be read.');
    if (frame.rejected > 0) counters.rejectedFrames++;
    this.#link(peer).received(frame.messages.length > 0);
    if (!this.#up.has(peer)) {
      this.#up.add(peer);
      keeper.proven(peer);
      this.#around.onLink(peer, 'up');
    }
    for (const message of frame.messages) this.#deliver(peer, message);
  }

  /** A message that a handler fails on must not take its sender's link away, nor the agent down. */
  #deliver(peer: HostId, message: GossipMessage): void {
    try {
      this.#around.onMessage(peer, message);
    } catch (error) {
      this.#around.log.error({ error, peer, type: message.type }, 'a gossip handler failed');
    }
  }

  #link(peer: HostId): Link {
    const existing = this.#links.get(peer);
    if (existing !== undefined) return existing;
    const { connections, keeper, codec, counters, clock } = this.#around;
    const link = new Link({
      openStream: () => this.#openStream(peer),
      joinFrame: (messages) => codec.joinFrame(messages),
      mayDial: () => !keeper.isKept(peer) || connections.best(peer) !== undefined,
      nowMs: () => clock.monotonicMs(),
      onDropped: (count) => {
        counters.droppedMessages += count;
      },
      onSentBytes: (count) => {
        counters.sentBytes += count;
      },
      onBroken: (connection) => endConnection(connection, 'the gossip stream ended'),
    });
    this.#links.set(peer, link);
    return link;
  }

  async #openStream(peer: HostId): Promise<{ stream: Stream; connection: Connection }> {
    const { connections, protocols } = this.#around;
    const connection = await connections.get(peer);
    try {
      const stream = await connection.newStream([...protocols], { signal: AbortSignal.timeout(HANDSHAKE_MS) });
      return { stream, connection };
    } catch (cause) {
      // Whatever the reason, this connection carries no link; the keeper makes another.
      endConnection(connection, 'no gossip stream could be opened');
      throw new ShoalError('host-unreachable', 'The host does not accept the link.', { cause });
    }
  }
}
