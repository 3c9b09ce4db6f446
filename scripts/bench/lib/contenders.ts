import type { RealCluster } from '../../../test/framework/real-cluster.ts';
import type { RealHost } from '../../../test/framework/real-host.ts';
import { waitFor } from '../../../test/framework/wait.ts';

const IMAGE = 'shoal-test:1';
const COMMAND = ['sleep', '1000000'];
const MEMORY_BYTES = 64 * 1024 * 1024;

/** One way of running replicas on the cluster's engines. Container names contain the app's name. */
export interface Contender {
  readonly name: string;
  /** Whether it brings a killed container back. */
  readonly heals: boolean;
  prepare(): Promise<void>;
  deploy(app: string, replicas: number): Promise<void>;
  scale(app: string, replicas: number): Promise<void>;
  killOne(app: string): Promise<void>;
  remove(app: string): Promise<void>;
  /** Has finished its own work for this app. */
  settled(app: string): Promise<void>;
  gone(app: string): Promise<void>;
}

async function killFirst(hosts: readonly RealHost[], app: string): Promise<void> {
  for (const host of hosts) {
    const [first] = (await host.docker.listContainers()).filter((c) => c.Names.some((name) => name.includes(app)));
    if (first === undefined) continue;
    // As a crash would: through the engine's API it would count as stopped on purpose. The pid is the host's own.
    const { State } = await host.docker.getContainer(first.Id).inspect();
    await host.exec('kill', '-9', String(State.Pid));
    return;
  }
}

/** Shoal, through the API of one node. */
export class ShoalContender implements Contender {
  readonly name = 'shoal';
  readonly heals = true;
  readonly #cluster: RealCluster;

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }

  async prepare(): Promise<void> {
    await this.#send('PUT', '/v1/groups/bench', {});
  }

  async deploy(app: string, replicas: number): Promise<void> {
    const spec = { image: IMAGE, command: COMMAND, memoryBytes: MEMORY_BYTES };
    await this.#send('POST', `/v1/groups/bench/apps/${app}/deployments`, { spec, replicas });
  }

  async scale(app: string, replicas: number): Promise<void> {
    await this.#send('PATCH', `/v1/groups/bench/apps/${app}/deployments/default`, { replicas });
  }

  killOne(app: string): Promise<void> {
    return killFirst(this.#cluster.hosts, app);
  }

  async remove(app: string): Promise<void> {
    await this.#send('DELETE', `/v1/groups/bench/apps/${app}`);
  }

  async settled(app: string): Promise<void> {
    await waitFor(`${app} to be ready`, async () => {
      const { body } = await this.#cluster
        .host(1)
        .api<{ items: { ready: boolean }[] }>('GET', `/v1/containers?group=bench&app=${app}`);
      const operations = await this.#cluster
        .host(1)
        .api<{ items: { state: string }[] }>('GET', `/v1/operations?group=bench&app=${app}`);
      return (
        body.items.length > 0 &&
        body.items.every((c) => c.ready) &&
        operations.body.items.every((o) => o.state !== 'running')
      );
    });
  }

  async gone(app: string): Promise<void> {
    await waitFor(
      `${app} to be gone`,
      async () => (await this.#cluster.host(1).api('GET', `/v1/groups/bench/apps/${app}`)).status === 404,
    );
  }

  async #send(method: string, path: string, body?: object): Promise<void> {
    const answer = await this.#cluster.host(1).api(method, path, body === undefined ? {} : { body });
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}

/** Docker Swarm: three managers, the rest workers. */
export class Swarm implements Contender {
  readonly name = 'swarm';
  readonly heals = true;
  readonly #cluster: RealCluster;
  readonly #ids = new Map<string, string>();

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }

  async prepare(): Promise<void> {
    const [first, ...others] = this.#cluster.hosts;
    if (first === undefined) return;
    await first.docker.swarmInit({ ListenAddr: `${first.ip}:2377`, AdvertiseAddr: first.ip });
    const { JoinTokens } = await first.docker.swarmInspect();
    for (const [index, host] of others.entries()) {
      const JoinToken = index < 2 ? JoinTokens.Manager : JoinTokens.Worker;
      await host.docker.swarmJoin({
        ListenAddr: `${host.ip}:2377`,
        AdvertiseAddr: host.ip,
        RemoteAddrs: [`${first.ip}:2377`],
        JoinToken,
      });
    }
  }

  async deploy(app: string, replicas: number): Promise<void> {
    const ContainerSpec = { Image: IMAGE, Command: COMMAND, Init: true };
    const made = await this.#docker.createService({
      Name: app,
      TaskTemplate: { ContainerSpec, Resources: { Limits: { MemoryBytes: MEMORY_BYTES } } },
      Mode: { Replicated: { Replicas: replicas } },
    });
    this.#ids.set(app, made.id);
  }

  async scale(app: string, replicas: number): Promise<void> {
    const service = this.#docker.getService(this.#ids.get(app) ?? '');
    const { Version, Spec } = await service.inspect();
    await service.update({ ...Spec, version: Version.Index, Mode: { Replicated: { Replicas: replicas } } });
  }

  killOne(app: string): Promise<void> {
    return killFirst(this.#cluster.hosts, app);
  }

  async remove(app: string): Promise<void> {
    await this.#docker.getService(this.#ids.get(app) ?? '').remove();
  }

  async settled(app: string): Promise<void> {
    await waitFor(`${app} to run in Swarm's own view`, async () => {
      const tasks = await this.#docker.listTasks({ filters: { service: [app], 'desired-state': ['running'] } });
      return (
        tasks.length > 0 && tasks.every((task: { Status?: { State?: string } }) => task.Status?.State === 'running')
      );
    });
  }

  async gone(app: string): Promise<void> {
    await waitFor(`${app}'s containers to be gone`, async () => {
      const lists = await Promise.all(this.#cluster.hosts.map((host) => host.containers()));
      return lists.flat().every((container) => !container.name.includes(app));
    });
  }

  get #docker() {
    return this.#cluster.host(1).docker;
  }
}

/** Create and start straight through the engines' API, all at once: what any orchestrator must at least do. */
export class Floor implements Contender {
  readonly name = 'floor';
  readonly heals = false;
  readonly #cluster: RealCluster;
  readonly #made = new Map<string, { remove(options: object): Promise<unknown> }[]>();

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }

  async prepare(): Promise<void> {}

  deploy(app: string, replicas: number): Promise<void> {
    return this.#create(app, 0, replicas);
  }

  scale(app: string, replicas: number): Promise<void> {
    return this.#create(app, this.#made.get(app)?.length ?? 0, replicas);
  }

  async killOne(): Promise<void> {}

  async remove(app: string): Promise<void> {
    await Promise.all((this.#made.get(app) ?? []).map((container) => container.remove({ force: true, v: true })));
    this.#made.delete(app);
  }

  async settled(): Promise<void> {}

  async gone(): Promise<void> {}

  async #create(app: string, from: number, to: number): Promise<void> {
    const { hosts } = this.#cluster;
    const made = await Promise.all(
      Array.from({ length: to - from }, async (_, index) => {
        const host = this.#cluster.host(((from + index) % hosts.length) + 1);
        const container = await host.docker.createContainer({
          name: `${app}-${from + index}`,
          Image: IMAGE,
          Cmd: COMMAND,
          HostConfig: { Init: true, Memory: MEMORY_BYTES, MemorySwap: MEMORY_BYTES },
        });
        await container.start();
        return container;
      }),
    );
    this.#made.set(app, [...(this.#made.get(app) ?? []), ...made]);
  }
}
