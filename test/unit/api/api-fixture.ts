import type { InjectOptions } from 'fastify';
import { afterEach } from 'vitest';
import { createApi } from '../../../agent/api/server.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { ADMIN_TOKEN, FakePlatform } from './fake-platform.ts';

const opened: { close(): Promise<unknown> }[] = [];
afterEach(async () => {
  for (const app of opened.splice(0)) await app.close();
});

/** An API on a fake platform; `ask` sends a request with the admin's token. Closed after the test. */
export async function openApi() {
  const platform = new FakePlatform();
  const app = await createApi({ platform, log: silentLog });
  opened.push(app);
  const ask = (options: InjectOptions) =>
    app.inject({ ...options, headers: { authorization: `Bearer ${ADMIN_TOKEN}`, ...options.headers } });
  return { app, platform, ask };
}

export type Ask = Awaited<ReturnType<typeof openApi>>['ask'];

/** A deploy of `web/shop` that makes the app. */
export const deploy = (ask: Ask, replicas = 2, headers: Record<string, string> = {}) =>
  ask({
    method: 'POST',
    url: '/v1/groups/web/apps/shop/deployments',
    headers,
    payload: { replicas, spec: { image: 'nginx:1' } },
  });
