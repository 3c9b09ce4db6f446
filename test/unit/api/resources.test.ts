import { describe, expect, it } from 'vitest';
import { ShoalError } from '../../../protocol/errors.ts';
import type { ContainerId } from '../../../protocol/ids.ts';
import type { Container, Host } from '../../../protocol/schemas/host.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import { hostA, hostB } from '../model/world.ts';
import { deploy, openApi } from './api-fixture.ts';

const containerId = `ct_${'0'.repeat(26)}` as ContainerId;
const container = {
  id: containerId,
  name: 'web-shop-0-aaaa',
  group: 'web',
  app: 'shop',
  phase: 'running',
} as Container;

describe('revisions', () => {
  it('a thing carries an ETag; a change with an old one is 412 and changes nothing', async () => {
    const { ask } = await openApi();
    const url = '/v1/groups/team';
    expect((await ask({ method: 'PUT', url, payload: {} })).statusCode).toBe(201);
    const { etag } = (await ask({ url })).headers;
    expect(etag).toMatch(/^"[^"]+"$/);
    const ifMatch = { 'if-match': String(etag) };
    const changed = await ask({ method: 'PUT', url, headers: ifMatch, payload: { description: 'first' } });
    expect(changed.statusCode).toBe(200);
    expect(changed.headers.etag).not.toBe(etag);
    const late = await ask({ method: 'PUT', url, headers: ifMatch, payload: { description: 'second' } });
    expect(late.statusCode).toBe(412);
    expect(late.json()).toMatchObject({ code: 'precondition-failed' });
    expect((await ask({ method: 'DELETE', url, headers: ifMatch })).statusCode).toBe(412);
    expect((await ask({ url })).json()).toMatchObject({ description: 'first' });
    expect((await ask({ method: 'DELETE', url })).statusCode).toBe(204);
    expect((await ask({ url })).statusCode).toBe(404);
  });

  it('a conflict is a problem of its own', async () => {
    const { ask } = await openApi();
    await deploy(ask);
    const answer = await ask({ method: 'DELETE', url: '/v1/groups/web' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ code: 'conflict', detail: expect.stringContaining('shop') });
  });
});

describe('a plan of a deployment', () => {
  const url = '/v1/groups/web/apps/shop/deployments/plan';
  const spec = { image: 'nginx:1' };

  it('is asked for with the body of the deploy, and runs no command', async () => {
    const { ask, platform } = await openApi();
    const answer = await ask({ method: 'POST', url, payload: { replicas: 3, spec } });
    expect(answer.statusCode).toBe(200);
    expect(answer.json()).toMatchObject({ cluster: 'default', replicas: 3, fits: true, auctions: [] });
    const command = { kind: 'app.deploy', group: 'web', app: 'shop', cluster: 'default', replicas: 3, spec };
    expect(platform.plans).toMatchObject([{ command, withGroup: false }]);
    await ask({ method: 'POST', url: `${url}?withGroup=true`, payload: { spec } });
    expect(platform.plans[1]).toMatchObject({ withGroup: true });
    expect(platform.commands).toEqual([]);
  });

  it('is refused like the deploy: by its schema, and for its image', async () => {
    const { ask, platform } = await openApi();
    const answers = (payload: object) =>
      Promise.all([url, url.replace('/plan', '')].map((to) => ask({ method: 'POST', url: to, payload })));
    platform.images.known.set('nginx:2', new ShoalError('image-not-found', 'because'));
    for (const payload of [{ replicas: -1 }, { typo: 1 }, { spec: { image: 'nginx:2' } }]) {
      const [plan, deployed] = (await answers(payload)).map((answer) => {
        const { instance: _instance, ...problem } = answer.json();
        return { ...problem, status: answer.statusCode };
      });
      expect(plan?.status).toBeGreaterThanOrEqual(400);
      expect(plan).toEqual(deployed);
    }
    expect(platform.plans).toEqual([]);
  });
});

