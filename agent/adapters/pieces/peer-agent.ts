import type { ClientRequestArgs } from 'node:http';
import { Agent } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect, type SecureContext, type TLSSocket } from 'node:tls';
import type { HostId } from '../../../protocol/ids.ts';
import type { Clock } from '../../ports/clock.ts';
import { hostOfCertificate } from './certificate.ts';

/** Name resolution, TCP and TLS handshake together. */
const CONNECT_MS = 3_000;
const IDLE_MS = 30_000;
const IDLE_SOCKETS = 4;

/** No connection to the peer at this address: nobody there, or somebody else. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

/** Connections to one peer. None is used before the other end has proved to be that peer. */
export class PeerAgent extends Agent {
  readonly #hostId: HostId;
  readonly #context: SecureContext;
  readonly #clock: Clock;
  #isEnded = false;
  /** Where the peer was met last. */
  lastAddress: string | undefined;

  constructor(hostId: HostId, context: SecureContext, clock: Clock) {
    super({ keepAlive: true, maxFreeSockets: IDLE_SOCKETS, scheduling: 'lifo', timeout: IDLE_MS });
    this.#hostId = hostId;
    this.#context = context;
    this.#clock = clock;
  }

  override createConnection(
    { host, port }: ClientRequestArgs,
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    const socket = connect({
      host: host ?? '',
      port: Number(port),
      secureContext: this.#context,
      // There is no authority: the identity is in the certificate.
      rejectUnauthorized: false,
      servername: '',
    });
    const cancel = this.#clock.after(CONNECT_MS, () => socket.destroy(new NotConnected('no handshake in time')));
    const fail = (error: Error) => {
      cancel();
      done?.(new NotConnected('no connection', { cause: error }), socket);
    };
    const onClose = () => fail(new Error('closed'));
    socket.once('error', fail);
    socket.once('close', onClose);
    socket.once('secureConnect', () => {
      if (this.#isEnded || !this.#isPeer(socket)) {
        socket.destroy(new NotConnected('somebody else'));
        return;
      }
      cancel();
      socket.off('error', fail);
      socket.off('close', onClose);
      this.lastAddress = host ?? undefined;
      done?.(null, socket);
    });
    return undefined;
  }

  /** Ends all connections, also those that are being made. */
  override destroy(): void {
    this.#isEnded = true;
    super.destroy();
  }

  #isPeer(socket: TLSSocket): boolean {
    const certificate = socket.getPeerX509Certificate();
    return certificate !== undefined && hostOfCertificate(certificate.raw, this.#clock.nowMs()) === this.#hostId;
  }
}
