import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreatedCredential, Me } from '../../../protocol/schemas/requests.ts';
import type { ShellSession, ShellTicket } from '../../../protocol/schemas/shell.ts';
import { containersOf, deployed, itemsOf } from '../../framework/deploys.ts';
import { openDoor } from '../../framework/door.ts';
import { RealCluster, runInCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

const APP = '/v1/groups/team/apps/still';

describe('API tokens of three hosts', () => {
  let cluster: RealCluster;
  let hosts: readonly RealHost[];
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'x', hosts: 3 });
    hosts = cluster.hosts;
    await cluster.host(1).api('PUT', '/v1/groups/team', { body: {} });
    const spec = { entrypoint: ['sleep'], command: ['1000'], memoryBytes: 32 * 1024 ** 2 };
    await deployed(cluster.host(1), 'team/still', { replicas: 3, spec });
  });
  afterAll(() => cluster?.down());

  /** Makes one through a host; all hosts let it in. */
  async function newToken(through: number, id: string, role: 'admin' | 'guest'): Promise<string> {
    const { status, body } = await cluster
      .host(through)
      .api<CreatedCredential>('POST', '/v1/credentials', { body: { id, role } });
    expect(status).toBe(201);
    const { token } = body;
    await waitFor('every host to let it in', async () => (await statuses(token)).every((one) => one === 200));
    return token;
  }

  const statuses = (token: string): Promise<readonly number[]> =>
    Promise.all(hosts.map(async (host) => (await host.api('GET', '/v1/me', { token })).status));

  it('a guest looks through any host, and changes nothing through any', async () => {
    const token = await newToken(2, 'wall', 'guest');
    for (const host of hosts) {
      const me = await host.api<Me>('GET', '/v1/me', { token });
      expect(me.body).toEqual({ id: 'wall', role: 'guest', actions: ['read', 'image.pull'] });
      expect((await host.api('GET', APP, { token })).status).toBe(200);
      const [container] = await containersOf(host, 'team/still');
      for (const [method, path, body] of [
        ['PUT', '/v1/groups/mine', {}],
        ['DELETE', APP, undefined],
        ['POST', '/v1/credentials', { id: 'me-too', role: 'admin' }],
        ['POST', `/v1/containers/${container?.id}/shells`, {}],
        ['POST', `/v1/containers/${container?.id}/stop`, {}],
      ] as const) {
        const answer = await host.api(method, path, { token, ...(body === undefined ? {} : { body }) });
        expect([answer.status, answer.body], `${method} ${path}`).toMatchObject([403, { code: 'forbidden' }]);
      }
    }
    expect((await cluster.host(1).api('GET', APP)).body).toMatchObject({ deployments: [{ replicas: 3 }] });
  });

  it('that is revoked is refused everywhere, and what was opened with it ends', async () => {
    const token = await newToken(1, 'ann', 'admin');
    const containers = await containersOf(cluster.host(1), 'team/still');
    const there = containers.find(({ hostName }) => hostName === 'h3');
    // By another host than the container's: the shell lives where the container does.
    const script = `umask 077; cat > /tmp/ann.token && shoal --token-file /tmp/ann.token exec ${there?.name} -- sleep 1000`;
    const shell = runInCluster(cluster, 'h2', ['sh', '-c', script], `${token}\n`);
    await waitFor('the shell', async () => {
      const { body } = await cluster
        .host(1)
        .api<{ items: ShellSession[] }>('GET', `/v1/containers/${there?.id}/shells`);
      return body.items.some(({ openedBy, state }) => openedBy === 'ann' && state === 'open');
    });
    const seen = watching(cluster.host(2), token);
    await waitFor('the stream', () => seen.began);
    expect((await cluster.host(3).api('DELETE', '/v1/credentials/ann')).status).toBe(204);
    await waitFor('every host to refuse it', async () => (await statuses(token)).every((one) => one === 401));
    await seen.end;
    expect((await shell).exitCode).not.toBe(0);
    const { body } = await cluster.host(1).api<{ items: ShellSession[] }>('GET', `/v1/containers/${there?.id}/shells`);
    expect(body.items.filter(({ state }) => state === 'open')).toEqual([]);
    const another = await newToken(2, 'ann', 'guest');
    expect(await statuses(token)).toEqual([401, 401, 401]);
    expect(await statuses(another)).toEqual([200, 200, 200]);
    expect((await cluster.host(1).api('DELETE', '/v1/credentials/ann')).status).toBe(204);
  });

  it('that is revoked takes its connection to the shell of somebody else along, not theirs', async () => {
    const token = await newToken(1, 'bob', 'admin');
    const [container] = await containersOf(cluster.host(1), 'team/still');
    const shells = `/v1/containers/${container?.id}/shells`;
    const opened = await cluster.host(2).api<ShellTicket>('POST', shells, { body: { command: ['cat'], tty: false } });
    const path = `${shells}/${opened.body.sessionId}/tickets`;
    const joined = await cluster.host(3).api<ShellTicket>('POST', path, { token, body: {} });
    const [own, guest] = await Promise.all([
      viewing(cluster.host(2), opened.body.url),
      viewing(cluster.host(3), joined.body.url),
    ]);
    expect((await cluster.host(1).api('DELETE', '/v1/credentials/bob')).status).toBe(204);
    await waitFor('the connection to end', () => guest.readyState === WebSocket.CLOSED);
    expect(own.readyState).toBe(WebSocket.OPEN);
    own.close();
  });

  it('of the last admin stays, by whichever host it is asked; after a restart of all agents too', async () => {
    for (const host of hosts) {
      const { status, body } = await host.api('DELETE', '/v1/credentials/admin');
      expect([status, body]).toMatchObject([409, { code: 'conflict' }]);
    }
    const token = await newToken(3, 'late', 'guest');
    for (const { name } of hosts) await cluster.script('kill', name, 'agent');
    for (const { name } of hosts) await cluster.script('start', name, 'agent');
    await waitFor('every host to let both in', async () => {
      const answers = await Promise.allSettled([statuses(token), itemsOf(cluster.host(2), '/v1/credentials')]);
      const [allowed, listed] = answers;
      if (allowed.status === 'rejected' || listed.status === 'rejected') return false;
      return allowed.value.every((one) => one === 200) && listed.value.length === 3;
    });
  });
});

/** A connection to a shell, as a browser makes it. */
async function viewing(host: RealHost, path: string): Promise<WebSocket> {
  const door = await openDoor(host);
  const socket = new WebSocket(`${door.url.replace(/^http/, 'ws')}${path}&offset=0`);
  socket.addEventListener('close', () => door.close());
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', reject);
  });
  return socket;
}

/** Reads the stream of changes with a token until it ends. */
function watching(host: RealHost, token: string): { readonly began: boolean; readonly end: Promise<void> } {
  const seen = { began: false, end: Promise.resolve() };
  const read = async (): Promise<void> => {
    for await (const _message of host.watch('/v1/changes', token)) seen.began = true;
  };
  seen.end = read();
  return seen;
}
