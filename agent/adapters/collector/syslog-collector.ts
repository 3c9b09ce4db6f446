import { connect, type Socket } from 'node:net';
import { rootCertificates, connect as secureConnect } from 'node:tls';
import { ShoalError } from '../../../protocol/errors.ts';
import { type ForwardedLine, octetCounted, syslogMessage } from '../../core/forward/line.ts';
import type { Collector, CollectorTarget } from '../../ports/collector.ts';

const CONNECT_MS = 10_000;
/** A collector that takes nothing for so long is given up. Milliseconds. */
const WRITE_MS = 30_000;
const DEFAULT_PORTS = { tcp: 514, tls: 6514 } as const;

/** Syslog over one connection (RFC 6587 with octet counting, RFC 5425 with TLS). */
export class SyslogCollector implements Collector {
  readonly #target: CollectorTarget;
  #socket: Socket | undefined;
  /** Without an acknowledgement, what was sent right before a connection broke may be lost: it is sent again. */
  #last: readonly ForwardedLine[] = [];
  #isBroken = false;

  constructor(target: CollectorTarget) {
    this.#target = target;
  }

  async send(lines: readonly ForwardedLine[], signal: AbortSignal): Promise<void> {
    const isAgain = this.#isBroken;
    const socket = this.#socket ?? (await this.#connect(signal));
    await this.#write(socket, isAgain ? [...this.#last, ...lines] : lines, signal);
    this.#last = lines;
    this.#isBroken = false;
  }

  close(): void {
    this.#socket?.destroy();
  }

  #connect(signal: AbortSignal): Promise<Socket> {
    const { url, caPem, verify } = this.#target;
    const { hostname, port } = new URL(url);
    const host = hostname.replace(/^\[|\]$/g, '');
    const isSecure = url.startsWith('syslog+tls');
    const place = { host, port: Number(port || (isSecure ? DEFAULT_PORTS.tls : DEFAULT_PORTS.tcp)) };
    const ca = caPem === undefined ? {} : { ca: [...rootCertificates, caPem] };
    const socket = isSecure
      ? secureConnect({ ...place, ...ca, servername: /^[\d.:]+$/.test(host) ? '' : host, rejectUnauthorized: verify })
      : connect(place);
    socket.setTimeout(CONNECT_MS, () => socket.destroy(new Error('it does not answer')));
    // Nothing comes from there, but its end has to be noticed.
    socket.resume().on('end', () => socket.destroy());
    socket.setKeepAlive(true, CONNECT_MS);
    return new Promise((resolve, reject) => {
      const abort = () => socket.destroy();
      signal.addEventListener('abort', abort, { once: true });
      socket.once('close', () => {
        signal.removeEventListener('abort', abort);
        if (this.#socket === socket) this.#socket = undefined;
        this.#isBroken = true;
        reject(failure(this.#target.url, 'the connection ended'));
      });
      socket.on('error', (error) => reject(failure(this.#target.url, error.message)));
      socket.once(isSecure ? 'secureConnect' : 'connect', () => {
        socket.setTimeout(0);
        signal.removeEventListener('abort', abort);
        this.#socket = socket;
        resolve(socket);
      });
    });
  }

  #write(socket: Socket, lines: readonly ForwardedLine[], signal: AbortSignal): Promise<void> {
    const { url } = this.#target;
    return new Promise((resolve, reject) => {
      const give = () => socket.destroy();
      const timer = setTimeout(give, WRITE_MS);
      const end = (error?: Error | null) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', give);
        socket.removeListener('close', onClose);
        if (error) reject(failure(url, error.message));
        else resolve();
      };
      const onClose = () => end(new Error('the connection ended'));
      signal.addEventListener('abort', give, { once: true });
      socket.once('close', onClose);
      socket.write(lines.map((line) => octetCounted(syslogMessage(line))).join(''), end);
    });
  }
}

const failure = (url: string, why: string): ShoalError =>
  new ShoalError('upstream-unavailable', `${new URL(url).host}: ${why}`.slice(0, 1_000));
