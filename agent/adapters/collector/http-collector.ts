import { Agent as HttpAgent, type IncomingMessage, request } from 'node:http';
import { Agent as HttpsAgent, request as secureRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import { ShoalError } from '../../../protocol/errors.ts';
import type { ForwardedLine } from '../../core/forward/line.ts';
import type { Collector, CollectorTarget } from '../../ports/collector.ts';

const REQUEST_MS = 30_000;

/** JSON lines by POST, over a connection that is kept. */
export class HttpCollector implements Collector {
  readonly #target: CollectorTarget;
  readonly #agent: HttpAgent;

  constructor(target: CollectorTarget) {
    this.#target = target;
    const { url, caPem, verify } = target;
    const options = { keepAlive: true, maxSockets: 1 };
    this.#agent = url.startsWith('https:')
      ? new HttpsAgent({
          ...options,
          rejectUnauthorized: verify,
          ...(caPem === undefined ? {} : { ca: [...rootCertificates, caPem] }),
        })
      : new HttpAgent(options);
  }

  async send(lines: readonly ForwardedLine[], signal: AbortSignal): Promise<void> {
    const { statusCode = 0 } = await this.#post(lines.map((line) => `${JSON.stringify(line)}\n`).join(''), signal);
    if (statusCode >= 200 && statusCode < 300) return;
    const code = statusCode === 401 || statusCode === 403 ? 'upstream-denied' : 'upstream-unavailable';
    throw new ShoalError(code, `${new URL(this.#target.url).host} answers ${statusCode}`);
  }

  close(): void {
    this.#agent.destroy();
  }

  #post(body: string, signal: AbortSignal): Promise<IncomingMessage> {
    const { url, header } = this.#target;
    const send = url.startsWith('https:') ? secureRequest : request;
    return new Promise((resolve, reject) => {
      const asked = send(url, {
        method: 'POST',
        agent: this.#agent,
        signal: AbortSignal.any([signal, AbortSignal.timeout(REQUEST_MS)]),
        headers: {
          'content-type': 'application/x-ndjson',
          'content-length': Buffer.byteLength(body),
          ...(header === undefined ? {} : { [header.name]: header.value }),
        },
      });
      asked.on('error', (error) => {
        const why = error.name === 'AbortError' || error.name === 'TimeoutError' ? 'it does not answer' : error.message;
        reject(new ShoalError('upstream-unavailable', `${new URL(url).host}: ${why}`.slice(0, 1_000)));
      });
      asked.on('response', (answer) => {
        // Its text says nothing that we use; reading it frees the connection.
        answer.resume().on('error', () => {});
        answer.once('close', () => resolve(answer));
      });
      asked.end(body);
    });
  }
}
