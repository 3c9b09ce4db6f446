import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { HostId } from '../../../protocol/ids.ts';
import { hostOfCertificate } from './certificate.ts';

/** A peer fetches a few pieces at a time. */
const SOCKETS_PER_PEER = 16;
/** Handshakes under way; of one address fewer, so that a stranger can't keep the others out. */
const HANDSHAKES = 64;
const HANDSHAKES_PER_ADDRESS = 32;

/** Knows who is at the other end of each connection, and ends those of nobody we know. */
export class PeerSockets {
  #members: ReadonlySet<HostId> = new Set();
  readonly #sockets = new Map<HostId, Set<TLSSocket>>();
  readonly #hosts = new WeakMap<Socket, HostId>();
  /** Connections before the end of their handshake, by their far end. */
  readonly #handshakes = new Map<string, Socket>();

  /** Ends the connections of all others at once. */
  setMembers(members: Iterable<HostId>): void {
    this.#members = new Set(members);
    for (const [host, sockets] of this.#sockets) {
      if (!this.#members.has(host)) for (const socket of sockets) socket.destroy();
    }
  }

  /** The member at the other end. */
  memberAt(socket: Socket): HostId | undefined {
    const host = this.#hosts.get(socket);
    return host !== undefined && this.#members.has(host) ? host : undefined;
  }

  /** A connection was accepted; ends it when too many have not proved who they are. */
  greet(socket: Socket): void {
    const far = farEnd(socket);
    const isFull = this.#handshakes.size >= HANDSHAKES || this.#handshakesFrom(socket) >= HANDSHAKES_PER_ADDRESS;
    if (isFull || this.#handshakes.has(far)) {
      socket.destroy();
      return;
    }
    this.#handshakes.set(far, socket);
    socket.once('close', () => {
      if (this.#handshakes.get(far) === socket) this.#handshakes.delete(far);
    });
  }

  /** A handshake is done. Whether the peer is a member and may stay; otherwise its connection is ended. */
  admit(socket: TLSSocket, nowMs: number): boolean {
    this.#handshakes.delete(farEnd(socket));
    const certificate = socket.getPeerX509Certificate();
    const host = certificate && hostOfCertificate(certificate.raw, nowMs);
    const ofPeer = (host && this.#sockets.get(host)) ?? new Set<TLSSocket>();
    if (host === undefined || !this.#members.has(host) || ofPeer.size >= SOCKETS_PER_PEER) {
      socket.destroy();
      return false;
    }
    this.#hosts.set(socket, host);
    this.#sockets.set(host, ofPeer.add(socket));
    socket.once('close', () => {
      if (ofPeer.delete(socket) && ofPeer.size === 0 && this.#sockets.get(host) === ofPeer) this.#sockets.delete(host);
    });
    return true;
  }

  closeAll(): void {
    this.setMembers([]);
    for (const socket of this.#handshakes.values()) socket.destroy();
  }

  #handshakesFrom(socket: Socket): number {
    return [...this.#handshakes.values()].filter((other) => other.remoteAddress === socket.remoteAddress).length;
  }
}

const farEnd = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;
