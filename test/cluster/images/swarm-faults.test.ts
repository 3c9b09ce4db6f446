import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { Transfer } from '../../../protocol/schemas/image.ts';
import type { Operation } from '../../../protocol/schemas/operation.ts';
import { itemsOf } from '../../framework/deploys.ts';
import { type Image, imageOf, randomLayer } from '../../framework/random-image.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { Upstream } from '../../framework/upstream.ts';
import { waitFor } from '../../framework/wait.ts';
import { allSee, ask, metric } from '../faults/fleet.ts';
import { dataDirOf } from '../faults/joiner.ts';
import { docker, MB, OWN, pulled, reachable } from './engines.ts';

const LAYER_BYTES = 48 * MB;

let cluster: RealCluster;
let all: readonly RealHost[];
let upstream: Upstream;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'w', hosts: 5 });
  all = cluster.hosts;
  upstream = await Upstream.start(cluster);
  for (const name of [...all.map(({ name }) => name), 'registry']) await cluster.script('limit', name, '80mbit');
  await upstream.introduceTo(cluster.host(1));
  await reachable(all, 'registry.test');
});
afterAll(async () => {
  await upstream?.machine.close();
  await cluster?.down();
});

/** Puts an image of one layer into the other registry. */
async function put(
  name: string,
): Promise<{ readonly image: Image; readonly reference: string; readonly layer: string }> {
  const layer = randomLayer(name, LAYER_BYTES);
  const image = imageOf([layer]);
  await upstream.client.push(`x/${name}`, '1', image);
  return { image, reference: `${OWN}/registry.test/x/${name}:1`, layer: layer.digest };
}

const others = (...except: readonly RealHost[]): readonly RealHost[] => all.filter((host) => !except.includes(host));

/** Waits until a transfer of the layer is as wanted, as `observer` sees it; answers the host that it goes to. */
const transferTo = (observer: RealHost, what: string, layer: string, isIt: (transfer: Transfer) => boolean) =>
  waitFor(
    what,
    async () => {
      const transfers = await itemsOf<Transfer>(observer, '/v1/transfers');
      const found = transfers.find((transfer) => transfer.digest === layer && isIt(transfer));
      return found !== undefined && all.find(({ name }) => name === found.hostName);
    },
    30_000,
  );

const kill = (host: RealHost) => cluster.script('kill', host.name, 'agent');
const start = (host: RealHost) => cluster.script('start', host.name, 'agent');

/** Bytes of a layer that the other registry sent, to a host or to all. */
async function sentBytes(layer: string, to?: RealHost): Promise<number> {
  const gets = (await upstream.requests()).filter(
    ({ method, path, from }) =>
      method === 'GET' && path.endsWith(layer) && from !== '127.0.0.1' && (to === undefined || from === to.ip),
  );
  return gets.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0);
}

