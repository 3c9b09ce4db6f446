import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { ShoalError } from '../../../protocol/errors.ts';
import { pieceRange } from '../../core/images/pieces.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { FetchOrigin } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { TokenBucket } from '../pieces/token-bucket.ts';
import { brokenFailure, cancelled, garbage, late } from './failures.ts';
import { StallWatch } from './stall-watch.ts';
import type { UpstreamClient } from './upstream-client.ts';

/** In a row, without a piece in between: a line that breaks now and then still brings a large blob. */
const RETRIES_MAX = 5;
const RETRY_MS = 500;
const RETRY_MS_MAX = 10_000;

export interface OriginFetcherOptions {
  readonly upstream: Pick<UpstreamClient, 'openBlob'>;
  readonly store: Pick<BlobStore, 'putPiece'>;
  /** Cap of all that comes from upstreams. */
  readonly origin: TokenBucket;
  readonly clock: Clock;
}

type OnPiece = (piece: number, sha256: string) => void;

/** Pieces of one request: neighbours. */
interface Run {
  next: number;
  readonly last: number;
}

/** Brings pieces of blobs here from upstreams: one request for neighbours, taken up where it breaks. */
export class OriginFetcher {
  readonly #options: OriginFetcherOptions;
  #originBytes = 0;

  constructor(options: OriginFetcherOptions) {
    this.#options = options;
  }

  get stats(): { readonly originBytes: number } {
    return { originBytes: this.#originBytes };
  }

  /** As `Blobs.fetchOrigin`. */
  async fetchOrigin(request: FetchOrigin, onPiece: OnPiece, signal: AbortSignal): Promise<void> {
    for (const run of runsOf(request.pieces)) await this.#fetchRun(request, run, onPiece, signal);
  }

  async #fetchRun(request: FetchOrigin, run: Run, onPiece: OnPiece, signal: AbortSignal): Promise<void> {
    for (let retries = 0; run.next <= run.last; ) {
      const before = run.next;
      try {
        await this.#fetchOnce(request, run, onPiece, signal);
      } catch (error) {
        if (run.next > before) retries = 0;
        if (!isPassing(error) || retries === RETRIES_MAX) throw error;
        await this.#pause(retries, request, signal);
        retries += 1;
      }
    }
  }

  async #fetchOnce(request: FetchOrigin, run: Run, onPiece: OnPiece, signal: AbortSignal): Promise<void> {
    const { access, repository, digest, sizeBytes } = request;
    const range = { start: pieceRange(sizeBytes, run.next).start, end: pieceRange(sizeBytes, run.last).end };
    // An empty blob can't be asked for by range, and needs not be asked for.
    if (range.start === range.end) return this.#put(request, run, Buffer.alloc(0), onPiece);
    const opened = await this.#options.upstream.openBlob(access, repository, { digest, sizeBytes, ...range }, signal);
    try {
      let skip = range.start - opened.startsAt;
      let piece = new PieceBuffer(sizeBytes, run.next);
      for await (const chunk of this.#chunks(opened.body, request, signal)) {
        let rest = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - rest.length;
        while (rest.length > 0 && run.next <= run.last) {
          rest = piece.fill(rest);
          if (!piece.isFull) break;
          await this.#put(request, run, piece.bytes, onPiece);
          if (run.next <= run.last) piece = new PieceBuffer(sizeBytes, run.next);
        }
        if (run.next > run.last) return;
      }
      throw garbage(placeOf(request), 'the blob ends too early');
    } finally {
      if (opened.body.complete) opened.body.resume();
      else opened.body.destroy();
    }
  }

  /** The body's chunks at the rate of the cap, with an end to silence. */
  async *#chunks(body: IncomingMessage, request: FetchOrigin, signal: AbortSignal): AsyncGenerator<Buffer> {
    const { clock, origin } = this.#options;
    const place = placeOf(request);
    let stall: ShoalError | undefined;
    const watch = new StallWatch(clock, (timeoutMs) => {
      stall = late(place, timeoutMs);
      body.destroy();
    });
    // The body is ended by who opened it: after its last byte, its connection may serve again.
    const chunks: AsyncIterable<Buffer> = body.iterator({ destroyOnReturn: false });
    try {
      for await (const chunk of chunks) {
        watch.hold(chunk.length);
        this.#originBytes += chunk.length;
        await origin.take(chunk.length, signal);
        yield chunk;
        watch.release();
      }
      if (stall !== undefined) throw stall;
    } catch (error) {
      if (signal.aborted) throw cancelled(place);
      throw stall ?? brokenFailure(error, place);
    } finally {
      watch.stop();
    }
  }

  async #put({ digest }: FetchOrigin, run: Run, bytes: Buffer, onPiece: OnPiece): Promise<void> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const put = await this.#options.store.putPiece(digest, run.next, bytes, sha256);
    if (!put.ok) throw new Error('the store takes a piece for another than it is');
    onPiece(run.next, sha256);
    run.next += 1;
  }

  async #pause(retries: number, request: FetchOrigin, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const delayMs = Math.min(RETRY_MS_MAX, RETRY_MS * 2 ** retries) * (0.5 + clock.random());
    const { promise, resolve } = Promise.withResolvers<void>();
    const onAbort = () => resolve();
    const cancel = clock.after(delayMs, resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    if (!signal.aborted) await promise;
    signal.removeEventListener('abort', onAbort);
    cancel();
    if (signal.aborted) throw cancelled(placeOf(request));
  }
}

/** One piece as it fills. */
class PieceBuffer {
  readonly bytes: Buffer;
  #filled = 0;

  constructor(sizeBytes: number, piece: number) {
    const { start, end } = pieceRange(sizeBytes, piece);
    this.bytes = Buffer.allocUnsafeSlow(end - start);
  }

  get isFull(): boolean {
    return this.#filled === this.bytes.length;
  }

  /** Takes what it needs; returns the rest. */
  fill(chunk: Buffer): Buffer {
    const taken = chunk.copy(this.bytes, this.#filled);
    this.#filled += taken;
    return chunk.subarray(taken);
  }
}

/** Whether trying again may help. */
const isPassing = (error: unknown): boolean =>
  error instanceof ShoalError && (error.code === 'upstream-unavailable' || error.code === 'timeout');

function runsOf(pieces: readonly number[]): Run[] {
  const runs: { next: number; last: number }[] = [];
  for (const piece of pieces) {
    const run = runs.at(-1);
    if (run !== undefined && run.last + 1 === piece) run.last = piece;
    else runs.push({ next: piece, last: piece });
  }
  return runs;
}

const placeOf = ({ access, repository, digest }: FetchOrigin): string =>
  `${URL.parse(access.url)?.host ?? 'registry'}/${repository}@${digest}`;
