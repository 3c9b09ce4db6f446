import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import { ShoalError } from '../../protocol/errors.ts';
import type { Log } from '../ports/log.ts';
import { RegistryError } from './registry-error.ts';

/** Each may hold a chunk of a blob, of at most 1 MiB, that its client is slow to take. */
const CONNECTIONS_MAX = 512;
const HEADER_BYTES_MAX = 16 * 1024;
const HEADERS_MS = 15_000;
const KEEP_ALIVE_MS = 30_000;
const HANDSHAKE_MS = 10_000;
/** How often slow clients are looked for. Milliseconds. */
const LOOK_MS = 5_000;

/** Where a listener is reached. */
export interface ListenAddress {
  readonly address: string;
  readonly port: number;
}

export interface Listener {
  readonly at: ListenAddress;
  /** Ends its connections too. */
  close(): Promise<void>;
}

export interface Binding extends ListenAddress {
  /** PEM. Without it the listener speaks plain HTTP, which engines take from loopback addresses only. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

export type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A bounded HTTP server. Bodies may take as long as they come: a layer of many gigabytes is one request, and its idle time is
 * bounded where it is read.
 *
 * @throws ShoalError conflict when the port is taken, invalid-request for an address that is not this host's or a bad certificate
 */
export async function openListener({ address, port, tls }: Binding, handle: Handle, log: Log): Promise<Listener> {
  const server = newServer(tls);
  const current = new WeakMap<Socket, ServerResponse>();
  server.maxConnections = CONNECTIONS_MAX;
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    current.set(request.socket, response);
    handle(request, response);
  });
  server.on('clientError', (error: Error & { readonly code?: string }, socket: Socket) => {
    const response = current.get(socket);
    const isAnswering = response?.headersSent === true && !response.writableFinished;
    // What is no request must not end up in the middle of a blob.
    if (isAnswering || !socket.writable || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    socket.on('error', () => socket.destroy());
    socket.write(rawAnswer(error.code));
    socket.destroySoon();
  });
  try {
    server.listen({ host: address, port });
    await once(server, 'listening');
  } catch (error) {
    throw listenError(error, address, port);
  }
  // Such as no file descriptor left for a connection: the listener goes on.
  server.on('error', (error) => log.warn({ error }, 'the registry could not accept a connection'));
  const bound = server.address();
  return {
    at: { address, port: typeof bound === 'object' && bound !== null ? bound.port : port },
    close: () => closeServer(server),
  };
}

function newServer(tls: Binding['tls']): Server {
  const options = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_MS,
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionsCheckingInterval: LOOK_MS,
  };
  if (tls === undefined) return createServer(options);
  try {
    return createTlsServer({ ...options, ...tls, handshakeTimeout: HANDSHAKE_MS });
  } catch (cause) {
    throw new ShoalError('invalid-request', "The registry's certificate or key cannot be used.", { cause });
  }
}

async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeAllConnections();
  await closed;
}

/** For what is no request, and so has no response of its own. */
function rawAnswer(code: string | undefined): string {
  const error = badRequest(code);
  const head = [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(error.body)}`,
    'Connection: close',
  ];
  return `${head.join('\r\n')}\r\n\r\n${error.body}`;
}

/** By Node's codes and those of its parser. */
function badRequest(code: string | undefined): RegistryError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return new RegistryError(431, 'UNSUPPORTED', 'The headers are too large.');
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return new RegistryError(408, 'UNSUPPORTED', 'The request took too long to arrive.');
    default:
      return new RegistryError(400, 'UNSUPPORTED', 'This is not an HTTP request.');
  }
}

function listenError(cause: unknown, address: string, port: number): unknown {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EADDRINUSE') {
    return new ShoalError('conflict', `Port ${port} of ${address} is taken by another program.`, { cause });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES' || code === 'ENOTFOUND' || code === 'EINVAL') {
    return new ShoalError('invalid-request', `The registry cannot listen on ${address}:${port}.`, { cause });
  }
  return cause;
}
