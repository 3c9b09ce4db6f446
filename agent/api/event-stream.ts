import { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { ShoalError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import type { Actor, Platform } from '../services/platform.ts';

/** A comment keeps proxies from closing a quiet stream, and tells us when the client is gone. */
export const HEARTBEAT_MS = 15_000;
const TEXT_BUFFER_BYTES = 64 * 1024;

/** One server-sent event. `data` is written as JSON, on one line. */
export interface StreamEvent {
  readonly id?: string;
  readonly event: string;
  readonly data: unknown;
}

/** As the wire wants it. */
export const eventText = ({ id, event, data }: StreamEvent): string =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

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
    this.#write(eventText({ ...(id === undefined ? {} : { id }), event, data }));
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
  readonly #platform: Pick<Platform, 'watch' | 'isRevoked'>;
  /** Each with whom it is for. */
  readonly #open = new Map<EventStream | Readable, Actor | undefined>();
  #unwatch: (() => void) | undefined;
  #isClosed = false;

  constructor(platform: Pick<Platform, 'watch' | 'isRevoked'>) {
    this.#platform = platform;
  }

  /**
   * Answers a request with an event stream.
   *
   * @param begin sends the first events and returns what to do when the stream is over
   */
  answer(reply: FastifyReply, begin: (stream: EventStream) => () => void): FastifyReply {
    this.#checkRoom(reply.request.actor);
    const stream = new EventStream();
    this.#hold(stream, reply.request.actor);
    stream.once('close', begin(stream));
    return reply.type('text/event-stream').header('cache-control', 'no-store').send(stream);
  }

  /**
   * Answers with text that is made as fast as the client reads it.
   *
   * @param make is told by its signal when nobody reads any more
   */
  answerText(reply: FastifyReply, type: string, make: (signal: AbortSignal) => AsyncIterable<string>): FastifyReply {
    this.#checkRoom(reply.request.actor);
    const gone = new AbortController();
    const stream = Readable.from(make(gone.signal), { objectMode: false, highWaterMark: TEXT_BUFFER_BYTES });
    this.#hold(stream, reply.request.actor);
    stream.once('close', () => gone.abort());
    return reply.type(type).header('cache-control', 'no-store').send(stream);
  }

  close(): void {
    this.#isClosed = true;
    for (const stream of this.#open.keys()) end(stream);
  }

  /** Until it closes; it ends when the token that it was asked for with is revoked. */
  #hold(stream: EventStream | Readable, actor: Actor | undefined): void {
    this.#open.set(stream, actor);
    this.#unwatch ??= this.#platform.watch((topics) => {
      if (!topics.has('members')) return;
      for (const [each, of] of this.#open) if (of !== undefined && this.#platform.isRevoked(of)) end(each);
    });
    stream.once('close', () => {
      this.#open.delete(stream);
      if (this.#open.size > 0) return;
      this.#unwatch?.();
      this.#unwatch = undefined;
    });
  }

  /** Guests can't take all of them. A token may have been revoked while its request was under way. */
  #checkRoom(actor: Actor | undefined): void {
    if (this.#isClosed) throw new ShoalError('not-ready', 'This member is stopping.');
    if (actor !== undefined && this.#platform.isRevoked(actor)) {
      throw new ShoalError('unauthenticated', 'The API token was revoked.');
    }
    const guests = () => [...this.#open.values()].filter((other) => other?.role === 'guest').length;
    const isFull =
      this.#open.size >= limits.apiStreams || (actor?.role === 'guest' && guests() >= limits.apiStreams / 2);
    if (!isFull) return;
    throw new ShoalError('rate-limited', `This member serves ${limits.apiStreams} streams already. Use another.`);
  }
}

const end = (stream: EventStream | Readable): void => {
  if (stream instanceof EventStream) stream.end();
  else stream.destroy();
};
