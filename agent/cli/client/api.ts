import { randomUUID } from 'node:crypto';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { exitCodes } from '../../../protocol/errors.ts';
import { ApiFailure, CliFailure } from '../failure.ts';
import { exchange, readBody, readBytes } from './exchange.ts';
import { readProblem } from './read-problem.ts';
import { parseSse, type SseMessage } from './sse.ts';
import type { Target } from './target.ts';

const BODY_MAX_BYTES = 64 * 1024 * 1024;
const PAGES_MAX = 1_000;
/** Rounds over all addresses before giving up. */
const ROUNDS = 3;
const BACKOFF_MS = 150;

export interface ApiOptions {
  /** How long one request may take on one member. Milliseconds. */
  readonly requestTimeoutMs: number;
  /** Told about every try; for --debug. */
  readonly trace: (line: string) => void;
  /** Ends everything under way. */
  readonly signal: AbortSignal;
}

export type Query = Readonly<Record<string, string | number | undefined>>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Path of the operation that goes on, from `Location` of a 202. */
  readonly operationId: string | undefined;
}

/** The HTTP API of a mesh: any member may answer, so the next address is tried when one does not. */
export class Api {
  readonly target: Target;
  readonly #options: ApiOptions;
  /** Index of the address that answered last. */
  #favourite = 0;

  constructor(target: Target, options: ApiOptions) {
    this.target = target;
    this.#options = options;
  }

  /** Types are those of `protocol/schemas`: an agent that holds our token is trusted to keep to its own API. */
  async get<T>(path: string, query: Query = {}): Promise<T> {
    return (await this.send('GET', withQuery(path, query))).body as T;
  }

