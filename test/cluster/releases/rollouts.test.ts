import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { AppOperation } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { accepted, containersOf, deployed, ended, itemsOf, pathOf, succeeded } from '../../framework/deploys.ts';
import { RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';
import { watchApp } from './watch.ts';

let cluster: RealCluster;
let one: RealHost;
let two: RealHost;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'r', hosts: 4 });
  [one, two] = [cluster.host(1), cluster.host(2)];
  await one.api('PUT', '/v1/groups/team', { body: {} });
});
afterAll(() => cluster?.down());

const upgrade = async (host: RealHost, name: string, body: object): Promise<AppOperation> =>
  accepted(await host.api<AppOperation>('POST', `${pathOf(name)}/deployments`, { body }));
const act = async (host: RealHost, name: string, action: string) =>
  accepted(await host.api<AppOperation>('POST', `${pathOf(name)}/rollout/${action}`, { body: {} }));
const versionsOf = async (host: RealHost, name: string) =>
  (await containersOf(host, name))
    .filter(({ ready }) => ready)
    .map(({ version }) => version)
    .sort();
const runs = (name: string, wanted: readonly number[]) =>
  waitFor(`${name} to run ${wanted}`, async () => (await versionsOf(two, name)).join() === wanted.join());
const phaseIs = (host: RealHost, { id }: AppOperation, phase: string) =>
  waitFor(`the rollout to be ${phase}`, async () => {
    const { body } = await host.api<AppOperation>('GET', `/v1/operations/${id}`);
    return body.rollout?.phase === phase;
  });
/** The fastest health check, so that a gate opens soon. */
const health = { http: { port: 80 }, intervalMs: 500, retries: 2 };

describe('an upgrade', () => {
  it('by the command line goes through batches without missing a replica, and is what its containers serve', async () => {
    await deployed(one, 'team/web', { replicas: 6, spec: { health, ports: [{ container: 80 }] } });
    const watched = await watchApp(two, 'team/web', 6);
    const command = ['shoal', 'upgrade', 'team/web', '--image', 'shoal-test:2', '--batch', '2'];
    const { exitCode, out } = await runInCluster(cluster, 'h3', command);
    expect(out).toMatch(/rolling: v1 -> v2, 4 of 6 replicas open/);
    expect(exitCode).toBe(0);
    expect(await watched()).toBe(6);
    const [container] = await containersOf(two, 'team/web');
    const host = cluster.hosts.find(({ name }) => name === container?.hostName);
    const port = container?.ports[0]?.host;
    expect(await host?.exec('wget', '-qO-', `http://127.0.0.1:${port}/cgi-bin/version`)).toMatch(/^2 /);
  });

  it('with canaries waits for a word, from whichever host it comes', async () => {
    await deployed(one, 'team/canary', { replicas: 4 });
    const operation = await upgrade(one, 'team/canary', { image: 'shoal-test:2', canary: { count: 1 } });
    await phaseIs(two, operation, 'holding');
    await waitFor('one canary among three', async () => (await versionsOf(two, 'team/canary')).join() === '1,1,1,2');
    const refused = await two.api('POST', `${pathOf('team/canary')}/deployments`, {
      body: { image: 'shoal-test:3', ifRunning: 'refuse' },
    });
    expect(refused.status).toBe(409);
    await act(cluster.host(4), 'team/canary', 'continue');
    succeeded(await ended(two, operation));
    await runs('team/canary', [2, 2, 2, 2]);
  });

  it('blue-green has all new ones beside all old ones, and switches when somebody says so', async () => {
    await deployed(one, 'team/colours', { replicas: 3, spec: { health } });
    const command = 'shoal upgrade team/colours --image shoal-test:2 --strategy blue-green --hold --detach --json';
    const { exitCode, out } = await runInCluster(cluster, 'h3', command.split(' '));
    expect(exitCode).toBe(0);
    const operation: AppOperation = JSON.parse(out);
    await phaseIs(two, operation, 'holding');
    await runs('team/colours', [1, 1, 1, 2, 2, 2]);
    await act(cluster.host(4), 'team/colours', 'continue');
    succeeded(await ended(two, operation));
    await runs('team/colours', [2, 2, 2]);
  });

  it('to an image that does not exist changes nothing and names it', async () => {
    await deployed(one, 'team/typo', { replicas: 2 });
    const answer = await two.api<Problem>('POST', `${pathOf('team/typo')}/deployments`, {
      body: { image: 'shoal-test:no-such-tag' },
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.body.detail).toMatch(/shoal-test:no-such-tag/);
    await runs('team/typo', [1, 1]);
  });

  it('that does not work goes back by itself without missing a replica, and says what was wrong', async () => {
    await deployed(one, 'team/bad', { replicas: 4, spec: { health } });
    const watched = await watchApp(two, 'team/bad', 4);
    const spec = { image: 'shoal-test:2', memoryBytes: 32 * 1024 ** 2, health: { ...health, http: { port: 81 } } };
    const operation = await ended(two, await upgrade(one, 'team/bad', { spec }));
    expect(operation).toMatchObject({ state: 'failed', problem: { code: 'container-unhealthy' } });
    expect(operation.problem?.detail).toMatch(/ECONNREFUSED.*Rolled back to version 1/s);
    expect(await watched()).toBe(4);
    await runs('team/bad', [1, 1, 1, 1]);
    const versions = await itemsOf<Version>(two, `${pathOf('team/bad')}/versions`);
    expect(versions.map(({ number }) => number).sort()).toEqual([1, 2]);
  });

  it('is finished by an heir when its steward is killed', async () => {
    await deployed(one, 'team/heir', { replicas: 6 });
    const operation = await upgrade(one, 'team/heir', { image: 'shoal-test:2', rollout: { batch: 1 } });
    await waitFor('the first new replica', async () => (await versionsOf(two, 'team/heir')).includes(2));
    const { steward } = (await two.api<AppOperation>('GET', `/v1/operations/${operation.id}`)).body;
    const { name } = (await two.api<Host>('GET', `/v1/hosts/${steward}`)).body;
    const observer = cluster.hosts.find((host) => host.name !== name) ?? one;
    await cluster.script('kill', name, 'agent');
    try {
      succeeded(await ended(observer, operation, 120_000));
    } finally {
      await cluster.script('start', name, 'agent');
    }
    await waitFor('exactly six of version 2', async () => {
      const all = await containersOf(observer, 'team/heir');
      return all.length === 6 && all.every(({ version, ready }) => version === 2 && ready);
    });
  });
});

describe('a rollback', () => {
  it('goes to the version before in one step, and to any by its number', async () => {
    await deployed(one, 'team/back', { replicas: 2 });
    succeeded(await ended(two, await upgrade(one, 'team/back', { image: 'shoal-test:2' })));
    const { exitCode } = await runInCluster(cluster, 'h4', ['shoal', 'rollback', 'team/back']);
    expect(exitCode).toBe(0);
    await runs('team/back', [1, 1]);
    const to = await two.api<AppOperation>('POST', `${pathOf('team/back')}/rollbacks`, { body: { to: 2 } });
    succeeded(await ended(two, accepted(to)));
    const app = (await two.api<App>('GET', pathOf('team/back'))).body;
    expect(app.deployments[0]).toMatchObject({ version: 2, reached: [1, 2] });
  });
});
