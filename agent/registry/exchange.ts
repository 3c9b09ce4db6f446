import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ShoalError } from '../../protocol/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { RegistryError } from './registry-error.ts';

/** A GET without progress for this long is ended: an engine waits for ever, and a second pull joins the one that waits. */
const STALL_MS = 60_000;
const LOOK_MS = 5_000;
/** A body without a byte for this long is given up. */
const BODY_IDLE_MS = 60_000;
/** What is left of a body is thrown away for this long before the connection ends. */
const LINGER_MS = 10_000;
/** Progress is noticed this often, so a client may be as slow as this in `STALL_MS`. */
const WRITE_BYTES = 128 * 1024;

export type Headers = Readonly<Record<string, string | number>>;

/** One request and its answer. Whatever waits for it ends with its `signal`: once it is answered or the client is gone. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly signal: AbortSignal;
  readonly #response: ServerResponse;
  readonly #clock: Clock;
  readonly #end = new AbortController();
  #progressMs: number;

  constructor(request: IncomingMessage, response: ServerResponse, clock: Clock) {
    this.request = request;
    this.#response = response;
    this.#clock = clock;
    this.signal = this.#end.signal;
    this.#progressMs = clock.monotonicMs();
    const stopLooking = this.isRead ? clock.every(LOOK_MS, () => this.#endIfStalled()) : () => {};
    response.once('close', () => {
      stopLooking();
      this.#end.abort();
    });
    response.setHeader('Docker-Distribution-API-Version', 'registry/2.0');
  }

  get isRead(): boolean {
    return this.request.method === 'GET' || this.request.method === 'HEAD';
  }

  get status(): number {
    return this.#response.statusCode;
  }

  /** Some of an answer is out. */
  get hasBegun(): boolean {
    return this.#response.headersSent;
  }

  /** The client went away, or was sent away, before all was said. */
  get isGone(): boolean {
    return this.signal.aborted || (this.request.destroyed && !this.request.complete);
  }

  /** Undefined when it was not said, or not well. */
  get bodyBytes(): number | undefined {
    const text = this.request.headers['content-length'];
    return text !== undefined && /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined;
  }

  get hasBody(): boolean {
    return this.request.headers['transfer-encoding'] !== undefined || (this.bodyBytes ?? 0) > 0;
  }

  /**
   * Answers at once. An answer that comes too late is dropped.
   *
   * @param reason instead of the usual phrase behind the status
   */
  send(status: number, headers: Headers, body: string | Uint8Array = '', reason?: string): void {
    if (this.#response.headersSent || this.#response.destroyed) return;
    const hasBody = status !== 204;
    const all = { ...(hasBody ? { 'Content-Length': Buffer.byteLength(body) } : {}), ...headers };
    if (reason === undefined) this.#response.writeHead(status, all);
    else this.#response.writeHead(status, reason, all);
    this.#finish(this.request.method === 'HEAD' || body.length === 0 ? undefined : body);
  }

  sendJson(value: object, headers: Headers = {}): void {
    this.send(200, { 'Content-Type': 'application/json', ...headers }, JSON.stringify(value));
  }

  /** Once an answer has begun it can only be cut: the engine goes on where it was. */
  fail(error: RegistryError): void {
    if (this.hasBegun) this.destroy();
    else this.send(error.status, { 'Content-Type': 'application/json', ...error.headers }, error.body, error.reason);
  }

  destroy(): void {
    this.request.socket.destroy();
  }

  /**
   * Sends the headers with the first bytes, and what follows as it comes, as fast as the client takes it. Until then there can
   * still be an answer that says why there are none. @throws what `body` does
   */
  async stream(status: number, headers: Headers, sizeBytes: number, body: AsyncIterable<Uint8Array>): Promise<void> {
    this.signal.throwIfAborted();
    let sent = 0;
    for await (const chunk of body) {
      if (!this.#response.headersSent) this.#response.writeHead(status, { ...headers, 'Content-Length': sizeBytes });
      sent += chunk.length;
      if (sent > sizeBytes) break;
      for (let at = 0; at < chunk.length; at += WRITE_BYTES) await this.#write(chunk.subarray(at, at + WRITE_BYTES));
    }
    if (sent !== sizeBytes) throw new ShoalError('internal', 'A blob gave another number of bytes than its size.');
    this.#finish();
  }

  /** The body as it comes. Leaving it early does not end the connection, so that there can be an answer. @throws ECONNRESET, timeout */
  async *body(): AsyncGenerator<Uint8Array> {
    const chunks = this.request.iterator({ destroyOnReturn: false });
    try {
      for (;;) {
        const next = await this.#next(chunks);
        if (next === undefined) return;
        yield next;
      }
    } finally {
      await chunks.return?.();
    }
  }

  /** A small body whole. @throws RegistryError 413 */
  async readAll(maxBytes: number): Promise<Uint8Array> {
    const tooLarge = new RegistryError(413, 'SIZE_INVALID', `The body is larger than ${maxBytes} bytes.`);
    if ((this.bodyBytes ?? 0) > maxBytes) throw tooLarge;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of this.body()) {
      size += chunk.length;
      if (size > maxBytes) throw tooLarge;
      chunks.push(chunk);
    }
    return Buffer.concat(chunks, size);
  }

  async #next(chunks: AsyncIterator<unknown>): Promise<Uint8Array | undefined> {
    const cancel = this.#clock.after(BODY_IDLE_MS, () =>
      this.request.destroy(new ShoalError('timeout', 'The body stopped coming.')),
    );
    try {
      const { done, value } = await chunks.next();
      return done !== true && value instanceof Uint8Array ? value : undefined;
    } finally {
      cancel();
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    this.signal.throwIfAborted();
    if (!this.#response.write(bytes)) await once(this.#response, 'drain', { signal: this.signal });
    this.#progressMs = this.#clock.monotonicMs();
  }

  #endIfStalled(): void {
    if (this.#clock.monotonicMs() - this.#progressMs < STALL_MS) return;
    if (this.#response.headersSent) this.destroy();
    else this.fail(new RegistryError(503, 'UNKNOWN', `No answer could be given in ${STALL_MS / 1000} s.`));
  }

  /**
   * Ends the answer, after what is left of the request's body was thrown away: the end may close the connection, and closing
   * resets it under a client that is still sending, who then never sees the answer.
   */
  #finish(body?: string | Uint8Array): void {
    if (!this.hasBody || this.request.complete || this.request.destroyed) {
      this.#response.end(body);
      return;
    }
    if (body === undefined) this.#response.flushHeaders();
    else this.#response.write(body);
    const cancel = this.#clock.after(LINGER_MS, () => this.destroy());
    this.request.once('end', () => this.#response.end());
    this.request.once('close', cancel);
    this.request.resume();
  }
}
