import { Readable } from 'node:stream';
import { type Digest, isDigest } from '../../../protocol/digest.ts';
import type { Upstream as Registry } from '../../../protocol/schemas/image.ts';
import { itemsOf } from '../../framework/deploys.ts';
import { randomLayer } from '../../framework/random-image.ts';
import { type Ended, type RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

/** Where a host's engine reaches the registry of the mesh. */
export const OWN = '127.0.0.1:5000';
export const REGISTRY_PORT = 5_000;
export const MB = 1_000_000;

/** Runs the docker client in a host to its end, whatever that is. */
export const docker = (cluster: RealCluster, host: RealHost, ...words: string[]): Promise<Ended> =>
  runInCluster(cluster, host.name, ['docker', ...words]);

/** What the client prints when it does what it was told. @throws Error with what it printed instead */
export async function dockerDoes(cluster: RealCluster, host: RealHost, ...words: string[]): Promise<string> {
  const { exitCode, out, err } = await docker(cluster, host, ...words);
  if (exitCode !== 0) throw new Error(`docker ${words.join(' ')} on ${host.name} ended with ${exitCode}: ${out}${err}`);
  return out;
}

/** Pulls what has to be there; the answer is the image's id in that engine. */
export async function pulled(cluster: RealCluster, host: RealHost, reference: string): Promise<string> {
  await dockerDoes(cluster, host, 'pull', '--quiet', reference);
  return imageId(host, reference);
}

/** Pulls on all hosts at the same time; the answer are the images' ids, each once. */
export async function pulledOnAll(
  cluster: RealCluster,
  hosts: readonly RealHost[],
  reference: string,
): Promise<readonly string[]> {
  return [...new Set(await Promise.all(hosts.map((host) => pulled(cluster, host, reference))))];
}

/** Pushes; the answer is the digest that it has got. */
export async function pushed(cluster: RealCluster, host: RealHost, reference: string): Promise<Digest> {
  const out = await dockerDoes(cluster, host, 'push', reference);
  const digest = /digest: (\S+) size/.exec(out)?.[1] ?? '';
  if (!isDigest(digest)) throw new Error(`docker push names no digest: ${out}`);
  return digest;
}

export const imageId = async (host: RealHost, reference: string): Promise<string> =>
  (await host.docker.getImage(reference).inspect()).Id;

/** Waits until all hosts know how to reach another registry, and whether with a login. */
export async function reachable(hosts: readonly RealHost[], registry: string, hasLogin = false): Promise<void> {
  const knows = async (host: RealHost) =>
    (await itemsOf<Registry>(host, '/v1/upstreams')).some((it) => it.host === registry && it.hasLogin === hasLogin);
  await waitFor(`all to know ${registry}`, async () => (await Promise.all(hosts.map(knows))).every(Boolean));
}

/** Makes an image of one incompressible layer in a host's engine, as `docker import` does; the answer is its id. */
export async function makeImage(host: RealHost, name: string, sizeBytes: number): Promise<string> {
  const at = name.lastIndexOf(':');
  const stream = Readable.from(randomLayer(name, sizeBytes).chunks());
  const options = { repo: name.slice(0, at), tag: name.slice(at + 1) };
  const told = await host.docker.importImage(stream, options);
  await new Promise<void>((resolve, reject) => {
    host.docker.modem.followProgress(told, (error) => (error === null ? resolve() : reject(error)));
  });
  return imageId(host, name);
}
