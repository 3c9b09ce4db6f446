import { Duplex } from 'node:stream';
import type { Stream } from '@libp2p/interface';
import type { TokenBucket } from '../pieces/token-bucket.ts';

/** Written at a time, so that gossip on the same connection waits for no more than this. */
const CHUNK_BYTES = 32 * 1024;
const BUFFER_BYTES = 64 * 1024;

/**
 * A libp2p stream as Node's: a reader that does not read stops the other side's writer, whatever lies between. What it writes is
 * paced, because the connection is the one that gossip uses.
 */
export class StreamDuplex extends Duplex {
  readonly #stream: Stream;
  readonly #pace: TokenBucket;
  readonly #ended = new AbortController();
  #wantsData = false;

  constructor(stream: Stream, pace: TokenBucket) {
    super({ readableHighWaterMark: BUFFER_BYTES, writableHighWaterMark: BUFFER_BYTES });
    this.#stream = stream;
    this.#pace = pace;
    const { signal } = this.#ended;
    stream.addEventListener(
      'message',
      (event) => {
        for (const chunk of event.data instanceof Uint8Array ? [event.data] : event.data) {
          this.#wantsData = this.push(chunk);
        }
        // The library undoes a pause that is made while it hands out what it had kept.
        if (!this.#wantsData) queueMicrotask(() => this.#pause());
      },
      { signal },
    );
    stream.addEventListener('end', () => this.push(null), { signal });
    stream.addEventListener('close', ({ error }) => error !== undefined && this.destroy(error), { signal });
  }

  override _read(): void {
    this.#wantsData = true;
    if (this.#stream.status === 'open' || this.#stream.status === 'closing' || this.#stream.readBufferLength > 0) {
      // Not from within a handler of the library's.
      queueMicrotask(() => {
        if (this.#wantsData && isReadable(this.#stream)) this.#stream.resume();
      });
    }
    if (this.#stream.readableEnded) this.push(null);
  }

  override _write(chunk: Uint8Array, _encoding: string, done: (error?: Error | null) => void): void {
    this.#send(chunk).then(() => done(), done);
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#stream.close().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#ended.abort();
    const isOver = this.writableFinished && this.readableEnded;
    if (!isOver) this.#stream.abort(error ?? new Error('the stream is not wanted any more'));
    done(error);
  }

  async #send(chunk: Uint8Array): Promise<void> {
    const { signal } = this.#ended;
    for (let at = 0; at < chunk.length; at += CHUNK_BYTES) {
      const part = chunk.subarray(at, at + CHUNK_BYTES);
      await this.#pace.take(part.length, signal);
      if (!this.#stream.send(part)) await this.#drained(signal);
    }
  }

  /** The library's own `onDrain` waits once only. */
  #drained(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const over = new AbortController();
      const options = { signal: over.signal };
      const settle = (then: () => void) => {
        over.abort();
        then();
      };
      this.#stream.addEventListener('drain', () => settle(resolve), options);
      this.#stream.addEventListener('close', () => settle(() => reject(new Error('the stream ended'))), options);
      signal.addEventListener('abort', () => settle(() => reject(signal.reason)), options);
    });
  }

  #pause(): void {
    if (!this.#wantsData && isReadable(this.#stream)) this.#stream.pause();
  }
}

const isReadable = ({ readStatus }: Stream): boolean => readStatus === 'readable' || readStatus === 'paused';
