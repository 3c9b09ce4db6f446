import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { type RealCluster, spawnInCluster } from '../../../../test/framework/real-cluster.ts';
import type { RealHost } from '../../../../test/framework/real-host.ts';

const POLLER = join(resolve(import.meta.dirname), 'poller.ts');
/** The directory is made anew this long after an engine told of a change: many changes come together. */
const SOON_MS = 20;

export interface Tally {
  readonly requests: number;
  readonly failed: number;
}

/**
 * Clients of apps on one host, who know where containers run as soon as their engines say so, as a load balancer would.
 * Ask the first host of a cluster, which is never the one that is hurt.
 */
export class Clients {
  readonly #apps: readonly string[];
  readonly #streams: NodeJS.ReadableStream[] = [];
  readonly #places = new Map<string, Readonly<Record<string, readonly string[]>>>();
  readonly #process: ReturnType<typeof spawnInCluster>;
  readonly #output: Promise<string>;
  #timer: NodeJS.Timeout | undefined;

  private constructor(cluster: RealCluster, apps: readonly string[]) {
    this.#apps = apps;
    this.#process = spawnInCluster(cluster, 'exec', 'h1', '--', process.execPath, POLLER);
    this.#output = text(this.#process.stdout ?? process.stdin);
  }

  static async start(cluster: RealCluster, apps: readonly string[]): Promise<Clients> {
    const clients = new Clients(cluster, apps);
    await Promise.all(cluster.hosts.map((host) => clients.#follow(host)));
    return clients;
  }

  /** What came of their requests, by app. */
  async stop(): Promise<Readonly<Record<string, Tally>>> {
    clearTimeout(this.#timer);
    for (const stream of this.#streams) (stream as NodeJS.ReadableStream & { destroy?: () => void }).destroy?.();
    this.#process.stdin?.end();
    return JSON.parse(await this.#output);
  }

  async #follow(host: RealHost): Promise<void> {
    const stream = await host.docker.getEvents({ filters: { type: ['container'], event: ['start', 'die'] } });
    this.#streams.push(stream);
    stream.on('data', () => void this.#look(host));
    // The host is lost with its engine: what ran there answers no more.
    const lost = () => {
      this.#places.delete(host.name);
      this.#tell();
    };
    stream.on('error', lost);
    stream.on('end', lost);
    await this.#look(host);
  }

  async #look(host: RealHost): Promise<void> {
    const containers = await host.docker.listContainers().catch(() => []);
    const found: Record<string, string[]> = {};
    for (const app of this.#apps) {
      found[app] = containers
        .filter(({ Names }) => Names.some((name) => name.includes(app)))
        .flatMap(({ Ports }) =>
          Ports.flatMap(({ PublicPort }) => (PublicPort === undefined ? [] : `${host.ip}:${PublicPort}`)),
        );
    }
    this.#places.set(host.name, found);
    this.#tell();
  }

  #tell(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const all = Object.fromEntries(
        this.#apps.map((app) => [app, [...new Set([...this.#places.values()].flatMap((places) => places[app] ?? []))]]),
      );
      this.#process.stdin?.write(`${JSON.stringify(all)}\n`);
    }, SOON_MS);
  }
}

export const failedOf = (tallies: Readonly<Record<string, Tally>>): number =>
  Object.values(tallies).reduce((sum, { failed }) => sum + failed, 0);
