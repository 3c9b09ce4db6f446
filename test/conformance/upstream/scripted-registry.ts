import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Digest } from '../../../protocol/digest.ts';

export const digestOf = (bytes: Uint8Array, algorithm = 'sha256'): Digest =>
  `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;

/** What was asked, in order. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly range: string | undefined;
  readonly authorization: string | undefined;
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A registry on loopback that does what a test says. */
export class ScriptedRegistry {
  readonly #server: Server;
  readonly asked: Asked[] = [];
  /** All that were connected once. */
  readonly sockets: Socket[] = [];
  readonly #answer: Answer;

  private constructor(answer: Answer) {
    this.#answer = answer;
    this.#server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      this.asked.push({ method, path: url, range: headers.range, authorization: headers.authorization });
      this.#answer(request, response);
    });
    this.#server.on('connection', (socket) => this.sockets.push(socket));
  }

  static async start(answer: Answer): Promise<ScriptedRegistry> {
    const registry = new ScriptedRegistry(answer);
    await new Promise<void>((resolve) => registry.#server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get url(): string {
    return `http://${this.host}`;
  }

  /** Requests for blobs, without those that were refused or led elsewhere. */
  get ranges(): readonly (string | undefined)[] {
    return this.asked.filter(({ path }) => path.includes('/blobs/')).map(({ range }) => range);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** A blob, whole or by range. `cutAfter`: breaks the connection after so many bytes. */
export function sendBlob(
  request: IncomingMessage,
  response: ServerResponse,
  bytes: Buffer,
  { knowsRange = true, cutAfter = Number.POSITIVE_INFINITY } = {},
): void {
  const [, first = '0', last = `${bytes.length - 1}`] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  const isPart = knowsRange && request.headers.range !== undefined;
  const part = isPart ? bytes.subarray(Number(first), Number(last) + 1) : bytes;
  response.writeHead(isPart ? 206 : 200, {
    'content-length': part.length,
    ...(isPart ? { 'content-range': `bytes ${first}-${last}/${bytes.length}` } : {}),
  });
  if (cutAfter >= part.length) {
    response.end(part);
    return;
  }
  response.write(part.subarray(0, cutAfter), () => response.socket?.destroySoon());
}
