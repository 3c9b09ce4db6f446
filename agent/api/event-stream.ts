import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { ShoalError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';

/** A comment keeps proxies from closing a quiet stream, and tells us when the client is gone. */
const HEARTBEAT_MS = 15_000;

/** One server-sent event. `data` is written as JSON, on one line. */
export interface StreamEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** One client's event stream (WHATWG HTML, server-sent events). A client that does not keep up is cut off. */
export class EventStream extends Readable {
  readonly #heartbeat = setInterval(() => this.#write(': still here\n\n'), HEARTBEAT_MS);
  #onRead: (() => void) | undefined;
  #isEnded = false;

  constructor() {
    super();
    // Without a first byte the client would not even see the status before something happens.
    this.#write(': begin\n\n');
  }

  override _read(): void {
    const onRead = this.#onRead;
    this.#onRead = undefined;
    onRead?.();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearInterval(this.#heartbeat);
    done(error);
  }

  send({ id, event, data }: StreamEvent): void {
    this.#write(`${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Whether the client has enough to read: whoever has a backlog to send sends the rest `whenRead`. */
  get isFull(): boolean {
    return this.readableLength > limits.apiStreamQueueBytes / 2;
  }

  /** Calls once, when the client has read most of what is queued. A later call takes the place of an earlier one. */
  whenRead(onRead: () => void): void {
    this.#onRead = onRead;
  }

  /** Sends what is queued and closes. What is sent after it is dropped: a slow client still gets all that came before. */
  end(): void {
    clearInterval(this.#heartbeat);
    if (this.#isEnded || this.destroyed) return;
    this.#isEnded = true;
    this.push(null);
  }

  #write(text: string): void {
    if (this.#isEnded || this.destroyed) return;
    this.push(text);
    if (this.readableLength > limits.apiStreamQueueBytes) this.destroy();
  }
}

/** The open streams of a server, so that it can end them all when it stops. */
export class EventStreams {
  readonly #open = new Set<EventStream>();
  #isClosed = false;

  /**
   * Answers a request with an event stream.
   *
   * @param begin sends the first events and returns what to do when the stream is over
   */
  answer(reply: FastifyReply, begin: (stream: EventStream) => () => void): FastifyReply {
    if (this.#isClosed) throw new ShoalError('not-ready', 'This member is stopping.');
    if (this.#open.size >= limits.apiStreams) {
      throw new ShoalError(
        'rate-limited',
        `This member serves ${limits.apiStreams} event streams already. Use another.`,
      );
    }
    const stream = new EventStream();
    this.#open.add(stream);
    stream.once('close', () => this.#open.delete(stream));
    stream.once('close', begin(stream));
    return reply.type('text/event-stream').header('cache-control', 'no-store').send(stream);
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#open) stream.end();
  }
}
