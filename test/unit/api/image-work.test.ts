import { describe, expect, it } from 'vitest';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import { digestOf, factsOf } from '../images/fixtures.ts';
import { hostA, hostB, hostC } from '../model/world.ts';
import { deploy, openApi } from './api-fixture.ts';

const hostOf = (id: HostId, name: string, status: Host['status'], zone: string) =>
  ({ id, name, status, labels: { zone } }) as Partial<Host> as Host;

/** h1 and h2 in zone a, h2 suspected; h3 in zone b and dead. The mesh has `team/app:v1`. */
async function openWithHosts() {
  const api = await openApi();
  const { platform } = api;
  platform.allHosts.push(
    hostOf(hostA, 'h1', 'alive', 'a'),
    hostOf(hostB, 'h2', 'suspect', 'a'),
    hostOf(hostC, 'h3', 'dead', 'b'),
  );
  for (const zone of ['a', 'b']) {
    const selector = [{ label: 'zone', op: '==' as const, values: [zone] }];
    platform.world.do({ kind: 'cluster.put', cluster: `zone-${zone}`, selector });
  }
  platform.world.do({ kind: 'image.push', repository: 'team/app', tag: 'v1', manifest: factsOf(1) });
  platform.images.known.set('team/app:v1', { repository: 'team/app', digest: digestOf(1) });
  const post = (work: string, payload: object, headers = {}) =>
    api.ask({ method: 'POST', url: `/v1/images/${work}`, payload, headers });
  return { ...api, post };
}

describe('work on images', () => {
  it('a preheat is an operation on what the image stands for, on the hosts that are there', async () => {
    const { post, ask, platform } = await openWithHosts();
    const answer = await post('preheat', { image: 'team/app:v1' });
    expect(answer.statusCode).toBe(202);
    const { id } = answer.json();
    expect(answer.headers.location).toBe(`/v1/operations/${id}`);
    expect(answer.json()).toMatchObject({
      kind: 'preheat',
      image: { reference: 'team/app:v1', repository: 'team/app', digest: digestOf(1) },
      hosts: [hostA, hostB],
      steps: [{ hostName: 'h1' }, { hostName: 'h2' }],
    });
    expect(platform.commands[0]?.command).toMatchObject({ kind: 'image.preheat', hosts: [hostA, hostB] });
    expect((await ask({ url: String(answer.headers.location) })).json()).toMatchObject({ id });
  });

  it('hosts are meant by name, by id, or by cluster, each once', async () => {
    const { post } = await openWithHosts();
    const image = 'team/app:v1';
    expect((await post('preheat', { image, hosts: ['h2', hostB] })).json()).toMatchObject({ hosts: [hostB] });
    expect((await post('preheat', { image, cluster: 'zone-a' })).json()).toMatchObject({ hosts: [hostA, hostB] });
    expect((await post('preheat', { image, cluster: 'default' })).json()).toMatchObject({ hosts: [hostA, hostB] });
  });

  it('verify and collect are operations as well', async () => {
    const { post, ask } = await openWithHosts();
    expect((await post('verify', { hosts: ['h1'] })).json()).toMatchObject({ kind: 'verify', hosts: [hostA] });
    const collected = await post('collect', { graceMs: 0 });
    expect(collected.json()).toMatchObject({ kind: 'collect', graceMs: 0, hosts: [hostA, hostB] });
    const listed = await ask({ url: '/v1/operations?kind=collect' });
    expect(listed.json().items).toMatchObject([{ id: collected.json().id }]);
    const cancelled = await ask({ method: 'POST', url: `/v1/operations/${collected.json().id}/cancel` });
    expect(cancelled.json()).toMatchObject({ cancelRequested: true });
  });

  const rows: [name: string, work: string, payload: object, status: number, code: string, pointer: string][] = [
    ['hosts and a cluster', 'preheat', { hosts: ['h1'], cluster: 'zone-a' }, 400, 'invalid-request', '/cluster'],
    ['no image', 'preheat', { image: undefined }, 400, 'invalid-request', '/image'],
    ['an image only engines have', 'preheat', { image: 'built-here' }, 422, 'image-not-found', '/image'],
    ['a host that is not known', 'preheat', { hosts: ['h1', 'h9'] }, 404, 'not-found', '/hosts/1'],
    ['a host that is dead', 'preheat', { hosts: ['h1', 'h3'] }, 409, 'conflict', '/hosts'],
    ['no hosts', 'preheat', { hosts: [] }, 400, 'invalid-request', '/hosts'],
    ['a cluster that is not known', 'preheat', { cluster: 'none' }, 404, 'not-found', '/cluster'],
    ['a cluster of dead hosts', 'preheat', { cluster: 'zone-b' }, 409, 'conflict', '/cluster'],
    ['a cluster to verify', 'verify', { cluster: 'zone-a' }, 400, 'invalid-request', '/cluster'],
    ['a dead host to verify', 'verify', { hosts: [hostC] }, 409, 'conflict', '/hosts'],
    ['a grace below zero', 'collect', { graceMs: -1 }, 400, 'invalid-request', '/graceMs'],
  ];
  it.each(rows)('%s is refused', async (_name, work, payload, status, code, pointer) => {
    const { post, platform } = await openWithHosts();
    const image = work === 'preheat' ? { image: 'team/app:v1' } : {};
    const answer = await post(work, { ...image, ...payload });
    expect(answer.json()).toMatchObject({ status, code, errors: [{ pointer }] });
    expect(platform.commands).toEqual([]);
  });

  it('what is dead is named', async () => {
    const { post } = await openWithHosts();
    expect((await post('verify', { hosts: ['h3'] })).json().detail).toContain('h3 (dead)');
  });
});