describe('while all hosts pull one layer at the same time', () => {
  it('kill -9 of the agent that fetches it, and of one that has nearly all: the others get it, and it leaves once', async () => {
    const { image, reference, layer } = await put('killed');
    const pulls = new Map(all.map((host) => [host, docker(cluster, host, 'pull', '--quiet', reference)]));
    const [h1] = all;
    if (h1 === undefined) throw new Error('no host');
    const fetching = await transferTo(
      h1,
      'a host to have fetched a third',
      layer,
      ({ originBytes }) => originBytes > 0.3 * LAYER_BYTES,
    );
    await kill(fetching);
    const [observer] = others(fetching);
    if (observer === undefined) throw new Error('nobody is left');
    const nearly = await transferTo(
      observer,
      'a host to have nearly all',
      layer,
      ({ doneBytes, originBytes, hostName }) =>
        originBytes === 0 && hostName !== observer.name && doneBytes > 0.85 * LAYER_BYTES,
    );
    await kill(nearly);
    for (const host of others(fetching, nearly)) {
      const ended = await pulls.get(host);
      expect(ended).toMatchObject({ exitCode: 0 });
      expect((await host.docker.getImage(reference).inspect()).Id).toBe(image.config.digest);
    }
    const lost = await sentBytes(layer, fetching);
    expect((await sentBytes(layer)) - lost).toBeLessThanOrEqual(LAYER_BYTES);
    for (const host of [fetching, nearly]) await start(host);
    for (const host of [fetching, nearly]) {
      await pulls.get(host);
      await allSee(others(host), host.name, 'alive');
      expect(await pulled(cluster, host, reference)).toBe(image.config.digest);
    }
  });

  it('an agent that is started again goes on where it was', async () => {
    const { image, reference, layer } = await put('restarted');
    const victim = cluster.host(2);
    const pulls = others(victim).map((host) => pulled(cluster, host, reference));
    const own = docker(cluster, victim, 'pull', '--quiet', reference);
    const isHalf = ({ hostName, doneBytes }: Transfer) => hostName === victim.name && doneBytes > 0.5 * LAYER_BYTES;
    await transferTo(cluster.host(1), 'half of it to be there', layer, isHalf);
    await kill(victim);
    await start(victim);
    expect(await own).toMatchObject({ exitCode: 0 });
    expect(await Promise.all(pulls)).toEqual(pulls.map(() => image.config.digest));
    const names = ['downloaded', 'origin'].map((name) => metric(victim, `shoal_images_${name}_bytes_total`));
    const again = (await Promise.all(names)).reduce((sum, bytes) => sum + bytes, 0);
    expect(again).toBeLessThan(0.6 * LAYER_BYTES);
  });

  it('a pull that is given up frees everything, and the next one works', async () => {
    const { image, reference, layer } = await put('given-up');
    const host = cluster.host(3);
    const pull = await host.docker.pull(reference);
    await transferTo(host, 'it to begin', layer, ({ hostName, doneBytes }) => hostName === host.name && doneBytes > 0);
    (pull as NodeJS.ReadableStream & { destroy(): void }).destroy();
    await waitFor(
      'its transfer to end',
      async () => (await itemsOf<Transfer>(host, '/v1/transfers')).length === 0,
      20_000,
    );
    expect(await pulled(cluster, host, reference)).toBe(image.config.digest);
  });

  it('a host with a full disk fails with the reason, and the others do not notice', async () => {
    const { image, reference } = await put('full');
    const victim = cluster.host(4);
    const images = join(dataDirOf(cluster, victim), 'images');
    await kill(victim);
    await victim.exec('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', images);
    await start(victim);
    await allSee(others(victim), victim.name, 'alive');
    const own = docker(cluster, victim, 'pull', reference);
    const pulls = await Promise.all(others(victim).map((host) => pulled(cluster, host, reference)));
    expect(new Set(pulls)).toEqual(new Set([image.config.digest]));
    const { exitCode, err } = await own;
    expect(exitCode).not.toBe(0);
    expect(err).toMatch(/no room|space|full/i);
    await kill(victim);
    await victim.exec('umount', images);
    await start(victim);
    await allSee(others(victim), victim.name, 'alive');
    expect(await pulled(cluster, victim, reference)).toBe(image.config.digest);
  });

  it('an evicted host gets nothing more from the others', async () => {
    const { image, reference, layer } = await put('evicted');
    const victim = cluster.host(5);
    const h1 = cluster.host(1);
    const { id } = await ask<Host>(h1, 'GET', `/v1/hosts/${victim.name}`, 200);
    const pulls = others(victim).map((host) => pulled(cluster, host, reference));
    const own = docker(cluster, victim, 'pull', reference);
    const isBegun = ({ hostName, doneBytes }: Transfer) => hostName === victim.name && doneBytes > 0.1 * LAYER_BYTES;
    await transferTo(h1, 'it to begin', layer, isBegun);
    const taken = () => metric(victim, 'shoal_images_downloaded_bytes_total');
    await ask(h1, 'DELETE', `/v1/members/${id}`, 204);
    const before = await taken();
    expect(new Set(await Promise.all(pulls))).toEqual(new Set([image.config.digest]));
    // Alone, it may get the rest from the other registry, whose content is for everybody.
    await own;
    expect((await taken()) - before).toBeLessThan(0.1 * LAYER_BYTES);
  });

  it('leaves nothing damaged', async () => {
    const h1 = cluster.host(1);
    const { id } = await ask<Operation>(h1, 'POST', '/v1/images/verify', 202, {});
    const ended = await waitFor('the check to end', async () => {
      const operation = await ask<Operation>(h1, 'GET', `/v1/operations/${id}`, 200);
      return operation.state !== 'running' && operation;
    });
    expect(ended).toMatchObject({ state: 'succeeded' });
  });
});
