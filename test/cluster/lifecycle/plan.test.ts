import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { DeploymentPlan } from '../../../protocol/schemas/plan.ts';
import { accepted, containersOf, ended, succeeded } from '../../framework/deploys.ts';
import { RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import { waitFor } from '../../framework/wait.ts';

const MiB = 1024 ** 2;

/** What `shoal deploy --dry-run` and the console's form ask for, on real hosts. */
describe('a plan of a deployment', () => {
  let cluster: RealCluster;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'q', hosts: 3, memory: '512m' });
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
  });
  afterAll(() => cluster?.down());

  const path = '/v1/groups/team/apps/web/deployments';
  const planOf = async (host: number, body: object): Promise<DeploymentPlan> => {
    const answer = await cluster.host(host).api<DeploymentPlan>('POST', `${path}/plan`, { body });
    expect(answer.status).toBe(200);
    return answer.body;
  };
  const shoal = (...args: string[]) => runInCluster(cluster, 'h2', ['shoal', ...args], '');
  const places = (all: readonly { readonly replica: number; readonly hostName: string }[]): string[] =>
    all.map(({ replica, hostName }) => `${replica}@${hostName}`).sort();

  it('is what the deploy then does, holds nothing, and names who refuses with the numbers', async () => {
    await cluster.host(1).api('PATCH', '/v1/hosts/h3', { body: { cordoned: true } });
    for (const host of cluster.hosts) {
      await waitFor(`${host.name} to know`, async () => {
        const { body } = await host.api<{ cordoned: boolean }>('GET', '/v1/hosts/h3');
        return body.cordoned;
      });
    }
    const body = { replicas: 2, spec: { image: 'shoal-test:1', memoryBytes: 64 * MiB, maxPerHost: 1 } };
    const plan = await planOf(1, body);
    expect(plan).toMatchObject({ fits: true, version: 1, isNewVersion: true });
    expect(plan.auctions[0]?.refusals).toMatchObject([{ hostName: 'h3', rule: 'cordoned' }]);
    for (const host of cluster.hosts) {
      const { capacity } = (await host.api<{ capacity: object }>('GET', `/v1/hosts/${host.name}`)).body;
      expect(capacity).toMatchObject({ heldBytes: 0, promisedBytes: 0 });
    }
    expect((await cluster.host(1).api('GET', '/v1/groups/team/apps/web')).status).toBe(404);

    const operation = accepted(await cluster.host(2).api('POST', path, { body }));
    succeeded(await ended(cluster.host(2), operation));
    const running: readonly Container[] = await containersOf(cluster.host(1), 'team/web');
    // Two equal hosts with one replica each: which gets which is left to chance.
    expect(running.map(({ hostName }) => hostName).sort()).toEqual(
      plan.auctions.flatMap(({ placed }) => placed.map(({ hostName }) => hostName)).sort(),
    );
    const more = await planOf(3, { ...body, replicas: 3 });
    expect(more.fits).toBe(false);
    const rules = more.auctions.flatMap(({ refusals }) => refusals.map(({ hostName, rule }) => `${hostName} ${rule}`));
    expect(rules.sort()).toEqual(['h1 max-per-host', 'h2 max-per-host', 'h3 cordoned']);
    expect(places(more.auctions.flatMap(({ placed }) => placed))).toEqual([]);
  });

  it('is printed by the command line, with how it would roll out, and ends with 1 when it would not fit', async () => {
    const words = ['deploy', 'team/web', '--from', 'latest', '--dry-run'];
    const rollout = await shoal(...words, '--memory', '32m', '--strategy', 'blue-green', '--max-unavailable', '1');
    expect(rollout).toMatchObject({ exitCode: 0, out: expect.stringMatching(/rolls out v1 -> v2.*order: 0,1/) });
    expect(rollout.out).toMatch(/blue-green: all 2 new replicas/);
    const large = await shoal('deploy', 'team/big', '--image', 'shoal-test:1', '--memory', '2g', '--dry-run');
    expect(large).toMatchObject({ exitCode: 1, err: expect.stringMatching(/would not be placed/) });
    expect(large.out).toMatch(/h1 +insufficient-memory +needs 2 GiB/);
    expect(JSON.parse((await shoal('--json', 'ps')).out)).toHaveLength(2);
    expect((await shoal('app', 'show', 'team/big')).exitCode).toBe(3);
  });
});
