import { execFile, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { RealHost } from './real-host.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '../..');
const script = join(root, 'scripts/cluster');
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

export interface ClusterOptions {
  /** One letter for what uses it; the process id keeps clusters of parallel runs apart. */
  readonly purpose: string;
  readonly hosts: number;
  readonly agents?: boolean;
  /** Without them agents are live, never ready, and take little: for many hosts. */
  readonly engines?: boolean;
  /** How many hosts are made at a time; absent: all. Two cores start a few agents in the time that is left for each. */
  readonly atOnce?: number;
  /** What each agent offers, e.g. `2g`. */
  readonly memory?: string;
  readonly cpu?: string;
}

/** Real hosts of `scripts/cluster`: a Docker engine and an agent in namespaces each. Needs root. */
export class RealCluster {
  readonly name: string;
  readonly hosts: readonly RealHost[];

  private constructor(name: string, hosts: readonly RealHost[]) {
    this.name = name;
    this.hosts = hosts;
  }

  static async up(options: ClusterOptions): Promise<RealCluster> {
    const { purpose, hosts, agents = true, engines = true, atOnce = hosts, memory, cpu } = options;
    const name = `${purpose}${process.pid}`;
    const flags = [
      ...(agents ? [] : ['--no-agent']),
      ...(engines ? [] : ['--no-engine']),
      ...(memory === undefined ? [] : ['--memory', memory]),
      ...(cpu === undefined ? [] : ['--cpu', cpu]),
    ];
    try {
      for (let made = 0; made < hosts; ) {
        made = Math.min(hosts, made + atOnce);
        await call(name, ['up', String(made), ...flags]);
      }
      const made = Array.from({ length: hosts }, (_, index) =>
        RealHost.of(`h${index + 1}`, (args) => call(name, args)),
      );
      return new RealCluster(name, await Promise.all(made));
    } catch (error) {
      await call(name, ['down']).catch(() => undefined);
      throw error;
    }
  }

  /** `host(1)` is h1. */
  host(number: number): RealHost {
    const host = this.hosts[number - 1];
    if (host === undefined) throw new Error(`the cluster has no host h${number}`);
    return host;
  }

  /** Runs `scripts/cluster ARGS` for this cluster; the answer is its standard output. */
  script(...args: string[]): Promise<string> {
    return call(this.name, args);
  }

  async down(): Promise<void> {
    for (const host of this.hosts) await host.close();
    await call(this.name, ['down']);
  }
}

async function call(name: string, args: readonly string[]): Promise<string> {
  const split = args.indexOf('--');
  const named = split < 0 ? [...args, '--name', name] : [...args.slice(0, split), '--name', name, ...args.slice(split)];
  const { stdout } = await run(script, named, { maxBuffer: MAX_OUTPUT_BYTES, env: { ...process.env, NO_COLOR: '1' } });
  return stdout;
}

/** Starts a long-running `scripts/cluster` command, e.g. a CLI that watches. */
export const spawnInCluster = (cluster: RealCluster, ...args: string[]) => {
  const split = args.indexOf('--');
  return spawn(script, [...args.slice(0, split), '--name', cluster.name, ...args.slice(split)], { stdio: 'pipe' });
};

/** How a command ended, and what it said. */
export interface Ended {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command in a host to its end, whatever that is; `input` is its standard input. */
export async function runInCluster(
  cluster: RealCluster,
  host: string,
  command: readonly string[],
  input = '',
): Promise<Ended> {
  const child = spawnInCluster(cluster, 'exec', host, '--', ...command);
  child.stdin.end(input);
  const [out, err, exitCode] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number>((resolve) => child.once('close', (code) => resolve(code ?? -1))),
  ]);
  return { exitCode, out, err };
}
