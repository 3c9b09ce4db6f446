import type { Container } from 'dockerode';
import type { RealCluster } from '../../../test/framework/real-cluster.ts';
import { COMMAND, type Contender, IMAGE, MEMORY_BYTES } from './contender.ts';

/** Create and start straight through the engines' API, all at once: what any orchestrator must at least do. */
export class Floor implements Contender {
  readonly name = 'floor';
  readonly heals = false;
  readonly #cluster: RealCluster;
  readonly #made = new Map<string, readonly Container[]>();

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }

  async prepare(): Promise<void> {}

  async wake(): Promise<void> {}

  async rest(): Promise<void> {}

  deploy(app: string, replicas: number): Promise<void> {
    return this.#grow(app, 0, replicas);
  }

  scale(app: string, replicas: number): Promise<void> {
    return this.#grow(app, this.#made.get(app)?.length ?? 0, replicas);
  }

  async remove(app: string): Promise<void> {
    await Promise.all((this.#made.get(app) ?? []).map((container) => container.remove({ force: true, v: true })));
    this.#made.delete(app);
  }

  async settled(): Promise<Record<string, never>> {
    return {};
  }

  async gone(): Promise<void> {}

  async #grow(app: string, from: number, to: number): Promise<void> {
    const numbers = Array.from({ length: to - from }, (_, index) => from + index);
    const made = await Promise.all(numbers.map((number) => this.#run(`${app}-${number}`, number)));
    this.#made.set(app, [...(this.#made.get(app) ?? []), ...made]);
  }

  async #run(name: string, number: number): Promise<Container> {
    const { docker } = this.#cluster.host((number % this.#cluster.hosts.length) + 1);
    const HostConfig = { Init: true, Memory: MEMORY_BYTES, MemorySwap: MEMORY_BYTES };
    const container = await docker.createContainer({ name, Image: IMAGE, Cmd: COMMAND, HostConfig });
    await container.start();
    return container;
  }
}
