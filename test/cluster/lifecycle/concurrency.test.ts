import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { AppOperation } from '../../../protocol/schemas/operation.ts';
import {
  accepted,
  askDeploy,
  containersOf,
  ended,
  itemsOf,
  pathOf,
  shownByAll,
  succeeded,
  type Wish,
} from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

const MiB = 1024 ** 2;
const HOSTS = 3;
const ALLOCATABLE_BYTES = 256 * MiB;
/** Five of these fit on a host. */
const APP_BYTES = 48 * MiB;
const ROOM = HOSTS * Math.floor(ALLOCATABLE_BYTES / APP_BYTES);

/** What one engine runs, by its own word. */
interface Load {
  readonly limitBytes: number;
  readonly containers: number;
  /** `8080/tcp`, each time it is published. */
  readonly ports: readonly string[];
}

async function loadOf({ docker }: RealHost): Promise<Load> {
  const listed = await docker.listContainers({ all: true, filters: { label: ['shoal.app'] } });
  const looked = await Promise.all(
    listed.map(({ Id }) =>
      docker
        .getContainer(Id)
        .inspect()
        .catch(() => undefined),
    ),
  );
  const containers = looked.filter((container) => container !== undefined);
  return {
    limitBytes: containers.reduce((sum, { HostConfig }) => sum + (HostConfig.Memory ?? 0), 0),
    containers: containers.length,
    ports: containers.flatMap(({ HostConfig }) =>
      Object.entries<readonly { HostPort: string }[]>(HostConfig.PortBindings ?? {}).flatMap(([key, bound]) =>
        bound.map(({ HostPort }) => `${HostPort}/${key.split('/')[1]}`),
      ),
    ),
  };
}

describe('deploys through several hosts at once', () => {
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'm', hosts: HOSTS, memory: '256m', cpu: '64' });
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
    await shownByAll(cluster.hosts, '/v1/groups/team', ({ status }) => status === 200);
  });
  afterAll(() => cluster?.down());
  afterEach(clear);

  /** Deploys all of them, each through the next host, and looks at the engines until the last one has ended. */
  async function rush(wishes: readonly (Wish & { readonly name: string })[]): Promise<readonly AppOperation[]> {
    let isOver = false;
    const ends = Promise.all(
      wishes.map(async ({ name, ...wish }, index) => {
        const host = cluster.host(1 + (index % HOSTS));
        return ended(host, accepted(await askDeploy(host, name, wish)), 120_000);
      }),
    ).finally(() => {
      isOver = true;
    });
    const watched = waitFor(
      'the end of the rush',
      async () => {
        await checkPromises();
        return isOver;
      },
      150_000,
    );
    const [operations] = await Promise.all([ends, watched]);
    await checkPromises();
    return operations;
  }

  /** No engine has limits above what its host may give, or a port twice. */
  async function checkPromises(): Promise<readonly Load[]> {
    const loads = await Promise.all(cluster.hosts.map(loadOf));
    for (const { limitBytes, ports } of loads) {
      if (limitBytes > ALLOCATABLE_BYTES) throw new Error(`limits of ${limitBytes} bytes are promised`);
      if (new Set(ports).size !== ports.length) throw new Error(`a port is published twice: ${ports}`);
    }
    return loads;
  }

  /** Deletes all apps and waits for empty engines and ledgers. */
  async function clear(): Promise<void> {
    const apps = await itemsOf<{ group: string; name: string }>(cluster.host(1), '/v1/apps');
    await Promise.all(
      apps.map(async ({ group, name }) => {
        // A failed deploy takes its app back, and host 1 may not have heard of that yet.
        const answer = await cluster.host(2).api<AppOperation>('DELETE', pathOf(`${group}/${name}`));
        if (answer.status !== 404) succeeded(await ended(cluster.host(2), accepted(answer)));
      }),
    );
    await waitFor('empty hosts', async () => {
      for (const host of cluster.hosts) {
        expect(await loadOf(host)).toEqual({ limitBytes: 0, containers: 0, ports: [] });
        const { capacity } = (await host.api<{ capacity: object }>('GET', `/v1/hosts/${host.name}`)).body;
        expect(capacity).toMatchObject({ promisedBytes: 0, heldBytes: 0 });
      }
      return true;
    });
  }

  const succeededOf = (operations: readonly AppOperation[]) => operations.filter(({ state }) => state === 'succeeded');

  it('place all that fits and nothing more, and no port twice on a host', async () => {
    const wishes = Array.from({ length: ROOM + 6 }, (_, index) => ({
      name: `team/small-${index}`,
      spec: { memoryBytes: APP_BYTES, ports: [{ container: 80 }] },
    }));
    const operations = await rush(wishes);
    const refused = operations.filter(({ state }) => state !== 'succeeded');
    expect(refused.map(({ problem }) => problem?.code)).toEqual(Array(6).fill('unplaceable'));
    for (const { problem } of refused) expect(problem?.detail).toMatch(/needs 48 MiB, 16 MiB free of 256 MiB/);
    expect((await checkPromises()).map(({ containers }) => containers)).toEqual(Array(HOSTS).fill(ROOM / HOSTS));
  });

  it('of which only one fits: one of them is placed as a whole, the other not at all', async () => {
    const most = Math.ceil((ROOM * 2) / 3);
    const wish = { replicas: most, spec: { memoryBytes: APP_BYTES } };
    const names = ['team/big-1', 'team/big-2'];
    const operations = await rush(names.map((name) => ({ name, ...wish })));
    expect(succeededOf(operations)).toHaveLength(1);
    expect(operations.find(({ state }) => state === 'failed')?.problem?.code).toBe('unplaceable');
    const placed = await Promise.all(names.map((name) => containersOf(cluster.host(3), name)));
    expect(placed.map(({ length }) => length).sort((a, b) => a - b)).toEqual([0, most]);
  });

  it('for the same fixed port get one each host, and the others are told that it is taken', async () => {
    const spec = { ports: [{ container: 80, host: 9_000 }] };
    const operations = await rush(
      Array.from({ length: HOSTS + 2 }, (_, index) => ({ name: `team/port-${index}`, spec })),
    );
    expect(succeededOf(operations)).toHaveLength(HOSTS);
    for (const { state, problem } of operations.filter((operation) => operation.state !== 'succeeded')) {
      expect({ state, code: problem?.code }).toEqual({ state: 'failed', code: 'unplaceable' });
      expect(problem?.detail).toMatch(/port tcp\/9000 is taken by another container/);
    }
  });

  it('of one app in two ways end with the containers of one of them', async () => {
    const [red, blue] = await rush(
      ['red', 'blue'].map((color) => ({ name: 'team/torn', replicas: 3, spec: { env: { COLOR: color } } })),
    );
    const winner = [red, blue].find((operation) => operation?.state === 'succeeded');
    const loser = [red, blue].find((operation) => operation?.state !== 'succeeded');
    expect(loser?.problem?.code).toBe('superseded');
    const isSettled = ({ version, ready }: Container) => version === winner?.version && ready;
    await waitFor('the containers of the winner', async () => {
      const containers = await containersOf(cluster.host(3), 'team/torn');
      return containers.length === 3 && containers.every(isSettled);
    });
    expect((await checkPromises()).map(({ containers }) => containers)).toEqual([1, 1, 1]);
  });
});
