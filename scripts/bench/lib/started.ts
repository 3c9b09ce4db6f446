import type { RealCluster } from '../../../test/framework/real-cluster.ts';

interface EngineEvent {
  readonly Action: string;
  readonly id: string;
  readonly Actor: { readonly Attributes: { readonly name?: string } };
}

/** Watches all engines of a cluster for container starts and ends, so that all contenders are measured by the same clock. */
export class EngineWatch {
  readonly #streams: NodeJS.ReadableStream[] = [];
  readonly #running = new Map<string, string>();
  readonly #listeners = new Set<(action: string, name: string) => void>();

  static async open(cluster: RealCluster): Promise<EngineWatch> {
    const watch = new EngineWatch();
    await Promise.all(cluster.hosts.map((host) => watch.#follow(host.docker)));
    return watch;
  }

  /** Containers running now whose name contains `part`. */
  running(part: string): number {
    return [...this.#running.values()].filter((name) => name.includes(part)).length;
  }

  /** Resolves with the time (ms, monotonic) at which exactly `count` containers named like `part` run. */
  until(part: string, count: number): Promise<number> {
    const isReached = () => this.running(part) === count;
    if (isReached()) return Promise.resolve(performance.now());
    return this.#first(isReached, () => `${this.running(part)} instead of ${count} containers like ${part} run`);
  }

  /** Resolves with the time (ms, monotonic) at which a container named like `part` ends, from now on. */
  nextEnd(part: string): Promise<number> {
    return this.#first(
      (action, name) => action === 'die' && name.includes(part),
      () => `no container like ${part} ended`,
    );
  }

  close(): void {
    for (const stream of this.#streams) (stream as NodeJS.ReadableStream & { destroy?: () => void }).destroy?.();
  }

  #first(isIt: (action: string, name: string) => boolean, what: () => string, deadlineMs = 120_000): Promise<number> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#listeners.delete(listener);
        reject(new Error(`${what()} after ${deadlineMs} ms`));
      }, deadlineMs).unref();
      const listener = (action: string, name: string) => {
        if (!isIt(action, name)) return;
        clearTimeout(timer);
        this.#listeners.delete(listener);
        resolve(performance.now());
      };
      this.#listeners.add(listener);
    });
  }

  async #follow(docker: RealCluster['hosts'][number]['docker']): Promise<void> {
    const stream = await docker.getEvents({ filters: { type: ['container'], event: ['start', 'die', 'destroy'] } });
    this.#streams.push(stream);
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line.trim() !== '') this.#take(JSON.parse(line));
    });
    // Ends with the engine; what waits for an event then meets its deadline.
    stream.on('error', () => undefined);
  }

  #take({ Action: action, id, Actor: actor }: EngineEvent): void {
    const name = actor.Attributes.name ?? '';
    if (action === 'start') this.#running.set(id, name);
    else this.#running.delete(id);
    for (const listener of this.#listeners) listener(action, name);
  }
}
