import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Digest, isDigest } from '../../protocol/digest.ts';
import { type Blob, type Image, imageOf, wholeBlob } from './random-image.ts';
import type { RealCluster } from './real-cluster.ts';
import { RealHost } from './real-host.ts';
import { RegistryClient } from './registry-client.ts';

const PORT = 5000;
const TEST_IMAGES = join(process.env.SHOAL_CLUSTER_DATA ?? '/var/tmp/shoal-cluster', 'cache/shoal-test.tar');
const MAX_LAYER_BYTES = 64 * 1024 ** 2;

/** A request that the registry has answered. */
export interface UpstreamRequest {
  /** Address of whoever asked. */
  readonly from: string;
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly bodyBytes: number;
}

/** What a registry sent of one blob. */
export interface BlobTraffic {
  readonly gets: number;
  readonly bytes: number;
}

/** The cluster's registry that is not the mesh's (`scripts/cluster registry`). */
export class Upstream {
  /** As references to it begin that go through the mesh: Docker allows a port at the beginning of a reference only. */
  readonly host = 'registry.test';
  /** As references begin that go straight to it. */
  readonly address = `registry.test:${PORT}`;
  /** Its machine, for faults and commands. */
  readonly machine: RealHost;
  /** Straight to it, past its cable and its limit; its requests come from 127.0.0.1. */
  readonly client: RegistryClient;
  readonly #cluster: RealCluster;

  private constructor(cluster: RealCluster, machine: RealHost, client: RegistryClient) {
    this.#cluster = cluster;
    this.machine = machine;
    this.client = client;
  }

  /** Starts it, or starts it again with another login. @param login `user:password` */
  static async start(cluster: RealCluster, login?: string): Promise<Upstream> {
    await cluster.script('registry', ...(login === undefined ? [] : ['--login', login]));
    const machine = await RealHost.of('registry', (args) => cluster.script(...args));
    return new Upstream(cluster, machine, new RegistryClient(await machine.tunnel(PORT), login));
  }

  /** Tells the mesh, through any host, how to reach it. */
  async introduceTo(host: RealHost, login: { username?: string; password?: string } = {}): Promise<void> {
    const path = `/v1/upstreams/${encodeURIComponent(this.host)}`;
    const { status, body } = await host.api('PUT', path, { body: { url: `http://${this.address}`, ...login } });
    if (status >= 300) throw new Error(`PUT ${path} is answered ${status} ${JSON.stringify(body)}`);
  }

  /** All requests since it was made, oldest first. They are logged when their answer has ended. */
  async requests(): Promise<readonly UpstreamRequest[]> {
    return parseAccessLog(await this.#cluster.script('logs', 'registry', 'registry'));
  }

  /** Switches it off; its content stays until the cluster is taken down. */
  async stop(): Promise<void> {
    await this.#cluster.script('registry', 'off');
  }

  /** Releases what this process holds of it: `await using` does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.machine.close();
  }
}

/** The test image that serves its `version` on port 80, with more layers on top of its own. */
export async function runnableImage(version: 1 | 2 | 3, more: readonly Blob[] = []): Promise<Image> {
  const read = { encoding: 'buffer', maxBuffer: MAX_LAYER_BYTES } as const;
  const { stdout } = await promisify(execFile)('tar', ['-xOf', TEST_IMAGES, './layer.tar'], read);
  return imageOf([wholeBlob(stdout), ...more], ['serve'], [`VERSION=${version}`]);
}

/** Combined log format: `ADDRESS - USER [TIME] "METHOD PATH PROTOCOL" STATUS BYTES "REFERER" "AGENT"`. */
function parseAccessLog(log: string): readonly UpstreamRequest[] {
  const lines = log.matchAll(/^(\S+) \S+ \S+ \[[^\]]*\] "(\w+) (\S+) [^"]*" (\d+) (\d+)/gm);
  return [...lines].map(([, from = '', method = '', path = '', status, bodyBytes]) => {
    return { from, method, path, status: Number(status), bodyBytes: Number(bodyBytes) };
  });
}

/** How often each blob was asked for by hosts, and what went out of it. */
export function blobTraffic(requests: readonly UpstreamRequest[]): ReadonlyMap<Digest, BlobTraffic> {
  const traffic = new Map<Digest, BlobTraffic>();
  for (const { from, method, path, bodyBytes } of requests) {
    const digest = path.split('/blobs/')[1] ?? '';
    if (method !== 'GET' || from === '127.0.0.1' || !isDigest(digest)) continue;
    const { gets, bytes } = traffic.get(digest) ?? { gets: 0, bytes: 0 };
    traffic.set(digest, { gets: gets + 1, bytes: bytes + bodyBytes });
  }
  return traffic;
}
