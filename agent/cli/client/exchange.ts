import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';

export interface ExchangeOptions {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
  /** How long the connection may take. Milliseconds. */
  readonly connectTimeoutMs: number;
}

/** One HTTP request to one address, without retries. Resolves with the head of the answer. */
export async function exchange(url: URL, options: ExchangeOptions): Promise<IncomingMessage> {
  const { request } = url.protocol === 'https:' ? await import('node:https') : await import('node:http');
  // By itself Node frames the body of a POST or PUT only; another one's would be read as the next request.
  const length = options.body === undefined ? {} : { 'content-length': Buffer.byteLength(options.body) };
  const headers = { ...options.headers, ...length };
  const settings: RequestOptions = { method: options.method, headers, signal: options.signal };
  return new Promise((resolve, reject) => {
    const outgoing: ClientRequest = request(url, settings);
    const tooSlow = () => outgoing.destroy(Object.assign(new Error('the connection timed out'), { code: 'ETIMEDOUT' }));
    const timer = setTimeout(tooSlow, options.connectTimeoutMs);
    const connected = () => clearTimeout(timer);
    outgoing.on('socket', (socket) => (socket.connecting ? socket.once('connect', connected) : connected()));
    outgoing.on('error', (error) => {
      connected();
      reject(error);
    });
    outgoing.on('response', resolve);
    outgoing.end(options.body);
  });
}

/** The whole body as text. A longer one than `maxBytes` is an error. */
export const readBody = async (answer: IncomingMessage, maxBytes: number): Promise<string> =>
  (await readBytes(answer, maxBytes)).toString('utf8');

/** The whole body. A longer one than `maxBytes` is an error. */
export async function readBytes(answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of answer) {
    size += chunk.length;
    if (size > maxBytes) throw new RangeError(`the answer is longer than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
