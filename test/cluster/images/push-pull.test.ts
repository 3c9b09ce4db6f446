import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ImageDetail, Repository } from '../../../protocol/schemas/image.ts';
import type { Operation } from '../../../protocol/schemas/operation.ts';
import { itemsOf } from '../../framework/deploys.ts';
import { RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';
import { ask } from '../faults/fleet.ts';
import { dataDirOf } from '../faults/joiner.ts';
import { docker, dockerDoes, imageId, MB, makeImage, OWN, pulled, pulledOnAll, pushed } from './engines.ts';

let cluster: RealCluster;
let all: readonly RealHost[];
let h1: RealHost;
let h2: RealHost;
let h3: RealHost;

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'i', hosts: 4 });
  all = cluster.hosts;
  [h1, h2, h3] = [cluster.host(1), cluster.host(2), cluster.host(3)];
});
afterAll(() => cluster?.down());

const others = (host: RealHost): readonly RealHost[] => all.filter((other) => other !== host);
const pathOf = (repository: string, reference: string): string =>
  `/v1/repositories/${encodeURIComponent(repository)}/images/${reference}`;

/** What a tag stands for, as a host sees it. */
const tagOn = async (host: RealHost, repository: string, tag: string) => {
  const { status, body } = await host.api<ImageDetail>('GET', pathOf(repository, tag));
  return status === 200 ? body : undefined;
};

describe('docker', () => {
  it('pushes on one host and pulls the same image on all others, which keep it together', async () => {
    const name = `${OWN}/team/app:1`;
    const id = await makeImage(h1, name, 12 * MB);
    const digest = await pushed(cluster, h1, name);
    expect(await pulledOnAll(cluster, others(h1), name)).toEqual([id]);
    expect(await pulled(cluster, h2, `${OWN}/team/app@${digest}`)).toBe(id);
    await waitFor('every host to list it', async () =>
      (await Promise.all(all.map((host) => itemsOf<Repository>(host, '/v1/repositories')))).every((repositories) =>
        repositories.some((repository) => repository.name === 'team/app' && repository.tags === 1),
      ),
    );
  });

  it('pushes an image whose layers are there already without sending them again', async () => {
    await dockerDoes(cluster, h1, 'tag', `${OWN}/team/app:1`, `${OWN}/other/copy:1`);
    const out = await dockerDoes(cluster, h1, 'push', `${OWN}/other/copy:1`);
    expect(out).toMatch(/Mounted from team\/app|Layer already exists/);
    expect(await pulled(cluster, h3, `${OWN}/other/copy:1`)).toBe(await imageId(h1, `${OWN}/team/app:1`));
  });

  it('is told in words when the quota of the namespace is used up', async () => {
    await ask(h3, 'PUT', '/v1/namespaces/small', 201, { quotaBytes: 4 * MB });
    await waitFor('the host to know of it', async () =>
      (await itemsOf<{ name: string }>(h1, '/v1/namespaces')).some(({ name }) => name === 'small'),
    );
    await makeImage(h1, `${OWN}/small/app:1`, 8 * MB);
    const { exitCode, err } = await docker(cluster, h1, 'push', `${OWN}/small/app:1`);
    expect(exitCode).not.toBe(0);
    expect(err).toMatch(/Namespace "small" uses 0 of 4000000 bytes; \d+ more do not fit/);
    expect(await tagOn(h1, 'small/app', '1')).toBeUndefined();
  });

  it('pushes two images under one tag at once: one wins everywhere, the other is in its history', async () => {
    const name = `${OWN}/team/race:1`;
    await Promise.all([makeImage(h2, name, 3 * MB), makeImage(h3, `${OWN}/team/race:other`, 3 * MB)]);
    await dockerDoes(cluster, h3, 'tag', `${OWN}/team/race:other`, name);
    const digests = await Promise.all([pushed(cluster, h2, name), pushed(cluster, h3, name)]);
    expect(new Set(digests).size).toBe(2);
    const tags = () => Promise.all(all.map((host) => tagOn(host, 'team/race', '1')));
    const [tag] = await waitFor('one digest on all hosts', async () => {
      const found = await tags();
      return new Set(found.map((detail) => detail?.digest)).size === 1 && found[0] !== undefined && found;
    });
    expect(digests).toContain(tag?.digest);
    const loser = digests.find((digest) => digest !== tag?.digest);
    expect(tag?.history.map(({ digest }) => digest)).toEqual([loser]);
    expect(await pulledOnAll(cluster, all, name)).toHaveLength(1);
    await pulled(cluster, cluster.host(4), `${OWN}/team/race@${loser}`);
  });

  it('killed in the middle of a push leaves nothing that anybody sees, and what it left goes with the garbage', async () => {
    const name = `${OWN}/team/half:1`;
    await makeImage(h1, `${OWN}/team/base:1`, 60 * MB);
    await dockerDoes(cluster, h1, 'create', '--name', 'half', `${OWN}/team/base:1`, 'none');
    await dockerDoes(cluster, h1, 'cp', '/etc/hostname', 'half:/more');
    await dockerDoes(cluster, h1, 'commit', 'half', name);
    await collectGarbage();
    const before = await blobsOnDisk(h1);
    const push = await h1.docker.getImage(name).push({ authconfig: {} });
    // Its small layer is there by then.
    for await (const chunk of push) if (/"current":[2-9]\d{7}/.test(String(chunk))) break;
    expect(await blobsOnDisk(h1)).not.toEqual(before);
    expect(await tagOn(h1, 'team/half', '1')).toBeUndefined();
    await expect(pulled(cluster, h2, name)).rejects.toThrow(/manifest unknown|not found/i);
    await collectGarbage();
    // Others keep their copies for a minute longer: a manifest might follow.
    expect(await blobsOnDisk(h1)).toEqual(before);
  });
});

