import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AppOperation } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { accepted, askDeploy, deployed, ended, pathOf, succeeded, tracesOf } from '../../framework/deploys.ts';
import { type Image, randomLayer } from '../../framework/random-image.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { RegistryClient } from '../../framework/registry-client.ts';
import { runnableImage, Upstream } from '../../framework/upstream.ts';
import { waitFor } from '../../framework/wait.ts';
import { ask, makeGroup, replicasOn, whole } from '../faults/fleet.ts';
import { MB, OWN, REGISTRY_PORT, reachable } from './engines.ts';

let cluster: RealCluster;
let all: readonly RealHost[];
let h1: RealHost;
let h2: RealHost;
let upstream: Upstream;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'd', hosts: 3 });
  all = cluster.hosts;
  [h1, h2] = [cluster.host(1), cluster.host(2)];
  upstream = await Upstream.start(cluster);
  for (const name of [...all.map(({ name }) => name), 'registry']) await cluster.script('limit', name, '100mbit');
  await upstream.introduceTo(h1);
  await reachable(all, 'registry.test');
  await makeGroup(h1);
});
afterAll(async () => {
  await upstream?.machine.close();
  await cluster?.down();
});

/** Pushes to the mesh's registry through a host. */
async function push(host: RealHost, name: string, tag: string, image: Image): Promise<void> {
  await new RegistryClient(await host.tunnel(REGISTRY_PORT)).push(name, tag, image);
}

/** What the engines were told to run, of each container of an app once. */
async function imagesOf(app: string): Promise<readonly string[]> {
  const replicas = await replicasOn(all, app);
  const images = replicas.map(async ({ host, engineId }) => {
    const engine = all.find(({ name }) => name === host)?.docker;
    return (await engine?.getContainer(engineId).inspect())?.Config.Image ?? '';
  });
  return [...new Set(await Promise.all(images))];
}

const version = (app: string, number: number) =>
  ask<Version>(h2, 'GET', `${pathOf(`team/${app}`)}/versions/${number}`, 200);

describe('a deploy of an image that no engine has', () => {
  it('of another registry: comes to all hosts together, tells its progress, and runs by digest', async () => {
    const image = await runnableImage(1, [randomLayer('bulk', 30 * MB)]);
    await upstream.client.push('x/web', '1', image);
    const spec = { image: 'registry.test/x/web:1' };
    const { id } = accepted(await askDeploy(h1, 'team/web', { spec, replicas: 3 }));
    const pulling = await waitFor('a step that tells how far the pull is, and from whom', async () => {
      const { steps } = await ask<AppOperation>(h2, 'GET', `/v1/operations/${id}`, 200);
      return steps.find(({ pull }) => pull !== undefined && pull.bytes > 0 && (pull.peers ?? 0) > 0);
    });
    expect(pulling.pull?.totalBytes).toBeGreaterThan(30 * MB);
    succeeded(await ended(h2, { id }));
    await whole(all, 'web', 3);
    const resolved = `registry.test/x/web@${image.manifest.digest}`;
    expect(await imagesOf('web')).toEqual([`${OWN}/${resolved}`]);
    expect(await version('web', 1)).toMatchObject({ spec, resolvedImage: resolved });
  });

  it('of the mesh, as people write it: the same', async () => {
    const image = await runnableImage(2, [randomLayer('own', 2 * MB)]);
    await push(h2, 'team/app', '1', image);
    await deployed(h1, 'team/own', { spec: { image: 'team/app:1' }, replicas: 3 });
    expect(await imagesOf('own')).toEqual([`${OWN}/team/app@${image.manifest.digest}`]);
    expect(await version('own', 1)).toMatchObject({ resolvedImage: `team/app@${image.manifest.digest}` });
  });

  it('goes on running what its tag stood for when it was deployed, also when it grows', async () => {
    const [old, next] = [await runnableImage(1), await runnableImage(3)];
    await push(h1, 'team/moved', 'live', old);
    await deployed(h2, 'team/moved', { spec: { image: 'team/moved:live' }, replicas: 1 });
    await push(h1, 'team/moved', 'live', next);
    const scaled = await h2.api<AppOperation>('PATCH', `${pathOf('team/moved')}/deployments/default`, {
      body: { replicas: 3 },
    });
    succeeded(await ended(h1, accepted(scaled)));
    await whole(all, 'moved', 3);
    expect(await imagesOf('moved')).toEqual([`${OWN}/team/moved@${old.manifest.digest}`]);
  });

  it.each(['registry.test/x/none:1', 'team/app:none', `registry.test/x/web@sha256:${'0'.repeat(64)}`])(
    'that does not exist is refused at once, and nothing is left: %s',
    async (image) => {
      const before = await tracesOf(cluster);
      const answer = await askDeploy(h1, 'team/nothing', { spec: { image }, replicas: 2 });
      expect([answer.status, answer.body]).toMatchObject([422, { code: 'image-not-found' }]);
      expect(await tracesOf(cluster)).toEqual(before);
    },
  );
});

describe('a deploy of an image that was loaded into the engines', () => {
  it('runs it by its name', async () => {
    await deployed(h1, 'team/loaded', { spec: { image: 'shoal-test:1' }, replicas: 3 });
    expect(await imagesOf('loaded')).toEqual(['shoal-test:1']);
    expect(await version('loaded', 1)).not.toHaveProperty('resolvedImage');
  });
});
