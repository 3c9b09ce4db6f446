import type { Container } from '../../protocol/schemas/host.ts';
import type { AppOperation } from '../../protocol/schemas/operation.ts';
import type { VersionSpec } from '../../protocol/schemas/version.ts';
import type { RealCluster } from './real-cluster.ts';
import type { ApiAnswer, RealHost } from './real-host.ts';
import { waitFor } from './wait.ts';

const MiB = 1024 ** 2;

/** What a deploy asks for; the rest of the spec is the test image with 32 MiB, unless it is undefined here. */
export interface Wish {
  readonly spec?: { readonly [Field in keyof VersionSpec]?: VersionSpec[Field] | undefined };
  readonly replicas?: number;
  readonly version?: number;
  readonly cluster?: string;
}

/** `team/web` as the path of the app. */
export function pathOf(name: string): string {
  const [group, app] = name.split('/');
  return `/v1/groups/${group}/apps/${app}`;
}

/** Sends the deploy; the answer is whatever the agent says. */
export function askDeploy(host: RealHost, name: string, wish: Wish, key?: string): Promise<ApiAnswer<AppOperation>> {
  const { spec, version, ...others } = wish;
  const whole = { image: 'shoal-test:1', memoryBytes: 32 * MiB, ...spec };
  const body = { replicas: 1, ...(version === undefined ? { spec: whole } : { version }), ...others };
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  return host.api<AppOperation>('POST', `${pathOf(name)}/deployments`, { body, headers });
}

/** Deploys and waits for the end, whatever it is. */
export async function deploy(host: RealHost, name: string, wish: Wish = {}): Promise<AppOperation> {
  return ended(host, accepted(await askDeploy(host, name, wish)));
}

/** Deploys what must work. */
export async function deployed(host: RealHost, name: string, wish: Wish = {}): Promise<AppOperation> {
  return succeeded(await deploy(host, name, wish));
}

/** The operation of an answer that accepted one. @throws Error with the problem */
export function accepted(answer: ApiAnswer<AppOperation>): AppOperation {
  if (answer.status === 202) return answer.body;
  throw new Error(`not accepted: ${JSON.stringify(answer.body)}`);
}

/** The operation again if it ended well. @throws Error with its problem */
export function succeeded(operation: AppOperation): AppOperation {
  if (operation.state === 'succeeded') return operation;
  throw new Error(`operation ${operation.id} ${operation.state}: ${operation.problem?.detail}`);
}

/** The operation once it has ended, as this host sees it. */
export function ended(host: RealHost, { id }: Pick<AppOperation, 'id'>, deadlineMs = 60_000): Promise<AppOperation> {
  const look = async () => {
    const { body } = await host.api<AppOperation>('GET', `/v1/operations/${id}`);
    return body.state !== undefined && body.state !== 'running' && body;
  };
  return waitFor(`operation ${id} to end`, look, deadlineMs);
}

/** The app's containers, as this host sees them. */
export async function containersOf(host: RealHost, name: string): Promise<readonly Container[]> {
  const [group, app] = name.split('/');
  return itemsOf(host, `/v1/containers?group=${group}&app=${app}`);
}

/** Deletes the app and waits until it is gone. */
export async function deleteApp(host: RealHost, name: string): Promise<void> {
  succeeded(await ended(host, accepted(await host.api<AppOperation>('DELETE', pathOf(name)))));
}

/** Waits until every host answers a path like this: what was written through one reaches the others a moment later. */
export async function shownByAll<T = Record<string, unknown>>(
  hosts: readonly RealHost[],
  path: string,
  isSo: (answer: { readonly status: number; readonly body: T }) => boolean,
): Promise<void> {
  for (const host of hosts)
    await waitFor(`${host.name} to know of ${path}`, async () => isSo(await host.api<T>('GET', path)));
}

/** First page of a list. */
export async function itemsOf<T>(host: RealHost, path: string): Promise<readonly T[]> {
  const { body, status } = await host.api<{ items: readonly T[] }>('GET', path);
  if (status !== 200) throw new Error(`${path} is answered with ${status}: ${JSON.stringify(body)}`);
  return body.items;
}

/** What a mesh in which nothing is deployed has: the containers of its engines, their promises, and its records. */
export interface Traces {
  readonly engines: readonly string[];
  readonly containers: readonly string[];
  readonly apps: readonly string[];
  readonly operations: number;
  readonly promisedBytes: number;
  readonly heldBytes: number;
  readonly promisedCpuMilli: number;
}

/** What is there of apps: straight from every engine, from every host's ledger, and as every host sees it. */
export async function tracesOf(cluster: RealCluster): Promise<readonly Traces[]> {
  return Promise.all(
    cluster.hosts.map(async (host) => {
      const { capacity } = (await host.api<HostBody>('GET', `/v1/hosts/${host.name}`)).body;
      const { promisedBytes, heldBytes, promisedCpuMilli } = capacity;
      const apps = await itemsOf<{ group: string; name: string }>(host, '/v1/apps');
      return {
        engines: (await host.containers()).map(({ name }) => name).sort(),
        containers: (await itemsOf<Container>(host, '/v1/containers')).map(({ name }) => name).sort(),
        apps: apps.map(({ group, name }) => `${group}/${name}`).sort(),
        operations: (await itemsOf(host, '/v1/operations')).length,
        promisedBytes,
        heldBytes,
        promisedCpuMilli,
      };
    }),
  );
}

interface HostBody {
  readonly capacity: { readonly promisedBytes: number; readonly heldBytes: number; readonly promisedCpuMilli: number };
}
