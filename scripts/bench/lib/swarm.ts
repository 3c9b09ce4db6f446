import type { RealCluster } from '../../../test/framework/real-cluster.ts';
import { waitFor } from '../../../test/framework/wait.ts';
import { COMMAND, type Contender, IMAGE, MEMORY_BYTES } from './contender.ts';

const MANAGERS = 3;

/** Docker Swarm: three managers, the rest workers. It ends with the cluster's engines. */
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
      const JoinToken = index + 1 < MANAGERS ? JoinTokens.Manager : JoinTokens.Worker;
      const ListenAddr = `${host.ip}:2377`;
      await host.docker.swarmJoin({
        ...{ ListenAddr, AdvertiseAddr: host.ip, RemoteAddrs: [`${first.ip}:2377`], JoinToken },
      });
    }
  }

  /** It is a part of the engine, and costs next to nothing while it has no service. */
  async wake(): Promise<void> {}

  async rest(): Promise<void> {}

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

  async remove(app: string): Promise<void> {
    await this.#docker.getService(this.#ids.get(app) ?? '').remove();
  }

  async settled(app: string): Promise<Record<string, never>> {
    await waitFor(`${app} to run in Swarm's own view`, async () => {
      const tasks: { readonly Status?: { readonly State?: string } }[] = await this.#docker.listTasks({
        filters: { service: [app], 'desired-state': ['running'] },
      });
      return tasks.length > 0 && tasks.every(({ Status }) => Status?.State === 'running');
    });
    return {};
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
