import type { Operation } from '../../../protocol/schemas/operation.ts';
import type { RealCluster } from '../../../test/framework/real-cluster.ts';
import { waitFor } from '../../../test/framework/wait.ts';
import { agentPid, cpuMs, whole } from './agent-process.ts';
import { COMMAND, type Contender, IMAGE, MEMORY_BYTES } from './contender.ts';

/** Shoal, through the API of one node. */
export class Shoal implements Contender {
  readonly name = 'shoal';
  readonly heals = true;
  readonly #cluster: RealCluster;
  #askedAtMs = 0;
  #cpuBeforeMs = 0;

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }

  async prepare(): Promise<void> {
    await this.#send('PUT', '/v1/groups/bench', {});
  }

  /** The agents were frozen: they find their links again and read what their engines said meanwhile. */
  async wake(): Promise<void> {
    this.#signal('SIGCONT');
    await whole(this.#cluster.hosts);
  }

  async rest(): Promise<void> {
    this.#signal('SIGSTOP');
  }

  async deploy(app: string, replicas: number): Promise<void> {
    const spec = { image: IMAGE, command: COMMAND, memoryBytes: MEMORY_BYTES };
    await this.#begin('POST', `/v1/groups/bench/apps/${app}/deployments`, { spec, replicas });
  }

  async scale(app: string, replicas: number): Promise<void> {
    await this.#begin('PATCH', `/v1/groups/bench/apps/${app}/deployments/default`, { replicas });
  }

  async remove(app: string): Promise<void> {
    await this.#begin('DELETE', `/v1/groups/bench/apps/${app}`);
  }

  /** Time until the operation itself said that it succeeded, and what all agents together computed until it was seen. */
  async settled(app: string): Promise<{ readonly succeededMs: number; readonly agentsCpuMs: number }> {
    const last = await waitFor(`the operation of ${app} to end`, async () => {
      const [newest] = await this.#items<Operation>(`/v1/operations?group=bench&app=${app}`);
      return newest?.state !== 'running' && newest;
    });
    if (last.state !== 'succeeded') throw new Error(`${last.kind} of ${app} ${last.state}: ${last.problem?.detail}`);
    await waitFor(`all containers of ${app} to be ready`, async () =>
      (await this.#items<{ ready: boolean }>(`/v1/containers?group=bench&app=${app}`)).every(({ ready }) => ready),
    );
    const succeededMs = Date.parse(last.finishedAt ?? '') - this.#askedAtMs;
    return { succeededMs, agentsCpuMs: this.#cpuMs() - this.#cpuBeforeMs };
  }

  async gone(app: string): Promise<void> {
    await waitFor(
      `${app} to be gone`,
      async () => (await this.#cluster.host(1).api('GET', `/v1/groups/bench/apps/${app}`)).status === 404,
    );
  }

  async #begin(method: string, path: string, body?: object): Promise<void> {
    this.#cpuBeforeMs = this.#cpuMs();
    this.#askedAtMs = Date.now();
    await this.#send(method, path, body);
  }

  async #send(method: string, path: string, body?: object): Promise<void> {
    const answer = await this.#cluster.host(1).api(method, path, body === undefined ? {} : { body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }

  async #items<T>(path: string): Promise<readonly T[]> {
    return (await this.#cluster.host(1).api<{ items: T[] }>('GET', path)).body.items;
  }

  #cpuMs(): number {
    return this.#cluster.hosts.reduce((sum, host) => sum + cpuMs(agentPid(host)), 0);
  }

  #signal(signal: NodeJS.Signals): void {
    for (const host of this.#cluster.hosts) process.kill(agentPid(host), signal);
  }
}