  /** What a route gives that does not speak JSON. */
  async bytes(path: string): Promise<Buffer> {
    return readBytes(await this.#ask('GET', path, undefined, { accept: '*/*' }), BODY_MAX_BYTES);
  }

  /** All pages of a list. */
  async list<T>(path: string, query: Query = {}): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < PAGES_MAX; page++) {
      const body = await this.get<{ items?: T[]; nextCursor?: string | null }>(path, { ...query, cursor });
      if (!Array.isArray(body?.items)) throw new CliFailure(exitCodes.failed, `${path} did not answer with a list`);
      items.push(...body.items);
      if (!body.nextCursor) return items;
      cursor = body.nextCursor;
    }
    return items;
  }

  /**
   * Sends a request, and again when the connection fails: a POST carries a key by which the mesh knows it again.
   *
   * @throws ApiFailure when the mesh says no, CliFailure with exit code 5 when no member answers
   */
  async send(method: Method, path: string, body?: unknown): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const answer = await this.#ask(method, path, text, {
      accept: 'application/json',
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
    });
    const location = /\/v1\/operations\/([^/?#]+)/.exec(answer.headers.location ?? '');
    return {
      status: answer.statusCode ?? 0,
      body: parseBody(await readBody(answer, BODY_MAX_BYTES)),
      operationId: location?.[1],
    };
  }

  /** Messages of a server-sent event stream until it ends. `lastEventId` resumes it. */
  async *stream(path: string, query: Query = {}, lastEventId = ''): AsyncGenerator<SseMessage> {
    const answer = await this.#ask('GET', withQuery(path, query), undefined, {
      accept: 'text/event-stream',
      ...(lastEventId === '' ? {} : { 'last-event-id': lastEventId }),
    });
    try {
      yield* parseSse(answer, BODY_MAX_BYTES);
    } finally {
      answer.destroy();
    }
  }

  /** Lines of an answer of JSON lines, as they come. */
  async *jsonLines<T>(path: string, query: Query = {}): AsyncGenerator<T> {
    for await (const line of this.lines(withQuery(path, query), 'application/x-ndjson')) yield JSON.parse(line) as T;
  }

  /** Lines of an answer of a type, as they come; empty ones are left out. */
  async *lines(path: string, type: string): AsyncGenerator<string> {
    const answer = await this.#ask('GET', path, undefined, { accept: type });
    try {
      for await (const line of createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY })) {
        if (line !== '') yield line;
      }
    } finally {
      answer.destroy();
    }
  }

  /** Where a WebSocket of the member that answered last is. */
  socketUrl(path: string): URL {
    const { urls } = this.target;
    const member = urls[this.#favourite % urls.length] ?? urls[0];
    if (member === undefined) throw new CliFailure(exitCodes.unreachable, 'no member is known');
    const url = new URL(member.pathname.replace(/\/$/, '') + path, member);
    url.protocol = member.protocol === 'https:' ? 'wss:' : 'ws:';
    return url;
  }

  /** Text of a route outside `/v1`, from each address by itself; for `shoal doctor`. */
  async probe(url: URL, path: string): Promise<{ readonly status: number; readonly text: string }> {
    const answer = await this.#try(url, 'GET', path, undefined, { accept: '*/*' });
    return { status: answer.statusCode ?? 0, text: await readBody(answer, BODY_MAX_BYTES) };
  }

  async #ask(method: Method, path: string, body: string | undefined, headers: Record<string, string>) {
    const { urls } = this.target;
    const tried = new Map<string, string>();
    let refused: ApiFailure | undefined;
    for (let attempt = 0; attempt < urls.length * ROUNDS; attempt++) {
      const index = this.#favourite % urls.length;
      const url = urls[index];
      if (url === undefined) break;
      if (attempt > 0 && attempt % urls.length === 0) await this.#pause(attempt / urls.length);
      try {
        const answer = await this.#try(url, method, path, body, headers);
        if ((answer.statusCode ?? 0) < 400) return answer;
        const failure = new ApiFailure(await readProblem(answer, BODY_MAX_BYTES));
        if (failure.problem.code !== 'not-ready') throw failure;
        refused = failure;
        tried.set(url.origin, failure.message);
      } catch (error) {
        if (error instanceof ApiFailure || this.#options.signal.aborted) throw error;
        tried.set(url.origin, connectionReason(error));
      }
      this.#favourite = index + 1;
    }
    if (refused !== undefined && tried.size === 1) throw refused;
    throw unreachable(tried, this.target);
  }

  async #try(url: URL, method: Method, path: string, body: string | undefined, headers: Record<string, string>) {
    const isStream = headers.accept !== 'application/json' && headers.accept !== '*/*';
    const { requestTimeoutMs, signal, trace } = this.#options;
    const deadline = new AbortController();
    const timer = setTimeout(
      () => deadline.abort(new Error(`no answer within ${requestTimeoutMs} ms`)),
      requestTimeoutMs,
    );
    timer.unref();
    const full = new URL(url.pathname.replace(/\/$/, '') + path, url);
    const { token } = this.target;
    const auth: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
    try {
      const answer = await exchange(full, {
        method,
        body,
        headers: { ...headers, ...auth, 'user-agent': 'shoal-cli' },
        signal: AbortSignal.any([signal, deadline.signal]),
        connectTimeoutMs: Math.min(requestTimeoutMs, this.target.urls.length > 1 ? 2_000 : 10_000),
      });
      trace(`${method} ${full.href} -> ${answer.statusCode}`);
      if (isStream) clearTimeout(timer);
      else answer.once('close', () => clearTimeout(timer));
      return answer;
    } catch (error) {
      clearTimeout(timer);
      trace(`${method} ${full.href} -> ${connectionReason(error)}`);
      throw deadline.signal.aborted ? deadline.signal.reason : error;
    }
  }

  /** Full jitter, doubling. */
  async #pause(round: number): Promise<void> {
    await sleep(Math.random() * BACKOFF_MS * 2 ** round, undefined, { signal: this.#options.signal });
  }
}

/** `/v1/groups/${a}/apps/${b}` with its parts escaped. */
export function route(strings: TemplateStringsArray, ...parts: readonly string[]): string {
  return String.raw({ raw: strings }, ...parts.map(encodeURIComponent));
}

function withQuery(path: string, query: Query): string {
  const wanted = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) wanted.set(key, String(value));
  return wanted.size === 0 ? path : `${path}?${wanted}`;
}

function parseBody(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CliFailure(exitCodes.failed, 'the answer is not JSON: is this address a Shoal agent?', { cause: error });
  }
}

function connectionReason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(connectionReason).join(', ');
  if (!(error instanceof Error)) return 'failed';
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'connection refused';
  if (code === 'ECONNRESET') return 'connection broke';
  return error.message === '' ? code || 'failed' : error.message;
}

function unreachable(tried: ReadonlyMap<string, string>, target: Target): CliFailure {
  const lines = [...tried].map(([origin, reason]) => `${origin}: ${reason}`);
  const next =
    target.source === 'this host'
      ? 'start the agent (systemctl status shoal), or name a member: --api http://HOST:7420'
      : 'shoal context ls   (or name another member: --api http://HOST:7420)';
  return new CliFailure(exitCodes.unreachable, 'no member of the mesh answers', { lines, next });
}
