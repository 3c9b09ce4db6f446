import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Image, imageBytes, imageOf, randomLayer } from '../../framework/random-image.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { blobTraffic, Upstream } from '../../framework/upstream.ts';
import { ask } from '../faults/fleet.ts';
import { docker, MB, OWN, pulled, pulledOnAll, reachable } from './engines.ts';
import { isBlob, MisbehavingRegistry, trickle } from './misbehaving-registry.ts';

let cluster: RealCluster;
let all: readonly RealHost[];
let h1: RealHost;
let upstream: Upstream;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'u', hosts: 4 });
  all = cluster.hosts;
  h1 = cluster.host(1);
  upstream = await Upstream.start(cluster);
  for (const name of [...all.map(({ name }) => name), 'registry']) await cluster.script('limit', name, '100mbit');
  await upstream.introduceTo(h1);
  await reachable(all, 'registry.test');
});
afterAll(async () => {
  await upstream?.machine.close();
  await cluster?.down();
});

const imageOfLayers = (seed: string, ...sizes: readonly number[]): Image =>
  imageOf(sizes.map((size, index) => randomLayer(`${seed}/${index}`, size)));

/** What the mesh calls a repository of the registry, as an engine asks for it. */
const nameOf = (repository: string): string => `${OWN}/registry.test/${repository}`;

describe('a registry behind the mesh', () => {
  it('sends one copy of each blob when all hosts pull at the same time', async () => {
    const image = imageOfLayers('together', 24 * MB, 16 * MB, 8 * MB);
    await upstream.client.push('x/together', '1', image);
    expect(await pulledOnAll(cluster, all, `${nameOf('x/together')}:1`)).toEqual([image.config.digest]);
    const traffic = blobTraffic(await upstream.requests());
    const blobs = [image.config, ...image.layers];
    expect(blobs.map(({ digest }) => traffic.get(digest)?.gets)).toEqual([1, 1, 1, 1]);
    const sent = blobs.reduce((sum, { digest }) => sum + (traffic.get(digest)?.bytes ?? 0), 0);
    expect(sent).toBe(imageBytes(image));
  });

  it('is not needed any more for what one host has pulled', async () => {
    const image = imageOfLayers('kept', 6 * MB, 3 * MB);
    await upstream.client.push('x/kept', '1', image);
    await pulled(cluster, h1, `${nameOf('x/kept')}:1`);
    await upstream.stop();
    expect(await pulledOnAll(cluster, all.slice(1), `${nameOf('x/kept')}:1`)).toEqual([image.config.digest]);
    expect(await pulledOnAll(cluster, all.slice(1), `${nameOf('x/kept')}@${image.manifest.digest}`)).toHaveLength(1);
  });

  it('that is down is what a pull says', async () => {
    const { exitCode, err } = await docker(cluster, h1, 'pull', `${nameOf('x/never')}:1`);
    expect(exitCode).not.toBe(0);
    expect(err).toMatch(/registry\.test:5000.*x\/never.*(cannot be reached|no answer)/);
  });

  it('that wants a login says so; with one the image comes, and the login is in no answer', async () => {
    const image = imageOfLayers('private', 2 * MB);
    await upstream.machine.close();
    upstream = await Upstream.start(cluster, 'bot:secret-7');
    await upstream.client.push('x/private', '1', image);
    const denied = await docker(cluster, h1, 'pull', `${nameOf('x/private')}:1`);
    expect(denied.err).toMatch(/denied|401/);
    await upstream.introduceTo(h1, { username: 'bot', password: 'secret-7' });
    await reachable(all, 'registry.test', true);
    expect(await pulledOnAll(cluster, all, `${nameOf('x/private')}:1`)).toEqual([image.config.digest]);
    for (const host of all) {
      const shown = await ask(host, 'GET', '/v1/upstreams', 200);
      expect(shown).toMatchObject({ items: [{ host: 'registry.test', username: 'bot', hasLogin: true }] });
      expect(JSON.stringify(shown)).not.toContain('secret');
    }
  });
});

describe('a registry that misbehaves', () => {
  let registry: MisbehavingRegistry | undefined;
  afterEach(() => registry?.stop());
  let port = 6_000;

  /** Starts it, and the mesh knows how to reach it; answers what engines call its image. */
  async function introduce(name: string, image: Image, misbehave: MisbehavingRegistry['misbehave']): Promise<string> {
    port += 1;
    registry = await MisbehavingRegistry.start(cluster, { host: cluster.host(4), port }, image, misbehave);
    await ask(h1, 'PUT', `/v1/upstreams/${name}.test`, 201, { url: registry.url });
    await reachable(all, `${name}.test`);
    return `${OWN}/${name}.test/app:1`;
  }

  it('by breaking off and by errors now and then: the image comes all the same', async () => {
    const image = imageOfLayers('flaky', 8 * MB);
    const [layer = image.config] = image.layers;
    let asked = 0;
    const name = await introduce('flaky', image, (request, response) => {
      if (!isBlob(request, layer)) return false;
      asked += 1;
      if (asked === 1) response.writeHead(500).end();
      else if (asked === 2)
        response
          .writeHead(200, { 'content-length': layer.sizeBytes })
          .write([...layer.chunks()].at(0), () => response.destroy());
      return asked <= 2;
    });
    expect(await pulledOnAll(cluster, all, name)).toEqual([image.config.digest]);
    expect(registry?.gets(layer.digest)).toBe(3);
  });

  it('by being slow: everybody waits, and it is asked once', async () => {
    const image = imageOfLayers('slow', 4 * MB);
    const [layer = image.config] = image.layers;
    const name = await introduce('slow', image, (request, response) => {
      if (!isBlob(request, layer)) return false;
      void trickle(response, layer, 12, 300);
      return true;
    });
    expect(await pulledOnAll(cluster, all, name)).toEqual([image.config.digest]);
    expect(registry?.gets(layer.digest)).toBe(1);
  });

  it('by errors only: the pull fails, and says why', async () => {
    const image = imageOfLayers('broken', 1 * MB);
    const name = await introduce('broken', image, (_request, response) => {
      response.writeHead(500).end();
      return true;
    });
    const { exitCode, err } = await docker(cluster, h1, 'pull', name);
    expect(exitCode).not.toBe(0);
    expect(err).toMatch(/app:1: the registry answers 500/);
  });

  it('by refusing a layer: the pull fails, and says why', async () => {
    const image = imageOfLayers('refusing', 1 * MB);
    const [layer = image.config] = image.layers;
    const name = await introduce('refusing', image, (request, response) => {
      if (!isBlob(request, layer)) return false;
      response.writeHead(403).end();
      return true;
    });
    const { exitCode, err } = await docker(cluster, h1, 'pull', name);
    expect(exitCode).not.toBe(0);
    expect(err).toMatch(/the registry answers 403/);
  });

  it('by other bytes than the digest says: the pull fails, and nobody keeps them', async () => {
    const image = imageOfLayers('lying', MB / 5);
    const [layer = image.config] = image.layers;
    const name = await introduce('lying', image, (request, response) => {
      if (!isBlob(request, layer)) return false;
      response.writeHead(200, { 'content-length': layer.sizeBytes }).end(Buffer.alloc(layer.sizeBytes));
      return true;
    });
    const pulls = await Promise.all(all.map((host) => docker(cluster, host, 'pull', name)));
    for (const { exitCode, err } of pulls) {
      expect(exitCode).not.toBe(0);
      expect(err).toMatch(/sends something else than sha256:/);
    }
    expect(registry?.gets(layer.digest)).toBe(1);
  });
});
