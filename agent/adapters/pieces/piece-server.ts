import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { Socket } from 'node:net';
import { type Digest, isDigest } from '../../../protocol/digest.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { pieceCountOf, pieceRange } from '../../core/images/pieces.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { BufferPool } from './buffer-pool.ts';
import { ByteSlots } from './byte-slots.ts';
import type { HostCertificate } from './certificate.ts';
import { PeerSockets } from './peer-sockets.ts';
import type { TokenBucket } from './token-bucket.ts';

const MiB = 1_048_576;
/** A peer may be offered four pieces at once (`core/images/swarm/bounds.ts`), of 4 MiB at most. */
const UPLOAD_BOUNDS = { bytes: 48 * MiB, bytesPerPeer: 16 * MiB, waiting: 64 };
/** Shorter than a client waits for a first byte. */
const QUEUE_MS = 3_000;
/** A reader may stand still so long, */
const DRAIN_MS = 15_000;
/** and keep one piece's memory waiting so long in all. */
const DRAIN_TOTAL_MS = 120_000;
const HANDSHAKE_MS = 5_000;
const REQUEST_MS = 5_000;
const IDLE_MS = 30_000;
const CONNECTIONS = 512;
const HEADER_BYTES = 2_048;
const PATH = new RegExp(
  `^/blobs/([a-z0-9]+:[0-9a-f]{64,128})/pieces/(0|[1-9][0-9]{0,${String(limits.pieces).length - 1}})$`,
);

export interface PieceServerOptions {
  readonly store: Pick<BlobStore, 'stat' | 'readPiece'>;
  readonly certificate: HostCertificate;
  /** Port 0: any. */
  readonly listen: { readonly address: string; readonly port: number };
  /** Cap of all uploads. */
  readonly upload: TokenBucket;
  readonly buffers: BufferPool;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Hands out the pieces that are on this host, `GET /blobs/DIGEST/pieces/N`, over TLS 1.3 with the peer's identity in its
 * certificate. Who is no member gets no answer at all. 404: not here; 503: too many uploads.
 */
export class PieceServer {
  readonly #options: PieceServerOptions;
  readonly #server: Server;
  readonly #peers = new PeerSockets();
  readonly #slots = new ByteSlots(UPLOAD_BOUNDS);
  #uploadedBytes = 0;
  #uploadsOpen = 0;

