import type { RealCluster } from '../../../../test/framework/real-cluster.ts';
import { waitFor } from '../../../../test/framework/wait.ts';
import { Swarm } from '../swarm.ts';
import { IMAGES, MEMORY_BYTES, PORT, type Rival } from './rival.ts';

const DEADLINE_MS = 180_000;

interface Task {
  readonly Status?: { readonly State?: string };
}

interface SwarmNode {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: Record<string, unknown>;
  readonly Description: { readonly Hostname: string };
  readonly ManagerStatus?: { readonly Leader?: boolean };
}

/** Docker Swarm with its defaults: three managers, ports published on the host of each task. */
export class SwarmRival implements Rival {
  readonly name = 'swarm';
  readonly #cluster: RealCluster;
  readonly #ids = new Map<string, string>();

  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }

  prepare = (): Promise<void> => new Swarm(this.#cluster).prepare();

  async wake(): Promise<void> {}

  async rest(): Promise<void> {}

  async deploy(app: string, replicas: number): Promise<void> {
    const made = await this.#docker.createService({
      Name: app,
      TaskTemplate: {
        ContainerSpec: { Image: IMAGES[0] },
        Resources: { Limits: { MemoryBytes: MEMORY_BYTES } },
      },
      EndpointSpec: { Ports: [{ Protocol: 'tcp', TargetPort: PORT, PublishMode: 'host' }] },
      Mode: { Replicated: { Replicas: replicas } },
    });
    this.#ids.set(app, made.id);
    await this.whole(app, replicas);
  }

  async upgrade(app: string, image: string, isAtOnce: boolean): Promise<void> {
    const service = this.#docker.getService(this.#ids.get(app) ?? '');
    const { Version, Spec } = await service.inspect();
    const template = { ...Spec.TaskTemplate, ContainerSpec: { ...Spec.TaskTemplate.ContainerSpec, Image: image } };
    const update = isAtOnce ? { UpdateConfig: { Parallelism: 0 } } : {};
    await service.update({ ...Spec, ...update, version: Version.Index, TaskTemplate: template });
    await waitFor(
      `the update of ${app} to be completed`,
      async () => {
        const { UpdateStatus: status } = await service.inspect();
        return status?.State === 'completed';
      },
      DEADLINE_MS,
    );
  }

  drain = (host: string): Promise<void> => this.#availability(host, 'drain');

  undrain = (host: string): Promise<void> => this.#availability(host, 'active');

  /** The leader, whichever app it is. */
  async deciderOf(): Promise<string> {
    const nodes: readonly SwarmNode[] = await this.#docker.listNodes();
    return nodes.find(({ ManagerStatus }) => ManagerStatus?.Leader === true)?.Description.Hostname ?? '';
  }

  async whole(app: string, replicas: number): Promise<void> {
    await waitFor(
      `${replicas} tasks of ${app}`,
      async () => {
        const filters = { service: [app], 'desired-state': ['running'] };
        const tasks: Task[] = await this.#docker.listTasks({ filters });
        return tasks.filter(({ Status }) => Status?.State === 'running').length === replicas;
      },
      DEADLINE_MS,
    );
  }

  async remove(app: string): Promise<void> {
    await this.#docker.getService(this.#ids.get(app) ?? '').remove();
  }

  async #availability(host: string, availability: 'active' | 'drain'): Promise<void> {
    const { ID, Version, Spec } = await this.#nodeOf(host);
    await this.#docker.getNode(ID).update({ ...Spec, version: Version.Index, Availability: availability });
  }

  async #nodeOf(name: string) {
    const nodes: readonly SwarmNode[] = await this.#docker.listNodes();
    const node = nodes.find(({ Description }) => Description.Hostname === name);
    if (node === undefined) throw new Error(`Swarm has no node ${name}`);
    return node;
  }

  get #docker() {
    return this.#cluster.host(1).docker;
  }
}
