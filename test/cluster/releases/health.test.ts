import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { containersOf, deploy, deployed } from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

let cluster: RealCluster;
let one: RealHost;
let two: RealHost;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'e', hosts: 3 });
  [one, two] = [cluster.host(1), cluster.host(2)];
  await one.api('PUT', '/v1/groups/team', { body: {} });
});
afterAll(() => cluster?.down());

const quick = { intervalMs: 300, retries: 2 };
const hostNamed = (name: string | undefined) => cluster.hosts.find((host) => host.name === name);

const shows = (app: string, wanted: string) =>
  waitFor(`${app} to be ${wanted} and ready`, async () => {
    const [container] = await containersOf(two, app);
    return container?.health === wanted && container.ready;
  });

describe('a health check', () => {
  it.each([
    ['HTTP', { http: { port: 80, path: '/index.html', bodyIncludes: 'shoal test' } }],
    ['TCP', { tcp: { port: 80 } }],
  ])('by %s is the gate of a deploy', async (name, way) => {
    const app = `team/${name.toLowerCase()}`;
    await deployed(one, app, { replicas: 2, spec: { health: { ...way, ...quick } } });
    await waitFor('both to be healthy', async () => {
      const containers = await containersOf(two, app);
      return containers.length === 2 && containers.every(({ health, ready }) => health === 'healthy' && ready);
    });
  });

  it.each([
    ['a status that is not wanted', { http: { port: 80, path: '/nowhere' } }, /status 404/],
    ['a body without the text', { http: { port: 80, bodyIncludes: 'another world' } }, /body lacks/],
    ['a port where nobody listens', { tcp: { port: 81 } }, /ECONNREFUSED/],
  ])('fails a deploy by %s, with what it found', async (_, way, says) => {
    const operation = await deploy(one, 'team/fails', { spec: { health: { ...way, ...quick } } });
    expect(operation).toMatchObject({ state: 'failed', problem: { code: 'container-unhealthy' } });
    expect(operation.problem?.detail).toMatch(says);
  });

  it('that the image brings is waited for, unless the version says not to', async () => {
    for (const host of cluster.hosts) {
      await host.exec('docker', 'create', '--name', 'base', 'shoal-test:1');
      const check = 'HEALTHCHECK --interval=1s --retries=2 CMD wget -qO- http://127.0.0.1/';
      await host.exec('docker', 'commit', '--change', check, 'base', 'checked:1');
      await host.exec('docker', 'rm', 'base');
    }
    await deployed(one, 'team/checked', { spec: { image: 'checked:1' } });
    await shows('team/checked', 'healthy');
    await deployed(one, 'team/unchecked', { spec: { image: 'checked:1', health: { none: true } } });
    await shows('team/unchecked', 'none');
  });
});

describe('a container that got unhealthy', () => {
  it('is restarted, and made anew elsewhere when that does not help', async () => {
    await deployed(one, 'team/sick', { spec: { health: { http: { port: 80, path: '/index.html' }, ...quick } } });
    const [before] = await containersOf(two, 'team/sick');
    const host = hostNamed(before?.hostName);
    // It stays away over restarts: the file system of the container is what is broken.
    await host?.exec('docker', 'exec', before?.name ?? '', 'rm', '/www/index.html');
    await waitFor('a restart', async () => (await containersOf(two, 'team/sick')).some(({ restarts }) => restarts > 0));
    const next = await waitFor(
      'another container that works',
      async () => (await containersOf(two, 'team/sick')).find(({ id, ready }) => id !== before?.id && ready),
      60_000,
    );
    expect(next.hostName).not.toBe(before?.hostName);
  });
});
