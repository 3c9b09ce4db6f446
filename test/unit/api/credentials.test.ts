import { describe, expect, it } from 'vitest';
import { keys } from '../../../agent/core/catalog/keys.ts';
import { limits } from '../../../protocol/limits.ts';
import { openApi } from './api-fixture.ts';
import { GUEST_TOKEN } from './fake-platform.ts';

const asGuest = { authorization: `Bearer ${GUEST_TOKEN}` };

describe('credentials', () => {
  it('are made with a token that is shown this once, listed and revoked', async () => {
    const { ask } = await openApi();
    const payload = { id: 'ci', role: 'admin', description: 'the pipeline' };
    const made = await ask({ method: 'POST', url: '/v1/credentials', payload });
    expect([made.statusCode, made.headers['cache-control']]).toEqual([201, 'no-store']);
    expect(made.json()).toMatchObject({ ...payload, token: 'shoal_new' });
    const list = await ask({ url: '/v1/credentials' });
    expect(list.json().items.map(({ id, role }: { id: string; role: string }) => [id, role])).toEqual([
      ['admin', 'admin'],
      ['ci', 'admin'],
      ['grafana', 'guest'],
    ]);
    expect(list.body).not.toMatch(/secret|shoal_/);
    expect((await ask({ method: 'DELETE', url: '/v1/credentials/ci' })).statusCode).toBe(204);
    expect((await ask({ method: 'DELETE', url: '/v1/credentials/ci' })).statusCode).toBe(404);
  });

  it.each([
    { payload: { id: 'Ann Smith', role: 'guest' }, pointer: '/id' },
    { payload: { id: 'ann', role: 'owner' }, pointer: '/role' },
    { payload: { id: 'ann', role: 'guest', secretHash: 'x' }, pointer: '/secretHash' },
  ])('are not made of $payload', async ({ payload, pointer }) => {
    const { ask, platform } = await openApi();
    const answer = await ask({ method: 'POST', url: '/v1/credentials', payload });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().errors.map((fault: { pointer: string }) => fault.pointer)).toContain(pointer);
    expect(platform.commands).toEqual([]);
  });

  it('keep one admin', async () => {
    const { ask } = await openApi();
    const answer = await ask({ method: 'DELETE', url: '/v1/credentials/admin' });
    expect(answer.statusCode).toBe(409);
    expect(answer.json().detail).toContain('last admin');
  });
});

describe('a guest', () => {
  it('is told who it is and what that allows', async () => {
    const { app, ask } = await openApi();
    const me = await app.inject({ url: '/v1/me', headers: asGuest });
    expect(me.json()).toEqual({ id: 'grafana', role: 'guest', actions: ['read', 'image.pull'] });
    expect((await ask({ url: '/v1/me' })).json().actions).toContain('app.deploy');
  });

  it('reads, and changes nothing', async () => {
    const { app, platform } = await openApi();
    for (const url of ['/v1', '/v1/groups', '/v1/hosts', '/v1/events', '/v1/credentials', '/metrics']) {
      expect((await app.inject({ url, headers: asGuest })).statusCode, url).toBe(200);
    }
    const before = platform.world.list('');
    for (const [method, url, payload] of [
      ['PUT', '/v1/groups/web', {}],
      ['POST', '/v1/tokens', { expiresInMs: 60_000, maxUses: 1 }],
      ['POST', '/v1/credentials', { id: 'me', role: 'admin' }],
      ['DELETE', '/v1/credentials/admin', undefined],
    ] as const) {
      const answer = await app.inject({ method, url, headers: asGuest, ...(payload === undefined ? {} : { payload }) });
      expect(answer.statusCode, `${method} ${url}`).toBe(403);
      expect(answer.json()).toMatchObject({ code: 'forbidden', detail: expect.stringContaining('role admin') });
    }
    expect(platform.world.list('')).toEqual(before);
  });

  it('makes the mesh ask no registry, and no host for recordings', async () => {
    const { app, platform } = await openApi();
    const spec = { image: '10.0.0.7:8443/a/b:1', memoryBytes: 64 * 1024 ** 2 };
    const asked: unknown[] = [];
    platform.images.resolve = async (...what: unknown[]) => {
      asked.push(what);
      throw new Error('asked');
    };
    for (const [url, payload] of [
      ['/v1/groups/web/apps/shop/versions', { spec }],
      ['/v1/groups/web/apps/shop/deployments', { spec, replicas: 1 }],
      ['/v1/groups/web/apps/shop/deployments/plan', { spec, replicas: 1 }],
    ] as const) {
      expect((await app.inject({ method: 'POST', url, headers: asGuest, payload })).statusCode, url).toBe(403);
    }
    expect(asked).toEqual([]);
  });

  it('sees of a collector where it is, not the secrets of its address', async () => {
    const { app, ask, platform } = await openApi();
    const url = 'https://logs.corp:8443/push/s3cret?token=s3cret';
    platform.forwards = { list: async () => [{ name: 'siem', url, hosts: [] }] } as unknown as typeof platform.forwards;
    const seen = await app.inject({ url: '/v1/log-forwards', headers: asGuest });
    expect(seen.json().items).toMatchObject([{ name: 'siem', url: 'https://logs.corp:8443' }]);
    expect((await ask({ url: '/v1/log-forwards/siem' })).json()).toMatchObject({ url });
  });

  it('leaves room for streams of others', async () => {
    const { app, ask } = await openApi();
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const gone = new AbortController();
    const stream = () => fetch(`${address}/v1/events/stream`, { headers: asGuest, signal: gone.signal });
    const answers = await Promise.all(Array.from({ length: limits.apiStreams / 2 }, stream));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect((await stream()).status).toBe(429);
    const admins = await ask({ url: '/v1/events/stream', payloadAsStream: true });
    expect(admins.statusCode).toBe(200);
    admins.stream().destroy();
    gone.abort();
  });

  it('loses its streams when its token is revoked; others keep theirs', async () => {
    const { app, platform } = await openApi();
    const address = await app.listen({ port: 0, host: '127.0.0.1' });
    const stream = await fetch(`${address}/v1/changes`, { headers: asGuest });
    const reader = stream.body?.getReader();
    await reader?.read();
    platform.change('members');
    platform.world.apply([{ key: keys.credential('grafana'), value: undefined }]);
    platform.change('hosts');
    platform.change('members');
    let isDone = false;
    while (!isDone) isDone = (await reader?.read())?.done ?? true;
    expect(platform.watchers).toBe(0);
  });
});