  private constructor(options: PieceServerOptions) {
    this.#options = options;
    this.#server = createServer(
      {
        cert: options.certificate.cert,
        key: options.certificate.key,
        minVersion: 'TLSv1.3',
        requestCert: true,
        // There is no authority: the identity is in the certificate and is checked when the handshake is done.
        rejectUnauthorized: false,
        secureOptions: constants.SSL_OP_NO_TICKET,
        handshakeTimeout: HANDSHAKE_MS,
        headersTimeout: REQUEST_MS,
        requestTimeout: REQUEST_MS,
        keepAliveTimeout: IDLE_MS,
        connectionsCheckingInterval: REQUEST_MS,
        maxHeaderSize: HEADER_BYTES,
        noDelay: true,
      },
      (request, response) => void this.#answer(request, response),
    );
    this.#server.maxConnections = CONNECTIONS;
    this.#server.maxHeadersCount = 32;
    this.#server.on('connection', (socket) => {
      if (socket instanceof Socket) this.#peers.greet(socket);
    });
    // Before HTTP sees the connection.
    this.#server.prependListener('secureConnection', (socket) => {
      if (!this.#peers.admit(socket, options.clock.nowMs()))
        options.log.debug({ address: socket.remoteAddress }, 'a connection for pieces was refused');
    });
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#server.on('clientError', (_error, socket) => socket.destroy());
  }

  /** @throws Error with `code` when it can't listen there */
  static async listen(options: PieceServerOptions): Promise<PieceServer> {
    const server = new PieceServer(options);
    server.#server.listen(options.listen.port, options.listen.address);
    await once(server.#server, 'listening');
    server.#server.on('error', (error) => options.log.warn({ error }, 'connections for pieces cannot be accepted'));
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  get stats(): { readonly uploadedBytes: number; readonly uploadsOpen: number } {
    return { uploadedBytes: this.#uploadedBytes, uploadsOpen: this.#uploadsOpen };
  }

  /** Who may have pieces; connections of all others are ended at once. */
  setMembers(members: Iterable<HostId>): void {
    this.#peers.setMembers(members);
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#peers.closeAll();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    response.on('error', () => gone.abort());
    try {
      const status = await this.#serve(request, response, gone.signal);
      if (status !== 200) response.writeHead(status, { 'content-length': 0 }).end();
    } catch (error) {
      if (!gone.signal.aborted) this.#options.log.warn({ error }, 'a piece could not be sent');
      request.socket.destroy();
    }
  }

  /** The answer's status; 200 when the piece was sent. */
  async #serve(request: IncomingMessage, response: ServerResponse, gone: AbortSignal): Promise<number> {
    const peer = this.#peers.memberAt(request.socket);
    if (peer === undefined) throw new Error('no member');
    const hasBody =
      request.headers['transfer-encoding'] !== undefined || (request.headers['content-length'] ?? '0') !== '0';
    if (request.method !== 'GET' || hasBody) {
      // What the body holds must not be read as the next request.
      response.setHeader('connection', 'close');
      return request.method === 'GET' ? 400 : 405;
    }
    const wanted = this.#wanted(request.url ?? '');
    if (wanted === undefined) return 404;
    const release = await this.#room(peer, wanted.bytes, gone);
    if (release === undefined) return 503;
    this.#uploadsOpen += 1;
    try {
      // Given back when all of it is with the system: until then a socket may hold on to it.
      const buffer = this.#options.buffers.take(wanted.bytes);
      const bytes = await this.#options.store.readPiece(wanted.digest, wanted.piece, buffer.bytes);
      if (bytes !== undefined) await this.#send(bytes, response, gone);
      buffer.giveBack();
      return bytes === undefined ? 404 : 200;
    } finally {
      this.#uploadsOpen -= 1;
      release();
    }
  }

  #wanted(path: string): { readonly digest: Digest; readonly piece: number; readonly bytes: number } | undefined {
    const [, digest = '', pieceText = ''] = PATH.exec(path) ?? [];
    const stored = isDigest(digest) ? this.#options.store.stat(digest) : undefined;
    const piece = Number(pieceText);
    if (stored === undefined || piece >= pieceCountOf(stored.sizeBytes)) return undefined;
    const { start, end } = pieceRange(stored.sizeBytes, piece);
    return { digest: stored.digest, piece, bytes: end - start };
  }

  async #room(peer: HostId, bytes: number, gone: AbortSignal): Promise<(() => void) | undefined> {
    const late = new AbortController();
    const cancel = this.#options.clock.after(QUEUE_MS, () => late.abort());
    try {
      return await this.#slots.take(peer, bytes, AbortSignal.any([gone, late.signal]));
    } catch (error) {
      if (gone.aborted) throw error;
      return undefined;
    } finally {
      cancel();
    }
  }

  async #send(bytes: Uint8Array, response: ServerResponse, gone: AbortSignal): Promise<void> {
    response.writeHead(200, { 'content-type': 'application/octet-stream', 'content-length': bytes.length });
    let drainMs = DRAIN_TOTAL_MS;
    for (let at = 0; at < bytes.length; ) {
      const chunk = bytes.subarray(at, at + this.#options.upload.turnBytes);
      const turn = this.#options.upload.take(chunk.length, gone);
      if (turn !== undefined) await turn;
      gone.throwIfAborted();
      at += chunk.length;
      this.#uploadedBytes += chunk.length;
      if (!response.write(chunk)) drainMs -= await this.#told(response, 'drain', Math.min(DRAIN_MS, drainMs), gone);
    }
    const finished = this.#told(response, 'finish', Math.min(DRAIN_MS, drainMs), gone);
    response.end();
    await finished;
  }

  /** Waits until what was written is on its way. How long it took, in milliseconds. */
  async #told(
    response: ServerResponse,
    event: 'drain' | 'finish',
    timeoutMs: number,
    gone: AbortSignal,
  ): Promise<number> {
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    const late = new AbortController();
    const cancel = clock.after(timeoutMs, () => late.abort());
    try {
      await once(response, event, { signal: AbortSignal.any([gone, late.signal]) });
    } catch (error) {
      if (late.signal.aborted) response.destroy();
      throw error;
    } finally {
      cancel();
    }
    return clock.monotonicMs() - startMs;
  }
}
