import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { MoveOperation } from '../../../protocol/schemas/operation.ts';
import { containersOf, deployed, itemsOf, shownByAll } from '../../framework/deploys.ts';
import { RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';
import { watchApp } from './watch.ts';

let cluster: RealCluster;
let one: RealHost;
let two: RealHost;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'd', hosts: 4 });
  [one, two] = [cluster.host(1), cluster.host(2)];
  await one.api('PUT', '/v1/groups/team', { body: {} });
});
afterAll(() => cluster?.down());

const hostOf = async (observer: RealHost, name: string): Promise<Host> =>
  (await observer.api<Host>('GET', `/v1/hosts/${name}`)).body;
const uncordon = (name: string) => one.api('PATCH', `/v1/hosts/${name}`, { body: { cordoned: false } });
const drain = async (via: RealHost, name: string, body: object = {}): Promise<MoveOperation> => {
  const answer = await via.api<MoveOperation>('POST', `/v1/hosts/${name}/drain`, { body });
  if (answer.status !== 202) throw new Error(JSON.stringify(answer.body));
  return answer.body;
};
const look = async (via: RealHost, { id }: MoveOperation): Promise<MoveOperation> =>
  (await via.api<MoveOperation>('GET', `/v1/operations/${id}`)).body;
const ended = (via: RealHost, operation: MoveOperation): Promise<MoveOperation> =>
  waitFor(
    'the drain to end',
    async () => {
      const now = await look(via, operation);
      return now.state !== undefined && now.state !== 'running' && now;
    },
    90_000,
  );

describe('a drain', () => {
  it('empties a host without a moment in which a replica is missing, also where there is only one', async () => {
    await deployed(one, 'team/web', { replicas: 8 });
    await deployed(one, 'team/single', { replicas: 1 });
    const single = (await containersOf(one, 'team/single'))[0]?.hostName ?? '';
    const watched = [await watchApp(one, 'team/web', 8), await watchApp(one, 'team/single', 1)];
    const { exitCode, out } = await runInCluster(cluster, 'h1', ['shoal', 'host', 'drain', single, '--wait']);
    expect(out).toMatch(/moved/);
    expect(exitCode).toBe(0);
    expect(await Promise.all(watched.map((stop) => stop()))).toEqual([8, 1]);
    expect(await cluster.hosts.find(({ name }) => name === single)?.containers()).toEqual([]);
    await waitFor('nothing to be there', async () => (await hostOf(two, single)).containers === 0);
    expect(await hostOf(two, single)).toMatchObject({ cordoned: true });
    await uncordon(single);
  });

  it('names the volume that keeps a container, stops it at the deadline, and says what was lost', async () => {
    await deployed(one, 'team/db', { replicas: 1, spec: { volumes: [{ name: 'data', target: '/data' }] } });
    const home = (await containersOf(one, 'team/db'))[0]?.hostName ?? '';
    const operation = await drain(two, home, { deadlineMs: 8_000 });
    await waitFor('the blocker', async () =>
      (await look(one, operation)).steps.some(({ step, detail }) => step === 'blocked' && /volume/.test(detail ?? '')),
    );
    const last = await ended(one, operation);
    expect(last).toMatchObject({ state: 'failed', problem: { code: 'drain-incomplete' } });
    expect(last.unmoved).toMatchObject([{ outcome: 'lost' }]);
    await uncordon(home);
    await waitFor('it to be back at its volume', async () =>
      (await containersOf(one, 'team/db')).some(({ ready, hostName }) => ready && hostName === home),
    );
    await one.api('DELETE', '/v1/groups/team/apps/db');
  });

  it('goes on when the agent of the drained host is killed', async () => {
    const operation = await drain(one, 'h3');
    await cluster.script('kill', 'h3', 'agent');
    await cluster.script('start', 'h3', 'agent');
    expect(await ended(two, operation)).toMatchObject({ state: 'succeeded', unmoved: [] });
    expect(await cluster.host(3).containers()).toEqual([]);
    await uncordon('h3');
  });
});

describe('a rebalance', () => {
  it('tells its moves and why, does them without missing a replica, and then has nothing to do', async () => {
    for (const name of ['h1', 'h2', 'h3']) {
      await one.api('PATCH', `/v1/hosts/${name}`, { body: { cordoned: true } });
      await shownByAll<Host>(cluster.hosts, `/v1/hosts/${name}`, ({ body }) => body.cordoned);
    }
    await deployed(one, 'team/heap', { replicas: 4 });
    for (const name of ['h1', 'h2', 'h3']) {
      await uncordon(name);
      await shownByAll<Host>(cluster.hosts, `/v1/hosts/${name}`, ({ body }) => !body.cordoned);
    }
    const hostsOf = async () => new Set((await containersOf(two, 'team/heap')).map(({ hostName }) => hostName));
    expect([...(await hostsOf())]).toEqual(['h4']);
    const plan = await runInCluster(cluster, 'h2', ['shoal', 'rebalance', '--dry-run']);
    expect(plan.out).toMatch(/team\/heap.*h4/);
    expect([...(await hostsOf())]).toEqual(['h4']);
    const watched = await watchApp(two, 'team/heap', 4);
    const { exitCode, out } = await runInCluster(cluster, 'h2', ['shoal', 'rebalance']);
    expect(out).toMatch(/moved/);
    expect(exitCode).toBe(0);
    expect(await watched()).toBe(4);
    expect((await hostsOf()).size).toBe(4);
    await shownByAll<{ moves: readonly object[] }>([two], '/v1/rebalance', ({ body }) => body.moves.length === 0);
    await one.api('DELETE', '/v1/groups/team/apps/heap');
  });
});

describe('a drain before a host leaves', () => {
  it('hands its images over, and the host may leave', async () => {
    await one.exec('docker', 'tag', 'shoal-test:1', '127.0.0.1:5000/team/kept:1');
    await one.exec('docker', 'push', '127.0.0.1:5000/team/kept:1');
    const operation = await drain(two, 'h4');
    expect(await ended(two, operation)).toMatchObject({ state: 'succeeded' });
    const { exitCode } = await runInCluster(cluster, 'h1', ['shoal', 'host', 'rm', 'h4', '--yes']);
    expect(exitCode).toBe(0);
    await waitFor('three hosts', async () => (await itemsOf<Host>(two, '/v1/hosts')).length === 3);
    await cluster.script('off', 'h4');
    await two.exec('docker', 'pull', '127.0.0.1:5000/team/kept:1');
    await waitFor(
      'all replicas',
      async () => (await containersOf(two, 'team/web')).filter(({ ready }) => ready).length === 8,
    );
  });
});
