import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';

const script = join(import.meta.dirname, 'private-root');
const checkout = resolve(import.meta.dirname, '../../..');

export interface Failure {
  readonly code: number;
  readonly stderr: string;
}

/** What runs on a machine; a process that was started anew has another number, a container another time. */
export interface Running {
  readonly agents: readonly string[];
  readonly engine: string;
  readonly containers: readonly string[];
}

/** A machine with the programs of this one and nothing of Shoal's, in the namespaces of a cluster's host. */
export class Machine {
  readonly #host: RealHost;
  readonly #root: string;

  private constructor(host: RealHost, root: string) {
    this.#host = host;
    this.#root = root;
  }

  /** Makes host `number` one. The engine that the cluster gave it ends: the machine has none that runs. */
  static async of(cluster: RealCluster, number: number): Promise<Machine> {
    const host = cluster.host(number);
    await host.exec(script, 'make', checkout);
    await cluster.script('kill', host.name, 'engine');
    const init = (await cluster.script('pid', host.name)).trim();
    return new Machine(host, `/proc/${init}/root/run/private-root/root`);
  }

  /** Where one of its files is reached from here. */
  path(file: string): string {
    return join(this.#root, file);
  }

  /** Runs a command as root, in the copy of the checkout; the answer is its standard output. */
  run(...command: string[]): Promise<string> {
    return this.#host.exec(script, 'run', ...command);
  }

  /** The same for a line of shell. Nobody sits at a terminal, and root needs no sudo. */
  sh(line: string): Promise<string> {
    return this.run('sh', '-c', line.replace(/^sudo /, 'env '));
  }

  /** Runs a line of shell that has to fail. */
  async fails(line: string): Promise<Failure> {
    const outcome: unknown = await this.sh(line).catch((error: unknown) => error);
    if (outcome instanceof Error && 'code' in outcome && typeof outcome.code === 'number' && 'stderr' in outcome)
      return { code: outcome.code, stderr: String(outcome.stderr) };
    throw new Error(`"${line}" did not fail`, { cause: outcome });
  }

  /** Process ids of its agent, as the machine numbers them: one, or none. */
  agents(): string[] {
    return readdirSync(this.path('/proc')).filter((pid) => {
      try {
        return readFileSync(this.path(`/proc/${pid}/cmdline`), 'utf8').includes('/dist/shoal.js\0agent\0run\0');
      } catch {
        return false; // no process, or not any more
      }
    });
  }

  async running(): Promise<Running> {
    const format = '{{.Name}} {{.Id}} {{.State.StartedAt}}';
    const containers = await this.sh(`docker ps --quiet | xargs --no-run-if-empty docker inspect --format '${format}'`);
    return {
      agents: this.agents(),
      engine: readFileSync(this.path('/run/docker.pid'), 'utf8').trim(),
      containers: containers.split('\n').filter(Boolean).sort(),
    };
  }

  /** The mesh as its agent sees it. */
  async hosts(): Promise<readonly Host[]> {
    return JSON.parse(await this.run('shoal', 'host', 'ls', '--json'));
  }
}