describe('deployments', () => {
  it('a deploy is 202 with the operation, and where to watch it', async () => {
    const { ask, platform } = await openApi();
    const answer = await deploy(ask, 2, { 'idempotency-key': 'k1' });
    expect(answer.statusCode).toBe(202);
    const operation = answer.json();
    expect(operation).toMatchObject({ kind: 'deploy', state: 'running', replicas: 2, done: 0, total: 2 });
    expect(answer.headers.location).toBe(`/v1/operations/${operation.id}`);
    expect((await ask({ url: String(answer.headers.location) })).json()).toEqual(operation);
    expect(platform.commands[0]).toMatchObject({
      command: { kind: 'app.deploy', group: 'web', app: 'shop', cluster: 'default' },
      context: { actor: { id: 'admin' }, idempotencyKey: 'k1' },
    });
    const again = await deploy(ask, 2, { 'idempotency-key': 'k1' });
    expect(again.headers['idempotency-replayed']).toBe('true');
    expect(again.json().id).toBe(operation.id);
  });

  it('work on images is an operation that can be watched and cancelled, and holds no auctions', async () => {
    const { ask, platform } = await openApi();
    const id = platform.world.do({ kind: 'image.verify', hosts: [hostA] }).operation?.id;
    expect((await ask({ url: `/v1/operations/${id}` })).json()).toMatchObject({ kind: 'verify', done: 0, total: 1 });
    expect((await ask({ url: '/v1/operations' })).json().items).toMatchObject([{ id }]);
    expect((await ask({ url: `/v1/operations/${id}/decisions` })).json()).toEqual({ items: [] });
    const cancelled = await ask({ method: 'POST', url: `/v1/operations/${id}/cancel` });
    expect(cancelled.statusCode).toBe(202);
    expect(cancelled.json()).toMatchObject({ id, cancelRequested: true });
  });

  it('scale, undeploy, cancel and delete are operations as well', async () => {
    const { ask } = await openApi();
    await deploy(ask);
    const path = '/v1/groups/web/apps/shop';
    const scaled = await ask({ method: 'PATCH', url: `${path}/deployments/default`, payload: { replicas: 5 } });
    expect(scaled.json()).toMatchObject({ kind: 'scale', replicas: 5 });
    expect((await ask({ url: `${path}/deployments` })).json().items).toMatchObject([
      { cluster: 'default', replicas: 5 },
    ]);
    const cancelled = await ask({ method: 'POST', url: `/v1/operations/${scaled.json().id}/cancel` });
    expect(cancelled.statusCode).toBe(202);
    expect(cancelled.json()).toMatchObject({ cancelRequested: true });
    const undeployed = await ask({ method: 'DELETE', url: `${path}/deployments/default` });
    expect(undeployed.json()).toMatchObject({ kind: 'undeploy' });
    const deleted = await ask({ method: 'DELETE', url: path, headers: { 'content-type': 'application/json' } });
    expect(deleted.statusCode).toBe(202);
    expect(deleted.json()).toMatchObject({ kind: 'delete-app' });
  });

  it('tells why here and why not there', async () => {
    const { ask, platform } = await openApi();
    const { id } = (await deploy(ask)).json();
    const decision = { at: '', auctioneer: hostB, wanted: 2, offers: [], refusals: [], placed: [] };
    platform.world.change<AppOperationRecord>(`operations/${id}`, { decisions: [decision] });
    expect((await ask({ url: `/v1/operations/${id}/decisions` })).json()).toEqual({ items: [decision] });
  });
});

describe('versions', () => {
  it('are made once, listed newest first and read by number', async () => {
    const { ask } = await openApi();
    await ask({ method: 'PUT', url: '/v1/groups/web/apps/shop', payload: {} });
    const url = '/v1/groups/web/apps/shop/versions';
    const create = (image: string) => ask({ method: 'POST', url, payload: { spec: { image } } });
    const first = await create('nginx:1');
    expect(first.statusCode).toBe(201);
    expect(first.headers.location).toBe(`${url}/1`);
    expect((await create('nginx:1')).json()).toEqual(first.json());
    await create('nginx:2');
    const numbers = (await ask({ url })).json().items.map((version: { number: number }) => version.number);
    expect(numbers).toEqual([2, 1]);
    expect((await ask({ url: `${url}/2` })).json()).toMatchObject({ spec: { image: 'nginx:2' } });
    expect((await ask({ url: `${url}/3` })).statusCode).toBe(404);
    expect((await ask({ url: '/v1/groups/web/apps/none/versions' })).statusCode).toBe(404);
  });
});