describe('what an image stands for', () => {
  it('goes with a deploy and a version, and nothing does when only engines know it', async () => {
    const { ask, platform } = await openApi();
    await deploy(ask);
    expect(platform.commands.at(-1)?.command).not.toHaveProperty('resolvedImage');
    platform.images.known.set('nginx:1', { repository: 'docker.io/library/nginx', digest: digestOf(1) });
    const resolvedImage = `docker.io/library/nginx@${digestOf(1)}`;
    await deploy(ask);
    expect(platform.commands.at(-1)?.command).toMatchObject({ kind: 'app.deploy', resolvedImage });
    const url = '/v1/groups/web/apps/shop/versions';
    const made = await ask({ method: 'POST', url, payload: { spec: { image: 'nginx:1' } } });
    expect(made.json()).toMatchObject({ resolvedImage });
  });

  it('is not asked for when an earlier version is deployed', async () => {
    const { ask, platform } = await openApi();
    await deploy(ask);
    platform.images.resolve = () => Promise.reject(new Error('nobody was to ask'));
    const url = '/v1/groups/web/apps/shop/deployments';
    expect((await ask({ method: 'POST', url, payload: { replicas: 3, version: 1 } })).statusCode).toBe(202);
  });

  it.each([
    ['image-not-found', 422],
    ['upstream-denied', 403],
    ['upstream-unavailable', 503],
  ] as const)('a refusal %s is a problem of the image, and nothing is changed', async (code, status) => {
    const { ask, post, platform } = await openWithHosts();
    platform.images.known.set('nginx:1', new ShoalError(code, 'because'));
    const problem = { status, code, detail: 'because', errors: [{ pointer: '/spec/image' }] };
    expect((await deploy(ask)).json()).toMatchObject(problem);
    expect((await post('preheat', { image: 'nginx:1' })).json()).toMatchObject({
      code,
      errors: [{ pointer: '/image' }],
    });
    expect(platform.commands).toEqual([]);
  });

  it('may have changed when a request is repeated: what was sent tells that it is the same', async () => {
    const { post, platform } = await openWithHosts();
    const key = { 'idempotency-key': 'k1' };
    const first = await post('preheat', { image: 'team/app:v1' }, key);
    platform.images.known.set('team/app:v1', { repository: 'team/app', digest: digestOf(2) });
    const again = await post('preheat', { image: 'team/app:v1' }, key);
    expect(again.json()).toEqual(first.json());
    const [a, b] = platform.commands.map(({ context }) => context.asked);
    expect(a).toEqual({ url: '/v1/images/preheat', body: { image: 'team/app:v1' } });
    expect(b).toEqual(a);
  });
});
