import type { ClientRequest, IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Clock } from '../../ports/clock.ts';
import { NotConnected, type PeerAgent } from './peer-agent.ts';
import type { TokenBucket } from './token-bucket.ts';

/** No byte for so long: the piece is better had elsewhere. */
const STALL_MS = 5_000;
/** A trickle is a stall too. */
const TOTAL_MS = 300_000;
const HEADER_BYTES = 4_096;

export type DownloadEnd =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly reason: 'corrupt' | 'absent' | 'unreachable' | 'stalled' | 'cancelled' | 'not-connected';
      /** Bytes that came in vain. */
      readonly wastedBytes: number;
    };

export interface DownloadOptions {
  readonly agent: PeerAgent;
  readonly address: string;
  readonly port: number;
  readonly path: string;
  /** Filled with what comes; so many bytes have to come. */
  readonly bytes: Buffer;
  readonly download: TokenBucket;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** One request for one piece: at most as many bytes as it has, and an end in bounded time. */
export class PieceDownload {
  readonly #options: DownloadOptions;
  readonly #end = Promise.withResolvers<DownloadEnd>();
  readonly #startedAtMs: number;
  readonly #request: ClientRequest;
  readonly #stop: () => void;
  #movedAtMs: number;
  /** Waits for the cap, so silence is ours. */
  #isHeld = false;
  #isAnswered = false;
  #received = 0;

  private constructor(options: DownloadOptions) {
    const { agent, address: host, port, path, clock, signal } = options;
    this.#options = options;
    this.#startedAtMs = clock.monotonicMs();
    this.#movedAtMs = this.#startedAtMs;
    this.#request = httpsRequest({ agent, host, port, path, maxHeaderSize: HEADER_BYTES });
    this.#request.once('socket', () => this.#moved());
    this.#request.once('response', (response) => this.#onResponse(response));
    this.#request.on('error', (error) => this.#onError(error));
    const onAbort = () => this.#fail('cancelled');
    const cancelWatch = clock.every(STALL_MS / 5, () => this.#watch());
    this.#stop = () => {
      cancelWatch();
      signal.removeEventListener('abort', onAbort);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    this.#request.end();
  }

  static async run(options: DownloadOptions): Promise<DownloadEnd> {
    if (options.signal.aborted) return { ok: false, reason: 'cancelled', wastedBytes: 0 };
    const first = new PieceDownload(options);
    const end = await first.#end.promise;
    // The peer closed an idle connection just when it was taken up again.
    const isStale = !end.ok && end.reason === 'unreachable' && !first.#isAnswered && first.#request.reusedSocket;
    return isStale && !options.signal.aborted ? new PieceDownload(options).#end.promise : end;
  }

  #onResponse(response: IncomingMessage): void {
    this.#moved();
    response.on('error', (error) => this.#onError(error));
    const length = response.headers['content-length'];
    if (response.statusCode !== 200) {
      // An answer without a body leaves its connection usable.
      if (length === '0') response.resume();
      this.#fail(response.statusCode === 503 ? 'stalled' : 'absent', length === '0');
    } else if (length !== String(this.#options.bytes.length)) {
      this.#fail('corrupt');
    } else {
      this.#receive(response);
    }
  }

  #receive(response: IncomingMessage): void {
    const { bytes } = this.#options;
    this.#isAnswered = true;
    response.on('data', (chunk: Buffer) => this.#onData(response, bytes, chunk));
    response.once('end', () => {
      this.#stop();
      if (this.#received === bytes.length) this.#end.resolve({ ok: true });
      else this.#fail('unreachable');
    });
  }

  #onData(response: IncomingMessage, bytes: Buffer, chunk: Buffer): void {
    if (this.#received + chunk.length > bytes.length) {
      this.#fail('corrupt');
      return;
    }
    chunk.copy(bytes, this.#received);
    this.#received += chunk.length;
    this.#moved();
    const turn = this.#options.download.take(chunk.length, this.#options.signal);
    if (turn === undefined) return;
    response.pause();
    this.#isHeld = true;
    const goOn = () => {
      this.#isHeld = false;
      this.#moved();
      response.resume();
    };
    turn.then(goOn, () => this.#fail('cancelled'));
  }

  #moved(): void {
    this.#movedAtMs = this.#options.clock.monotonicMs();
  }

  #onError(error: Error): void {
    this.#fail(error instanceof NotConnected ? 'not-connected' : 'unreachable');
  }

  #watch(): void {
    const nowMs = this.#options.clock.monotonicMs();
    // Without a connection, connecting has its own deadline.
    const isSilent = this.#request.socket !== null && !this.#isHeld && nowMs - this.#movedAtMs >= STALL_MS;
    if (isSilent || nowMs - this.#startedAtMs >= TOTAL_MS) this.#fail('stalled');
  }

  #fail(reason: Extract<DownloadEnd, { ok: false }>['reason'], isReusable = false): void {
    this.#stop();
    this.#end.resolve({ ok: false, reason, wastedBytes: this.#received });
    if (!isReusable) this.#request.destroy();
  }
}
