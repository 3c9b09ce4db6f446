import { gunzipSync } from 'node:zlib';
import { afterEach, expect, it } from 'vitest';
import { createApi } from '../../../agent/api/server.ts';
import type { Api } from '../../../agent/api/typed.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { FakePlatform } from './fake-platform.ts';

const opened: Api[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

async function openConsole(
  files: Record<string, string> = { 'index.html': '<!doctype html>', 'assets/main-1a2b3c4d.js': 'let a;' },
) {
  const table = new Map(Object.entries(files).map(([name, text]) => [name, Buffer.from(text)]));
  const app = await createApi({ platform: new FakePlatform(), log: silentLog, console: table });
  opened.push(app);
  return app;
}

/** Shows that anybody gets the page, that it can run nothing but itself, and that a new build is seen at once. */
it('serves the page to anybody under a strict policy, not cached', async () => {
  const app = await openConsole();
  const answer = await app.inject({ url: '/' });
  expect(answer.statusCode).toBe(200);
  expect(answer.body).toBe('<!doctype html>');
  expect(answer.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
  });
  const policy = String(answer.headers['content-security-policy']);
  for (const rule of ["default-src 'none'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
    expect(policy).toContain(rule);
  }
  expect(policy).not.toMatch(/unsafe|\*|https?:/);
});

it('serves hashed files for ever, compressed to who takes that', async () => {
  const app = await openConsole();
  const answer = await app.inject({ url: '/assets/main-1a2b3c4d.js', headers: { 'accept-encoding': 'br, gzip' } });
  expect(answer.headers).toMatchObject({
    'content-encoding': 'gzip',
    'cache-control': 'public, max-age=31536000, immutable',
    'content-type': 'text/javascript; charset=utf-8',
  });
  expect(gunzipSync(answer.rawPayload).toString()).toBe('let a;');
});

it.each(['/assets/none.js', '/assets/../package.json', '/assets/%2e%2e/package.json', '/index.htm', '/v1/hosts'])(
  '%s is not one of the files: a stranger is told nothing of it',
  async (url) => {
    const app = await openConsole();
    expect((await app.inject({ url })).statusCode).toBe(401);
  },
);

it('an agent that was built without the console says so', async () => {
  const app = await openConsole({});
  const answer = await app.inject({ url: '/' });
  expect(answer.statusCode).toBe(404);
  expect(answer.json()).toMatchObject({ code: 'not-found', detail: expect.stringContaining('npm run build') });
});
