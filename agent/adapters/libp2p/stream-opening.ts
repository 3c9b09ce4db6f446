import type { Duplex } from 'node:stream';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Log } from '../../ports/log.ts';
import type { CallOptions, StreamHandler } from '../../ports/transport.ts';
import {
  CALL_FRAME_BYTES,
  decodeReply,
  decodeRequest,
  ENVELOPE_BYTES,
  encodeReply,
  encodeRequest,
} from './envelope.ts';
import { withLength } from './framing.ts';

/** Who opens a stream has this long to say what for. Milliseconds. */
const HEAD_MS = 10_000;
const PREFIX_BYTES_MAX = 4;

/** What a stream is opened with: a call's request, whose body is the header. */
export interface StreamRequest {
  readonly method: string;
  readonly header: Uint8Array;
  readonly id: string;
}

/**
 * Opens a stream: a request and a reply as in a call, then bytes both ways.
 *
 * @throws ShoalError timeout, cancelled, host-unreachable, too-large, or what the other side answered
 */
export async function openStream(
  open: (signal: AbortSignal) => Promise<Duplex>,
  { method, header, id }: StreamRequest,
  { timeoutMs, signal: cancel }: CallOptions,
): Promise<Duplex> {
  if (header.length > limits.streamHeaderBytes) throw new ShoalError('too-large', 'The header is too large.');
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = cancel === undefined ? deadline : AbortSignal.any([cancel, deadline]);
  let stream: Duplex | undefined;
  try {
    signal.throwIfAborted();
    stream = await open(signal);
    stream.write(withLength(encodeRequest({ method, body: header, id, timeoutMs: Math.max(1, timeoutMs) })));
    const reply = decodeReply(await readHead(stream, CALL_FRAME_BYTES, signal));
    if (reply === undefined) throw new ShoalError('internal', "The host's answer cannot be read.");
    if (!reply.ok) throw reply.error;
    return stream;
  } catch (cause) {
    stream?.on('error', () => {}).destroy();
    if (cancel?.aborted) throw new ShoalError('cancelled', 'The call was cancelled.', { cause });
    if (deadline.aborted) throw new ShoalError('timeout', `No answer within ${timeoutMs} ms.`, { cause });
    if (cause instanceof ShoalError) throw cause;
    throw new ShoalError('host-unreachable', 'The connection ended before the answer came.', { cause });
  }
}

/** Serves streams, at most `limits.streamsPerPeer` at once for each peer. */
export class StreamServer {
  readonly #log: Log;
  readonly #open = new Map<HostId, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  async serve(stream: Duplex, from: HostId, find: (method: string) => StreamHandler | undefined): Promise<void> {
    stream.on('error', (error) => this.#log.debug({ peer: from, error: String(error) }, 'a stream broke'));
    const gone = new AbortController();
    stream.once('close', () => gone.abort(new ShoalError('cancelled', 'The caller is gone.')));
    this.#count(from, 1);
    stream.once('close', () => this.#count(from, -1));
    try {
      const head = await readHead(
        stream,
        limits.streamHeaderBytes + ENVELOPE_BYTES,
        AbortSignal.any([gone.signal, AbortSignal.timeout(HEAD_MS)]),
      );
      const request = decodeRequest(head);
      const handler = request && find(request.method);
      if (request === undefined || handler === undefined) {
        throw new ShoalError('invalid-request', 'There is no such stream.');
      }
      if ((this.#open.get(from) ?? 0) > limits.streamsPerPeer) {
        throw new ShoalError('rate-limited', 'Too many streams of one host at once.');
      }
      const begin = await handler(from, request.body, gone.signal);
      stream.write(withLength(encodeReply({ ok: true, body: new Uint8Array() })));
      begin(stream);
    } catch (error) {
      if (!(error instanceof ShoalError))
        this.#log.debug({ peer: from, error: String(error) }, 'a stream was not opened');
      const known = error instanceof ShoalError ? error : new ShoalError('internal', 'The host failed to answer.');
      stream.end(withLength(encodeReply({ ok: false, error: known })));
      stream.resume();
    }
  }

  #count(from: HostId, change: number): void {
    const now = (this.#open.get(from) ?? 0) + change;
    if (now > 0) this.#open.set(from, now);
    else this.#open.delete(from);
  }
}

/** The first frame; what came with it stays to be read. */
async function readHead(stream: Duplex, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const cleanup = new AbortController();
  let got = Buffer.alloc(0);
  const look = () => {
    for (let chunk: Buffer | null = stream.read(); chunk !== null; chunk = stream.read()) {
      got = Buffer.concat([got, chunk]);
      const size = sizeOf(got);
      if (size === undefined) continue;
      if (Number.isNaN(size.length) || size.length > maxBytes)
        return reject(new RangeError('the first frame is too large'));
      const end = size.at + size.length;
      if (got.length < end) continue;
      stream.removeListener('readable', look);
      if (got.length > end) stream.unshift(got.subarray(end));
      return resolve(got.subarray(size.at, end));
    }
  };
  const isEnded = () => reject(new Error('the stream ended before its first frame was complete'));
  stream.on('readable', look);
  stream.once('end', isEnded).once('close', isEnded);
  signal.addEventListener('abort', () => reject(signal.reason), { signal: cleanup.signal });
  if (signal.aborted) reject(signal.reason);
  if (stream.destroyed) isEnded();
  return promise.finally(() => {
    cleanup.abort();
    stream.removeListener('readable', look).removeListener('end', isEnded).removeListener('close', isEnded);
  });
}

/** Length and place of the frame; undefined while its prefix is not complete, NaN when it is none. */
function sizeOf(bytes: Uint8Array): { readonly length: number; readonly at: number } | undefined {
  let length = 0;
  for (let at = 0; at < PREFIX_BYTES_MAX; at++) {
    const byte = bytes[at];
    if (byte === undefined) return undefined;
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return { length, at: at + 1 };
  }
  return { length: Number.NaN, at: 0 };
}
