import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { Clock } from '../../ports/clock.ts';
import { brokenFailure, cancelled, garbage, late } from './failures.ts';

const HEADER_BYTES = 32 * 1_024;
const SOCKETS_PER_ORIGIN = 16;
const SOCKETS = 64;
const IDLE_MS = 30_000;
const REDIRECTS_MAX = 5;
const REDIRECT_STATUS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const URL_LENGTH_MAX = 8_192;

/** One question to a registry, or to a place that it sent us to. */
export interface Question {
  readonly method: 'GET' | 'HEAD';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Goes to the URL's own origin only: a redirect leads to strangers. */
  readonly authorization: string | undefined;
  /** Registry and what is asked for, in messages. */
  readonly place: string;
  /** Until the last header; redirects included. */
  readonly timeoutMs: number;
}

/** How registries are reached. */
interface Way {
  /** Certificate authorities (PEM) instead of the machine's. */
  readonly ca?: string;
  /** HTTP_PROXY, HTTPS_PROXY, NO_PROXY. */
  readonly proxies?: Readonly<Record<string, string>>;
}

/** HTTP with connections that are kept, redirects and deadlines. Errors are the upstream port's. */
export class Exchange {
  readonly #clock: Clock;
  readonly #http: HttpAgent;
  readonly #https: HttpsAgent;
  #isClosed = false;

  constructor(clock: Clock, { ca, proxies = {} }: Way = {}) {
    this.#clock = clock;
    const bounds = { maxSockets: SOCKETS_PER_ORIGIN, maxTotalSockets: SOCKETS, timeout: IDLE_MS };
    const options = { keepAlive: true, proxyEnv: { ...proxies }, ...bounds };
    this.#http = new HttpAgent(options);
    this.#https = new HttpsAgent(ca === undefined ? options : { ...options, ca });
  }

  /**
   * Asks, following redirects. The answer's body is the caller's to read or destroy; it is destroyed when the signal ends.
   *
   * @throws ShoalError upstream-unavailable, timeout, cancelled
   */
  async ask(question: Question, signal: AbortSignal): Promise<IncomingMessage> {
    const overdue = new AbortController();
    const cancel = this.#clock.after(question.timeoutMs, () => overdue.abort());
    try {
      return await this.#follow(question, signal, overdue.signal);
    } finally {
      cancel();
    }
  }

  close(): void {
    this.#isClosed = true;
    this.#http.destroy();
    this.#https.destroy();
  }

  async #follow(question: Question, signal: AbortSignal, overdue: AbortSignal): Promise<IncomingMessage> {
    let { url } = question;
    let isHome = true;
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const answer = await this.#onKeptOrFresh({ ...question, url }, isHome, signal, overdue);
      if (!REDIRECT_STATUS.has(answer.statusCode ?? 0)) return answer;
      answer.destroy();
      url = redirectOf(answer, url, question.place);
      // Who was led away is not led back: strangers choose no path that our authorization opens.
      isHome &&= url.origin === question.url.origin;
    }
    throw garbage(question.place, 'the registry redirects too often');
  }

  /**
   * A kept connection may have ended unseen, when the registry was restarted: then the question was not heard, and is put
   * again. Each try uses up one such connection.
   */
  async #onKeptOrFresh(
    question: Question,
    isHome: boolean,
    signal: AbortSignal,
    overdue: AbortSignal,
  ): Promise<IncomingMessage> {
    for (let tries = 1; ; tries++) {
      const request = this.#request(question, isHome);
      try {
        return await answerOf(request, question, signal, overdue);
      } catch (error) {
        const isStale = request.reusedSocket && !signal.aborted && !overdue.aborted && !this.#isClosed;
        if (!isStale || tries > SOCKETS_PER_ORIGIN) throw error;
      }
    }
  }

  #request({ method, url, headers, authorization }: Question, isHome: boolean): ClientRequest {
    const options = {
      method,
      maxHeaderSize: HEADER_BYTES,
      headers: {
        'user-agent': 'shoal',
        // The bytes have a digest as they are.
        'accept-encoding': 'identity',
        ...headers,
        ...(authorization !== undefined && isHome ? { authorization } : {}),
      },
    };
    return url.protocol === 'https:'
      ? httpsRequest(url, { ...options, agent: this.#https })
      : httpRequest(url, { ...options, agent: this.#http });
  }
}

/** Sends a request; its answer, or why there is none. */
function answerOf(
  request: ClientRequest,
  { place, timeoutMs }: Question,
  signal: AbortSignal,
  overdue: AbortSignal,
): Promise<IncomingMessage> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const onAbort = () => {
    reject(cancelled(place));
    request.destroy();
  };
  const onLate = () => {
    reject(late(place, timeoutMs));
    request.destroy();
  };
  signal.addEventListener('abort', onAbort, { once: true });
  overdue.addEventListener('abort', onLate, { once: true });
  request.once('response', (answer) => {
    overdue.removeEventListener('abort', onLate);
    // Who reads the body hears of its errors as well.
    answer.on('error', () => {});
    resolve(answer);
  });
  request.on('error', (error) => reject(brokenFailure(error, place)));
  request.once('close', () => {
    signal.removeEventListener('abort', onAbort);
    overdue.removeEventListener('abort', onLate);
    reject(brokenFailure(undefined, place));
  });
  if (signal.aborted) onAbort();
  else if (overdue.aborted) onLate();
  else request.end();
  return promise;
}

function redirectOf(answer: IncomingMessage, from: URL, place: string): URL {
  const { location } = answer.headers;
  const url = location !== undefined && location.length <= URL_LENGTH_MAX ? URL.parse(location, from.href) : null;
  // What was asked for in secret must not be fetched in the open.
  const isFit = url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && from.protocol === 'http:'));
  if (!isFit) throw garbage(place, 'the registry redirects to a place that is not fit');
  url.username = url.password = '';
  return url;
}

/**
 * Reads a small body whole.
 *
 * @throws ShoalError upstream-unavailable when it is larger or breaks off, timeout, cancelled
 */
export async function readBody(
  answer: IncomingMessage,
  { maxBytes, timeoutMs, place }: { readonly maxBytes: number; readonly timeoutMs: number; readonly place: string },
  clock: Clock,
  signal: AbortSignal,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let isLate = false;
  const cancel = clock.after(timeoutMs, () => {
    isLate = true;
    answer.destroy();
  });
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw garbage(place, `the answer has more than ${maxBytes} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (signal.aborted) throw cancelled(place);
    throw isLate ? late(place, timeoutMs) : brokenFailure(error, place);
  } finally {
    cancel();
  }
}
