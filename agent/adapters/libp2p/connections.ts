import type { Connection } from '@libp2p/interface';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { Libp2p } from 'libp2p';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { Admission } from '../../ports/transport.ts';
import { hostIdOf } from './gate.ts';
import { DIAL_MS } from './node.ts';

/** An idle connection is closed after this. Milliseconds. */
export const IDLE_MS = 30_000;
/** An idle connection beside a better one with the same peer goes earlier. Milliseconds. */
const DUPLICATE_IDLE_MS = 5_000;

/**
 * The open connections by peer, and how new ones are made. Two members that dial each other at once get two connections;
 * both work, new streams of both sides go to the same one, and the other is closed when nothing uses it any more.
 */
export class Connections {
  readonly #node: Libp2p;
  readonly #self: HostId;
  readonly #admission: Admission;
  readonly #open = new Map<HostId, Set<Connection>>();
  readonly #dials = new Map<HostId, Promise<Connection>>();
  readonly #idleSince = new WeakMap<Connection, number>();
  /** Dials so far by peer, so that each begins with another address. */
  readonly #turns = new Map<HostId, number>();

  constructor(node: Libp2p, self: HostId, admission: Admission) {
    this.#node = node;
    this.#self = self;
    this.#admission = admission;
  }

  /** Called for every connection that opens, whoever dialled. */
  opened(connection: Connection): void {
    const peer = hostIdOf(connection.remotePeer);
    const connections = this.#open.get(peer) ?? new Set();
    this.#open.set(peer, connections.add(connection));
  }

  /** Called for every connection that ends; true when it was the last one with this peer. */
  closed(connection: Connection): boolean {
    const peer = hostIdOf(connection.remotePeer);
    const connections = this.#open.get(peer);
    if (!connections?.delete(connection) || connections.size > 0) return false;
    this.#open.delete(peer);
    return true;
  }

  /** The connection that both sides would choose: dialled by the lower host id, the newest of several. */
  best(peer: HostId): Connection | undefined {
    let best: Connection | undefined;
    const preferred = this.#self < peer ? 'outbound' : 'inbound';
    for (const connection of this.#open.get(peer) ?? []) {
      if (connection.status !== 'open') continue;
      if (best === undefined || connection.direction === preferred || best.direction !== preferred) best = connection;
    }
    return best;
  }

  /** @throws ShoalError host-unreachable */
  async get(peer: HostId): Promise<Connection> {
    const existing = this.best(peer);
    if (existing !== undefined) return existing;
    const dial = this.#dials.get(peer) ?? this.#dial(peer);
    this.#dials.set(peer, dial);
    try {
      return await dial;
    } finally {
      this.#dials.delete(peer);
    }
  }

  /** Ends every connection with this peer at once. */
  abort(peer: HostId, reason: string): void {
    for (const connection of [...(this.#open.get(peer) ?? [])]) endConnection(connection, reason);
  }

  /** Closes what nothing has used for a while. */
  sweep(nowMs: number): void {
    for (const [peer, connections] of this.#open) {
      const best = this.best(peer);
      for (const connection of connections) {
        if (connection.streams.length > 0) {
          this.#idleSince.delete(connection);
          continue;
        }
        const since = this.#idleSince.get(connection) ?? nowMs;
        this.#idleSince.set(connection, since);
        if (nowMs - since <= (connection === best ? IDLE_MS : DUPLICATE_IDLE_MS)) continue;
        connection.close().catch(() => endConnection(connection, 'idle'));
      }
    }
  }

  /** Closes all, letting what was already written go out. */
  async close(timeoutMs: number): Promise<void> {
    const all = [...this.#open.values()].flatMap((connections) => [...connections]);
    const signal = AbortSignal.timeout(timeoutMs);
    await Promise.all(
      all.map((connection) =>
        connection.close({ signal }).catch(() => endConnection(connection, 'closing takes too long')),
      ),
    );
  }

  async #dial(peer: HostId): Promise<Connection> {
    const addresses = this.#addresses(peer);
    if (addresses.length === 0) throw new ShoalError('host-unreachable', 'No address of the host is known.');
    try {
      return await this.#node.dial(addresses, { signal: AbortSignal.timeout(DIAL_MS) });
    } catch (cause) {
      throw new ShoalError('host-unreachable', "None of the host's addresses answers.", { cause });
    }
  }

  #addresses(peer: HostId): Multiaddr[] {
    if (!this.#admission.isMember(peer)) return [];
    const known = parseAddresses(this.#admission.addressesOf(peer), peer);
    const turn = this.#turns.get(peer) ?? 0;
    this.#turns.set(peer, turn + 1);
    const first = known.length === 0 ? 0 : turn % known.length;
    return [...known.slice(first), ...known.slice(0, first)];
  }
}

/** Ends a connection now. libp2p's own `abort` throws, with the socket still open, when the connection is half closed. */
export function endConnection(connection: Connection, reason: string): void {
  const error = new Error(reason);
  try {
    connection.abort(error);
  } catch {
    // The failed try has finished the muxer, so this one reaches the socket.
    connection.abort(error);
  }
}

/** Multiaddrs of a peer; texts that are none, or that name another peer, are left out. */
function parseAddresses(texts: readonly string[], peer: HostId): Multiaddr[] {
  const suffix = `/p2p/${peer}`;
  return texts.flatMap((text) => {
    try {
      return [multiaddr(text.endsWith(suffix) ? text : `${text}${suffix}`)];
    } catch {
      return [];
    }
  });
}