describe('containers', () => {
  it('are found by id or name and given orders', async () => {
    const { ask, platform } = await openApi();
    platform.allContainers.push(container);
    expect((await ask({ url: `/v1/containers/${container.name}` })).json()).toMatchObject({ id: containerId });
    await ask({ method: 'POST', url: `/v1/containers/${containerId}/kill`, payload: { signal: 'HUP' } });
    await ask({ method: 'POST', url: `/v1/containers/${containerId}/stop` });
    await ask({ method: 'DELETE', url: `/v1/containers/${containerId}` });
    const power = { kind: 'container.power', group: 'web', app: 'shop', containerId };
    expect(platform.commands.map(({ command }) => command)).toEqual([
      { ...power, action: 'kill', signal: 'HUP' },
      { ...power, action: 'stop' },
      { ...power, action: 'remove' },
    ]);
    expect((await ask({ method: 'POST', url: '/v1/containers/none/stop' })).statusCode).toBe(404);
  });
});

describe('clusters, hosts, members and tokens', () => {
  it('a cluster is made, shown and deleted', async () => {
    const { ask } = await openApi();
    const url = '/v1/clusters/edge';
    const selector = [{ label: 'zone', op: '==', values: ['a'] }];
    expect((await ask({ method: 'PUT', url, payload: { selector } })).statusCode).toBe(201);
    expect((await ask({ url })).json()).toMatchObject({ name: 'edge', selector });
    expect((await ask({ url: '/v1/clusters' })).json().items).toHaveLength(1);
    expect((await ask({ method: 'DELETE', url })).statusCode).toBe(204);
  });

  it('a host is labelled and cordoned by its name', async () => {
    const { ask, platform } = await openApi();
    platform.allHosts.push({ id: hostB, name: 'h2' } as Host);
    const payload = { labels: { disk: 'ssd', old: null }, cordoned: true };
    const answer = await ask({ method: 'PATCH', url: '/v1/hosts/h2', payload });
    expect(answer.json()).toMatchObject({ id: hostB, name: 'h2' });
    expect(platform.commands[0]?.command).toEqual({ kind: 'host.set', hostId: hostB, ...payload });
  });

  it('a member is evicted with a reason, or without', async () => {
    const { ask, platform } = await openApi();
    const answer = await ask({ method: 'DELETE', url: `/v1/members/${hostB}`, payload: { reason: 'stolen' } });
    expect(answer.statusCode).toBe(204);
    expect(platform.world.get(`evictions/${hostB}`)).toMatchObject({ reason: 'stolen', by: 'tk_admin' });
    expect((await ask({ method: 'DELETE', url: `/v1/members/${hostB}` })).statusCode).toBe(409);
  });

  it('a join token is shown whole once, and never the hash of its secret', async () => {
    const { ask } = await openApi();
    const made = await ask({ method: 'POST', url: '/v1/tokens', payload: { expiresInMs: 60_000, maxUses: 1 } });
    expect(made.statusCode).toBe(201);
    expect(made.headers['cache-control']).toBe('no-store');
    expect(made.json()).toMatchObject({ token: 'shoal-join-secret' });
    const list = await ask({ url: '/v1/tokens' });
    expect(list.json().items).toMatchObject([{ id: made.json().id, revoked: false }]);
    expect(list.body).not.toMatch(/secret/i);
    expect((await ask({ method: 'DELETE', url: `/v1/tokens/${made.json().id}` })).statusCode).toBe(204);
    expect((await ask({ url: '/v1/tokens' })).json().items).toMatchObject([{ revoked: true }]);
  });

  it('metrics are Prometheus text', async () => {
    const { ask } = await openApi();
    const answer = await ask({ url: '/metrics' });
    expect(answer.headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(answer.body).toBe('shoal_members 3\n');
  });
});
