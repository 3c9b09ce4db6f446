import { describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import { openApi } from './api-fixture.ts';
import { ADMIN_TOKEN } from './fake-platform.ts';

/** Shows that nothing but liveness and readiness is told to somebody without a token, not even what exists. */
describe('without a valid token', () => {
  it.each([
    '/v1',
    '/v1/groups',
    '/v1/openapi.json',
    '/metrics',
    '/v1/events/stream',
    '/no/such/path',
    '/v1/groups/../x',
  ])('%s is 401', async (url) => {
    const { app } = await openApi();
    const answer = await app.inject({ url });
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toBe('Bearer');
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(answer.json()).toMatchObject({
      code: 'unauthenticated',
      status: 401,
      instance: expect.stringMatching(/^req_/),
    });
  });

  it.each(['Bearer wrong', 'Basic c2hvYWw6eA==', 'Bearer', ADMIN_TOKEN, `Bearer ${'x'.repeat(10_000)}`])(
    'neither does "%s" help',
    async (authorization) => {
      const { app } = await openApi();
      expect((await app.inject({ url: '/v1', headers: { authorization } })).statusCode).toBe(401);
    },
  );

  it('/livez and /readyz answer', async () => {
    const { app, platform } = await openApi();
    expect((await app.inject({ url: '/livez' })).json()).toEqual({ status: 'ok' });
    expect((await app.inject({ url: '/readyz' })).statusCode).toBe(200);
    platform.ready = { ready: false, reason: 'catching up with the mesh' };
    const answer = await app.inject({ url: '/readyz' });
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({ code: 'not-ready', retryable: true, detail: 'catching up with the mesh' });
  });

  it('a change is refused before its body is looked at', async () => {
    const { app, platform } = await openApi();
    const answer = await app.inject({
      method: 'PUT',
      url: '/v1/groups/x',
      payload: 'x'.repeat(limits.apiBodyBytes * 2),
    });
    expect(answer.statusCode).toBe(401);
    expect(platform.commands).toEqual([]);
  });
});

it('too many failures of one address are 429 with a time to wait, while a valid token goes on working', async () => {
  const { app, ask } = await openApi();
  for (let i = 0; i < limits.apiFailedLogins; i++) expect((await app.inject({ url: '/v1' })).statusCode).toBe(401);
  const refused = await app.inject({ url: '/v1' });
  expect(refused.statusCode).toBe(429);
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(refused.json()).toMatchObject({ code: 'rate-limited' });
  expect((await app.inject({ url: '/v1', remoteAddress: '10.0.0.9' })).statusCode).toBe(401);
  expect((await ask({ url: '/v1' })).statusCode).toBe(200);
});

it('every answer says whose view it is', async () => {
  const { ask } = await openApi();
  for (const url of ['/v1', '/v1/groups/none', '/nowhere']) {
    expect((await ask({ url })).headers).toMatchObject({ 'x-shoal-host': 'h1', 'x-shoal-view': '2/3' });
  }
  expect((await ask({ url: '/v1' })).json()).toMatchObject({ meshId: 'mesh-1', alive: 2, members: 3, isolated: false });
});
