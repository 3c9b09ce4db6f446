import type { RealCluster } from '../../../test/framework/real-cluster.ts';

/** Watches all engines of a cluster for container starts and ends, so that all contenders are measured by the same clock. */
export class EngineWatch {
  readonly #streams: NodeJS.ReadableStream[] = [];
  readonly #running = new Map<string, string>();
  readonly #waiters = new Set<() => void>();

  static async open(cluster: RealCluster): Promise<EngineWatch> {
    const watch = new EngineWatch();
    await Promise.all(
      cluster.hosts.map(async (host) => {
        const stream = await host.docker.getEvents({
          filters: { type: ['container'], event: ['start', 'die', 'destroy'] },
        });
        watch.#streams.push(stream);
        let rest = '';
        stream.on('data', (chunk: Buffer) => {
          const lines = (rest + chunk.toString()).split('\n');
          rest = lines.pop() ?? '';
          for (const line of lines) if (line.trim() !== '') watch.#take(JSON.parse(line));
        });
        stream.on('error', () => undefined);
      }),
    );
    return watch;
  }

  /** Containers running now whose name contains `part`. */
  running(part: string): number {
    return [...this.#running.values()].filter((name) => name.includes(part)).length;
  }

  /** Resolves with the time (ms, monotonic) at which `count` containers named like `part` run. */
  async until(part: string, count: number, deadlineMs = 120_000): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const check = () => {
      if (this.running(part) === count) resolve(performance.now());
    };
    const timer = setTimeout(
      () =>
        reject(
          new Error(`${this.running(part)} instead of ${count} containers like ${part} run after ${deadlineMs} ms`),
        ),
      deadlineMs,
    );
    this.#waiters.add(check);
    check();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiters.delete(check);
    }
  }

  close(): void {
    for (const stream of this.#streams) (stream as NodeJS.ReadableStream & { destroy?: () => void }).destroy?.();
  }

  #take(event: {
    readonly Action: string;
    readonly id: string;
    readonly Actor: { readonly Attributes: { readonly name?: string } };
  }): void {
    if (event.Action === 'start') this.#running.set(event.id, event.Actor.Attributes.name ?? '');
    else this.#running.delete(event.id);
    for (const check of this.#waiters) check();
  }
}
