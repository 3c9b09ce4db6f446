import type { Stream } from '@libp2p/interface';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Log } from '../../ports/log.ts';
import type { CallHandler, CallOptions } from '../../ports/transport.ts';
import {
  CALL_FRAME_BYTES,
  type CallReply,
  type CallRequest,
  decodeReply,
  decodeRequest,
  ENVELOPE_BYTES,
  encodeReply,
  encodeRequest,
} from './envelope.ts';
import { FrameReader, withLength } from './framing.ts';

/** A caller has this long to send its request once its stream is open. Milliseconds. */
const REQUEST_MS = 10_000;
/** The longest a handler may be asked to run. Milliseconds. */
const CALL_MS_MAX = 3_600_000;

/** Opens a stream for one call; rejects with ShoalError host-unreachable. */
export type OpenStream = (signal: AbortSignal) => Promise<Stream>;

/**
 * Makes one call.
 *
 * @throws ShoalError timeout, cancelled, host-unreachable, too-large, or what the other side answered
 */
export async function makeCall(
  open: OpenStream,
  request: Omit<CallRequest, 'timeoutMs'>,
  options: CallOptions,
): Promise<Uint8Array> {
  const { timeoutMs, signal: cancel } = options;
  if (request.body.length > limits.callBodyBytes)
    throw new ShoalError('too-large', 'The body of the call is too large.');
  const deadline = AbortSignal.timeout(timeoutMs);
  const signal = cancel === undefined ? deadline : AbortSignal.any([cancel, deadline]);
  let stream: Stream | undefined;
  try {
    signal.throwIfAborted();
    stream = await open(signal);
    writeFrame(stream, encodeRequest({ ...request, timeoutMs: Math.max(1, Math.min(timeoutMs, CALL_MS_MAX)) }));
    const reply = decodeReply(await readFrame(stream, CALL_FRAME_BYTES, signal));
    if (reply === undefined) throw new ShoalError('internal', "The host's answer cannot be read.");
    if (!reply.ok) throw reply.error;
    return reply.body;
  } catch (cause) {
    stream?.abort(new Error('the call ended'));
    if (cancel?.aborted) throw new ShoalError('cancelled', 'The call was cancelled.', { cause });
    if (deadline.aborted) throw new ShoalError('timeout', `No answer within ${timeoutMs} ms.`, { cause });
    if (cause instanceof ShoalError) throw cause;
    throw new ShoalError('host-unreachable', 'The connection ended before the answer came.', { cause });
  }
}

/** Answers calls, at most `limits.callsPerPeer` at once for each peer. */
export class CallServer {
  readonly #log: Log;
  readonly #running = new Map<HostId, number>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Serves the one call on this stream. `maxBytes` bounds the bodies of request and answer. */
  async serve(
    stream: Stream,
    from: HostId,
    maxBytes: number,
    find: (method: string) => CallHandler | undefined,
  ): Promise<void> {
    const gone = new AbortController();
    stream.addEventListener('close', () => gone.abort(new ShoalError('cancelled', 'The caller is gone.')));
    try {
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(REQUEST_MS)]);
      const request = decodeRequest(await readFrame(stream, maxBytes + ENVELOPE_BYTES, signal));
      const reply =
        request === undefined
          ? refusal('The request cannot be read.')
          : await this.#answer(request, from, find, gone.signal);
      const isTooLarge = reply.ok && reply.body.length > maxBytes;
      const tooLarge = new ShoalError('too-large', 'The answer is too large for one call.');
      if (stream.writeStatus === 'writable')
        writeFrame(stream, encodeReply(isTooLarge ? { ok: false, error: tooLarge } : reply));
    } catch (error) {
      this.#log.debug({ peer: from, error: String(error) }, 'a call ended before its request was complete');
      stream.abort(error instanceof Error ? error : new Error('the request is broken'));
    }
  }

  async #answer(
    request: CallRequest,
    from: HostId,
    find: (method: string) => CallHandler | undefined,
    gone: AbortSignal,
  ): Promise<CallReply> {
    const handler = find(request.method);
    if (handler === undefined) return refusal('There is no such method.');
    const running = this.#running.get(from) ?? 0;
    if (running >= limits.callsPerPeer) {
      return { ok: false, error: new ShoalError('rate-limited', 'Too many calls of one host at once.') };
    }
    this.#running.set(from, running + 1);
    try {
      const signal = AbortSignal.any([gone, AbortSignal.timeout(Math.min(request.timeoutMs, CALL_MS_MAX))]);
      return { ok: true, body: await handler(from, request.body, signal) };
    } catch (error) {
      return { ok: false, error: this.#errorOf(error, request) };
    } finally {
      const left = (this.#running.get(from) ?? 1) - 1;
      if (left === 0) this.#running.delete(from);
      else this.#running.set(from, left);
    }
  }

  /** Errors without a code stay here: their text is for our log, not for other hosts. */
  #errorOf(error: unknown, request: CallRequest): ShoalError {
    if (error instanceof ShoalError) return error;
    this.#log.error({ error, method: request.method, call: request.id }, 'a call handler failed');
    return new ShoalError('internal', 'The host failed to answer.');
  }
}

const refusal = (detail: string): CallReply => ({ ok: false, error: new ShoalError('invalid-request', detail) });

/** Sends the one frame of our direction and closes that direction. */
function writeFrame(stream: Stream, frame: Uint8Array): void {
  stream.send(withLength(frame));
  stream.close().catch((error) => stream.abort(error));
}

/** The first frame of the other side. Rejects when its direction or the stream ends before, or on abort. */
function readFrame(stream: Stream, maxBytes: number, signal: AbortSignal): Promise<Uint8Array> {
  const { promise, resolve, reject } = Promise.withResolvers<Uint8Array>();
  const reader = new FrameReader(maxBytes);
  const cleanup = new AbortController();
  const options = { signal: cleanup.signal };
  const isEnded = () => reject(new Error('the stream ended before its frame was complete'));
  stream.addEventListener(
    'message',
    (event) => {
      try {
        for (const chunk of event.data instanceof Uint8Array ? [event.data] : event.data) {
          const [frame] = reader.push(chunk);
          if (frame !== undefined) return resolve(frame);
        }
      } catch (error) {
        reject(error);
      }
    },
    options,
  );
  stream.addEventListener('end', isEnded, options);
  stream.addEventListener('close', isEnded, options);
  signal.addEventListener('abort', () => reject(signal.reason), options);
  if (signal.aborted) reject(signal.reason);
  else if (stream.readableEnded || stream.status !== 'open') isEnded();
  return promise.finally(() => cleanup.abort());
}
