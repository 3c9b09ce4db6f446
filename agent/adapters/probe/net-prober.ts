import { get } from 'node:http';
import { connect } from 'node:net';
import { PROBE_BODY_BYTES, type ProbeResult, type Prober, type ProbeTarget } from '../../ports/prober.ts';

type HttpTarget = Extract<ProbeTarget, { kind: 'http' }>;

const DETAIL_MAX = 200;

/** Looks at ports over the network of this host: a TCP connection, or one HTTP request whose redirects are not followed. */
export class NetProber implements Prober {
  async probe(target: ProbeTarget, timeoutMs: number, signal: AbortSignal): Promise<ProbeResult> {
    const late = AbortSignal.timeout(timeoutMs);
    const both = AbortSignal.any([signal, late]);
    try {
      return target.kind === 'tcp' ? await connects(target, both) : await answers(target, both);
    } catch (error) {
      if (late.aborted) return { isGood: false, detail: `no answer within ${timeoutMs} ms` };
      return { isGood: false, detail: String(error instanceof Error ? error.message : error).slice(0, DETAIL_MAX) };
    }
  }
}

function connects({ address, port }: ProbeTarget, signal: AbortSignal): Promise<ProbeResult> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const abort = () => socket.destroy(new Error('ended'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => resolve({ isGood: true, detail: 'connects' }));
    socket.once('error', reject);
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('connect', () => socket.destroy());
  });
}

function answers(target: HttpTarget, signal: AbortSignal): Promise<ProbeResult> {
  const { address, port, path, host, isWanted, bodyIncludes } = target;
  return new Promise((resolve, reject) => {
    const headers = { 'user-agent': 'shoal-health', ...(host === undefined ? {} : { host }) };
    // Each check is a connection of its own: a kept one would say that a process that accepts no more is well.
    const request = get({ host: address, port, path, headers, agent: false, signal, maxHeaderSize: 16_384 });
    request.once('error', reject);
    request.once('response', (response) => {
      const status = response.statusCode ?? 0;
      if (!isWanted(status) || bodyIncludes === undefined) {
        response.destroy();
        resolve({ isGood: isWanted(status), detail: `status ${status}` });
        return;
      }
      let body = '';
      const decide = () => {
        const isGood = body.includes(bodyIncludes);
        resolve({ isGood, detail: isGood ? `status ${status}` : `status ${status}, and the body lacks the text` });
      };
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
        if (body.length < PROBE_BODY_BYTES && !body.includes(bodyIncludes)) return;
        response.destroy();
        decide();
      });
      response.once('end', decide);
      response.once('error', reject);
    });
  });
}