describe('skopeo', () => {
  const skopeo = async (host: RealHost, ...words: string[]): Promise<string> => {
    const { exitCode, out, err } = await runInCluster(cluster, host.name, ['skopeo', '--insecure-policy', ...words]);
    if (exitCode !== 0) throw new Error(`skopeo ${words.join(' ')} ended with ${exitCode}: ${err}`);
    return out;
  };

  it('copies an image in, inspects and lists it on another host, and deletes it for all', async () => {
    const name = `${OWN}/tools/web:1`;
    const archive = join(process.env.SHOAL_CLUSTER_DATA ?? '/var/tmp/shoal-cluster', 'cache/shoal-test.tar');
    await skopeo(h2, 'copy', '--dest-tls-verify=false', `docker-archive:${archive}:shoal-test:2`, `docker://${name}`);
    const detail = await waitFor('the tag to be known', () => tagOn(h3, 'tools/web', '1'));
    const shown: unknown = JSON.parse(await skopeo(h3, 'inspect', '--tls-verify=false', `docker://${name}`));
    expect(shown).toMatchObject({ Digest: detail.digest, Labels: { version: '2' }, RepoTags: ['1'] });
    const listed: unknown = JSON.parse(
      await skopeo(h3, 'list-tags', '--tls-verify=false', `docker://${OWN}/tools/web`),
    );
    expect(listed).toMatchObject({ Tags: ['1'] });
    expect(await pulled(cluster, h3, name)).toMatch(/^sha256:/);
    await skopeo(h2, 'delete', '--tls-verify=false', `docker://${name}`);
    await waitFor('every host to have forgotten it', async () =>
      (await Promise.all(all.map((host) => tagOn(host, 'tools/web', '1')))).every((tag) => tag === undefined),
    );
    await expect(pulled(cluster, cluster.host(4), name)).rejects.toThrow(/manifest unknown/i);
  });
});

describe('a push that was answered', () => {
  it('survives the host that took it: every other host pulls by tag and by digest', async () => {
    const name = `${OWN}/team/safe:1`;
    const id = await makeImage(h1, name, 10 * MB);
    const digest = await pushed(cluster, h1, name);
    await cluster.script('off', h1.name);
    expect(await pulledOnAll(cluster, others(h1), name)).toEqual([id]);
    expect(await pulledOnAll(cluster, others(h1), `${OWN}/team/safe@${digest}`)).toEqual([id]);
  });
});

async function collectGarbage(): Promise<void> {
  const { id } = await ask<Operation>(h1, 'POST', '/v1/images/collect', 202, { graceMs: 0 });
  await waitFor('the collection to end', async () => {
    const { state } = await ask<Operation>(h1, 'GET', `/v1/operations/${id}`, 200);
    return state !== 'running';
  });
}

/** Names of all whole blobs, straight from the disk of a host. */
async function blobsOnDisk(host: RealHost): Promise<readonly string[]> {
  const paths = await readdir(join(dataDirOf(cluster, host), 'images', 'blobs'), { recursive: true });
  return paths.filter((path) => /[0-9a-f]{64}$/.test(path)).sort();
}
