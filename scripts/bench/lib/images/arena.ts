import type { Image } from '../../../../test/framework/random-image.ts';
import { RealCluster } from '../../../../test/framework/real-cluster.ts';
import type { RealHost } from '../../../../test/framework/real-host.ts';
import { Upstream } from '../../../../test/framework/upstream.ts';
import { waitFor } from '../../../../test/framework/wait.ts';
import { whole } from '../agent-process.ts';
import type { Links } from './bounds.ts';
import { contestants } from './contestant.ts';
import { allowPlainHttp, pullWithEngine } from './engine-pull.ts';

const TAG = '1';

/** Hosts with engines, and an upstream registry that both contestants get their images from. */
export class Arena {
  readonly cluster: RealCluster;
  readonly upstream: Upstream;
  /** First process of each host and of the registry's machine: the way to their cables' counters. */
  readonly pids: readonly number[];
  readonly originPid: number;

  private constructor(cluster: RealCluster, upstream: Upstream, pids: readonly number[], originPid: number) {
    this.cluster = cluster;
    this.upstream = upstream;
    this.pids = pids;
    this.originPid = originPid;
  }

  static async up(hosts: number): Promise<Arena> {
    const isMesh = contestants.some(({ name }) => name === 'shoal');
    const cluster = await RealCluster.up({ purpose: 'i', hosts, agents: isMesh });
    try {
      const upstream = await Upstream.start(cluster);
      const pidOf = async (name: string) => Number(await cluster.script('pid', name));
      const pids = await Promise.all(cluster.hosts.map(({ name }) => pidOf(name)));
      const arena = new Arena(cluster, upstream, pids, await pidOf('registry'));
      await Promise.all(cluster.hosts.map((host) => arena.#prepareEngine(host)));
      if (isMesh) {
        await whole(cluster.hosts);
        await upstream.introduceTo(cluster.host(1));
      }
      return arena;
    } catch (error) {
      await cluster.down();
      throw error;
    }
  }

  /** Limits every cable, both ways; the slow ones are the last hosts'. */
  async limit({ originMbit, hostMbit }: Links): Promise<void> {
    await this.cluster.script('limit', 'registry', `${originMbit}mbit`);
    for (const [index, mbit] of hostMbit.entries()) {
      await this.cluster.script('limit', this.cluster.host(index + 1).name, `${mbit}mbit`);
    }
  }

  async publish(repository: string, image: Image): Promise<void> {
    await this.upstream.client.push(repository, TAG, image);
  }

  async pullEverywhere(reference: string): Promise<void> {
    await Promise.all(this.cluster.hosts.map((host) => pullWithEngine(host, reference)));
  }

  /** Removes an image and its layers from all engines. */
  async forget(reference: string): Promise<void> {
    await Promise.all(this.cluster.hosts.map(({ docker }) => docker.getImage(`${reference}:${TAG}`).remove()));
  }

  async down(): Promise<void> {
    await this.upstream[Symbol.asyncDispose]();
    await this.cluster.down();
  }

  async #prepareEngine(host: RealHost): Promise<void> {
    const { address } = this.upstream;
    await allowPlainHttp(host, address, () => this.cluster.script('kill', host.name, 'engine', 'HUP'));
    await waitFor(`the engine of ${host.name} to allow ${address}`, async () => {
      const { RegistryConfig: config } = (await host.docker.info()) as EngineInfo;
      return config.IndexConfigs[address]?.Secure === false;
    });
  }
}

interface EngineInfo {
  readonly RegistryConfig: { readonly IndexConfigs: Readonly<Record<string, { readonly Secure: boolean }>> };
}
