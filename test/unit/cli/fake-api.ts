import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the fake saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

type Reply = (response: ServerResponse, seen: Seen) => void;

/** A member's HTTP API that answers what a test tells it to, and remembers what it was asked. */
export class FakeApi {
  readonly seen: Seen[] = [];
  readonly #routes = new Map<string, Reply>();
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeApi> {
    const server = createServer();
    const api = new FakeApi(server);
    server.on('request', (request, response) => void api.#answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** `METHOD /path` answered with JSON. */
  json(route: string, body: unknown, status = 200, headers: Record<string, string> = {}): this {
    return this.on(route, (response) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    });
  }

  list(route: string, items: readonly unknown[]): this {
    return this.json(route, { items, nextCursor: null });
  }

  problem(route: string, status: number, code: string, detail: string, errors?: readonly object[]): this {
    const body = { type: 'about:blank', title: 'No', status, detail, code, retryable: false, errors };
    return this.json(route, body, status, { 'content-type': 'application/problem+json' });
  }

  /** An operation's event stream: each state, then the end. */
  operation(id: string, states: readonly object[]): this {
    return this.on(`GET /v1/operations/${id}/events`, (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const state of states) response.write(`event: operation\ndata: ${JSON.stringify(state)}\n\n`);
      response.end('event: end\ndata: {}\n\n');
    });
  }

  on(route: string, reply: Reply): this {
    this.#routes.set(route, reply);
    return this;
  }

  asked(route: string): readonly Seen[] {
    return this.seen.filter(({ method, path }) => `${method} ${path}` === route);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fake');
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method = 'GET', headers } = request;
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const seen = { method, path: url.pathname, query: url.searchParams, headers, body };
    this.seen.push(seen);
    const reply = this.#routes.get(`${method} ${url.pathname}`);
    if (reply !== undefined) reply(response, seen);
    else response.writeHead(404).end(JSON.stringify({ code: 'not-found', title: 'Not found', detail: url.pathname }));
  }
}
