import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Docker from 'dockerode';
import { parseSse, type SseMessage } from '../../agent/cli/client/sse.ts';
import { waitFor } from './wait.ts';

export interface ApiAnswer<T> {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: T;
}

export interface ApiOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent instead of the admin's; empty sends none. */
  readonly token?: string;
  readonly timeoutMs?: number;
}

/** A process in the network of a host, whose pid 1 was `init` then. */
interface Tunnel {
  readonly process: ChildProcess;
  readonly init: string;
  readonly path: string;
}

type Script = (args: readonly string[]) => Promise<string>;

const API_PORT = 7420;
const MAX_MESSAGE_CHARS = 8 * 1024 * 1024;

/** One host of a real cluster, reached from outside its namespaces. */
export class RealHost {
  readonly name: string;
  readonly ip: string;
  /** The host's Docker engine, past the agent. */
  readonly docker: Docker;
  readonly #script: Script;
  readonly #tokenFile: string;
  readonly #folder = mkdtempSync(join(tmpdir(), 'shoal-test-'));
  readonly #tunnels = new Map<number, Promise<Tunnel>>();

  private constructor(name: string, ip: string, env: ReadonlyMap<string, string>, script: Script) {
    this.name = name;
    this.ip = ip;
    this.docker = new Docker({ socketPath: (env.get('DOCKER_HOST') ?? '').replace('unix://', '') });
    this.#tokenFile = env.get('SHOAL_TOKEN_FILE') ?? '';
    this.#script = script;
  }

  static async of(name: string, script: Script): Promise<RealHost> {
    const [ip, exports] = await Promise.all([script(['ip', name]), script(['env', name])]);
    const env = new Map([...exports.matchAll(/^export (\w+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value]));
    return new RealHost(name, ip.trim(), env, script);
  }

  /** Runs a command in the host; the answer is its standard output. */
  exec(...command: string[]): Promise<string> {
    return this.#script(['exec', this.name, '--', ...command]);
  }

  /** One request to this host's agent, as the admin unless told otherwise. */
  async api<T = Record<string, unknown>>(
    method: string,
    path: string,
    options: ApiOptions = {},
  ): Promise<ApiAnswer<T>> {
    const token = options.token ?? (await this.token());
    const body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
    const headers = {
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
      // By itself Node frames the body of a POST or PUT only.
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...options.headers,
    };
    const socketPath = await this.tunnel(API_PORT);
    return exchange<T>({ socketPath, method, path, headers, timeout: options.timeoutMs ?? 30_000 }, body);
  }

  /** The server-sent events of a path as they come, until the agent ends the stream or the caller stops looking. */
  async *watch(path: string, token?: string): AsyncGenerator<SseMessage> {
    const socketPath = await this.tunnel(API_PORT);
    const headers = { authorization: `Bearer ${token ?? (await this.token())}` };
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ socketPath, path, headers }, resolve).on('error', reject).end();
    });
    if (response.statusCode !== 200) throw new Error(`${path} is answered with ${response.statusCode}`);
    try {
      yield* parseSse(response, MAX_MESSAGE_CHARS);
    } finally {
      response.destroy();
    }
  }

  /** The admin's. */
  async token(): Promise<string> {
    return (await readFile(this.#tokenFile, 'utf8')).trim();
  }

  /** A Unix socket here that leads to a TCP port of the host's loopback. */
  async tunnel(port: number): Promise<string> {
    const known = this.#tunnels.get(port);
    const open = await known?.catch(() => undefined);
    if (open !== undefined && isInside(open)) return open.path;
    if (this.#tunnels.get(port) !== known) return this.tunnel(port);
    open?.process.kill();
    const opening = this.#dig(port);
    this.#tunnels.set(port, opening);
    return (await opening).path;
  }

  async #dig(port: number): Promise<Tunnel> {
    const init = (await this.#script(['pid', this.name])).trim();
    const path = join(this.#folder, `${port}-${init}.sock`);
    rmSync(path, { force: true });
    const socat = ['socat', `UNIX-LISTEN:${path},fork,backlog=128`, `TCP:127.0.0.1:${port},nodelay`];
    const process = spawn('nsenter', ['-t', init, '-n', '--', ...socat], { stdio: 'ignore' });
    await waitFor(`a tunnel to ${this.name}:${port}`, () => answers(path), 5_000);
    return { process, init, path };
  }

  /** Names and states of this host's containers, straight from its engine. */
  async containers(): Promise<
    readonly { readonly name: string; readonly state: string; readonly labels: Record<string, string> }[]
  > {
    const all = await this.docker.listContainers({ all: true });
    return all.map((c) => ({ name: (c.Names[0] ?? '').slice(1), state: c.State, labels: c.Labels }));
  }

  async close(): Promise<void> {
    for (const tunnel of this.#tunnels.values()) (await tunnel.catch(() => undefined))?.process.kill();
    this.#tunnels.clear();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The file is there a moment before anybody listens at it. */
function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Whether it leads to the host as it is now: a power cut ends the host, but not what looks into its network. */
function isInside({ process, init }: Tunnel): boolean {
  try {
    return (
      process.exitCode === null && readlinkSync(`/proc/${process.pid}/ns/net`) === readlinkSync(`/proc/${init}/ns/net`)
    );
  } catch {
    return false;
  }
}

function exchange<T>(options: RequestOptions, body: string | undefined): Promise<ApiAnswer<T>> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = /[/+]json/.test(response.headers['content-type'] ?? '');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: (isJson ? JSON.parse(text) : text) as T,
        });
      });
    });
    sent.on('timeout', () => sent.destroy(new Error('the agent did not answer in time')));
    sent.on('error', reject);
    sent.end(body);
  });
}
