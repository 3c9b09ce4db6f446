import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RealHost } from '../../../test/framework/real-host.ts';

const API_PORT = 7420;
/** Between the answer to one poll and the next: polling without a pause would be most of the load that is measured. */
const PAUSE_MS = 5;

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Looks at one node's API again and again over one connection that stays open. */
export class Observer {
  readonly host: RealHost;
  readonly #socketPath: string;
  readonly #token: string;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  private constructor(host: RealHost, socketPath: string, token: string) {
    this.host = host;
    this.#socketPath = socketPath;
    this.#token = token;
  }

  static async of(host: RealHost): Promise<Observer> {
    return new Observer(host, await host.tunnel(API_PORT), await host.token());
  }

  static all(hosts: readonly RealHost[]): Promise<readonly Observer[]> {
    return Promise.all(hosts.map((host) => Observer.of(host)));
  }

  get(path: string, timeoutMs = 10_000): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.#token}` };
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, socketPath: this.#socketPath, path, headers, timeout: timeoutMs };
      const sent = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on('timeout', () => sent.destroy(new Error(`${this.host.name} did not answer ${path} in time`)));
      sent.on('error', reject);
      sent.end();
    });
  }

  /** Polls until an answer is as wanted; resolves with the time (ms, monotonic) at which that answer had come. */
  async until(path: string, isIt: (answer: Answer) => boolean, deadlineMs = 60_000): Promise<number> {
    const endMs = performance.now() + deadlineMs;
    for (;;) {
      const answer = await this.get(path);
      const nowMs = performance.now();
      if (isIt(answer)) return nowMs;
      if (nowMs > endMs) throw new Error(`${this.host.name} does not show it on ${path} after ${deadlineMs} ms`);
      await delay(PAUSE_MS);
    }
  }

  /** What looking costs: a poll and the pause after it, while all nodes are polled. Milliseconds. */
  async period(path: string, polls: number): Promise<readonly number[]> {
    const periods: number[] = [];
    for (let poll = 0; poll < polls; poll++) {
      const startMs = performance.now();
      await this.get(path);
      await delay(PAUSE_MS);
      periods.push(performance.now() - startMs);
    }
    return periods;
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Time (ms, monotonic) at which the last of the nodes showed it. */
export async function everywhere(
  observers: readonly Observer[],
  path: string,
  isIt: (answer: Answer) => boolean,
): Promise<number> {
  return Math.max(...(await Promise.all(observers.map((observer) => observer.until(path, isIt)))));
}
