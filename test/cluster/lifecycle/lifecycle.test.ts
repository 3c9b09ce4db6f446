import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { App, Event, Group } from '../../../protocol/schemas/model.ts';
import type { AppOperation } from '../../../protocol/schemas/operation.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import {
  accepted,
  askDeploy,
  containersOf,
  deleteApp,
  deploy,
  deployed,
  ended,
  itemsOf,
  pathOf,
  shownByAll,
  succeeded,
  tracesOf,
} from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

const MiB = 1024 ** 2;

describe('an app', () => {
  let cluster: RealCluster;
  let h1: RealHost;
  let h2: RealHost;
  let h3: RealHost;
  beforeAll(async () => {
    cluster = await RealCluster.up({ purpose: 'l', hosts: 3, memory: '1g' });
    [h1, h2, h3] = [cluster.host(1), cluster.host(2), cluster.host(3)];
    await h1.api('PUT', '/v1/groups/team', { body: {} });
  });
  afterAll(() => cluster?.down());

  const hostOf = ({ hostName }: Container): RealHost => cluster.host(Number(hostName.slice(1)));
  const inspect = (container: Container) => hostOf(container).docker.getContainer(container.name).inspect();

  const perHost = (containers: readonly Container[]): Record<string, number> =>
    Object.fromEntries(cluster.hosts.map(({ name }) => [name, containers.filter((c) => c.hostName === name).length]));

  /** The app's containers once every host sees this many, all ready, and each engine runs those of its own. */
  async function settled(name: string, count: number): Promise<readonly Container[]> {
    return waitFor(`${count} containers of ${name} on every host's list`, async () => {
      for (const host of cluster.hosts) {
        const seen = await containersOf(host, name);
        if (seen.length !== count || !seen.every(({ ready }) => ready)) return false;
        const own = seen.filter(({ hostName }) => hostName === host.name).map((container) => container.name);
        const label = `${name.replace('/', '-')}-`;
        const running = (await host.containers()).filter((c) => c.name.startsWith(label) && c.state === 'running');
        expect(running.map((c) => c.name).sort()).toEqual(own.sort());
      }
      return containersOf(h1, name);
    });
  }

  async function scale(host: RealHost, name: string, replicas: number): Promise<AppOperation> {
    const path = `${pathOf(name)}/deployments/default`;
    return succeeded(await ended(host, accepted(await host.api<AppOperation>('PATCH', path, { body: { replicas } }))));
  }

  const power = (host: RealHost, container: string, action: string, body?: object) =>
    host.api<Container>('POST', `/v1/containers/${container}/${action}`, { body: body ?? {} });

  /** Changes what operators want of a host, and waits until every auctioneer knows. */
  async function changeHost(name: string, change: { labels?: Record<string, string>; cordoned?: boolean }) {
    expect((await h1.api('PATCH', `/v1/hosts/${name}`, { body: change })).status).toBe(200);
    for (const host of cluster.hosts) {
      await waitFor(`${host.name} to know of the change`, async () => {
        expect((await host.api('GET', `/v1/hosts/${name}`)).body).toMatchObject(change);
        return true;
      });
    }
  }

  const eventsOf = async (host: RealHost, name: string): Promise<readonly Event[]> => {
    const [group, app] = name.split('/');
    return itemsOf(host, `/v1/events?group=${group}&app=${app}`);
  };

  it('deployed through one host is seen on all, with its replicas on different hosts before any gets a second', async () => {
    const name = 'team/spread';
    const operation = await deployed(h1, name, { replicas: 3 });
    expect(operation).toMatchObject({ kind: 'deploy', done: 3, total: 3, version: 1 });
    expect(perHost(await settled(name, 3))).toEqual({ h1: 1, h2: 1, h3: 1 });
    for (const host of [h2, h3]) {
      const { body: app } = await host.api<App>('GET', pathOf(name));
      expect(app).toMatchObject({ state: 'active', deployments: [{ cluster: 'default', version: 1, replicas: 3 }] });
      expect(await ended(host, operation)).toMatchObject({ state: 'succeeded', id: operation.id });
      const { body: decisions } = await host.api('GET', `/v1/operations/${operation.id}/decisions`);
      expect(decisions).toMatchObject({ items: [{ wanted: 3, placed: [{}, {}, {}] }] });
    }
    await scale(h2, name, 6);
    expect(perHost(await settled(name, 6))).toEqual({ h1: 2, h2: 2, h3: 2 });
    await scale(h3, name, 3);
    expect(perHost(await settled(name, 3))).toEqual({ h1: 1, h2: 1, h3: 1 });
    await scale(h1, name, 0);
    await settled(name, 0);
    await scale(h2, name, 2);
    await settled(name, 2);
    await deleteApp(h3, name);
  });

  it('that gets a new version has only containers of it in the end, and always enough that work', async () => {
    const name = 'team/fresh';
    const before = await deployed(h1, name, { replicas: 3, spec: { env: { COLOR: 'red' } } });
    const old = await settled(name, 3);
    const operation = accepted(await askDeploy(h2, name, { replicas: 3, spec: { env: { COLOR: 'blue' } } }));
    const counts: number[] = [];
    await waitFor('the end of the deploy', async () => {
      counts.push((await containersOf(h3, name)).filter(({ ready }) => ready).length);
      const { state } = (await h3.api<AppOperation>('GET', `/v1/operations/${operation.id}`)).body;
      return state !== undefined && state !== 'running';
    });
    succeeded(await ended(h3, operation));
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(3);
    const fresh = await settled(name, 3);
    expect(fresh.map(({ version }) => version)).toEqual([2, 2, 2]);
    expect(old.filter(({ id }) => fresh.some((container) => container.id === id))).toEqual([]);
    for (const container of fresh) expect((await inspect(container)).Config.Env).toContain('COLOR=blue');

    const back = await deployed(h3, name, { replicas: 3, version: 1 });
    expect(back.version).toBe(before.version);
    expect((await settled(name, 3)).map(({ version }) => version)).toEqual([1, 1, 1]);
    expect((await itemsOf<Version>(h1, `${pathOf(name)}/versions`)).map(({ number }) => number)).toEqual([2, 1]);
    await deleteApp(h2, name);
    await settled(name, 0);
    await shownByAll(cluster.hosts, pathOf(name), ({ status }) => status === 404);
  });

  it('deleted leaves nothing, and one of the same name begins anew', async () => {
    const name = 'team/again';
    const before = await tracesOf(cluster);
    await deployed(h1, name, { replicas: 3, spec: { ports: [{ container: 80 }] } });
    const { uid } = (await h1.api<App>('GET', pathOf(name))).body;
    await deleteApp(h2, name);
    await waitFor('everything to be as before', async () => {
      const now = await tracesOf(cluster);
      const same = before.map(({ operations }) => ({ operations: operations + 2 }));
      expect(now).toEqual(before.map((traces, index) => ({ ...traces, ...same[index] })));
      return true;
    });
    for (const host of cluster.hosts) expect((await host.api('GET', pathOf(name))).status).toBe(404);
    await deployed(h3, name, { replicas: 1 });
    const { body: anew } = await h2.api<App>('GET', pathOf(name));
    expect(anew).toMatchObject({ latestVersion: 1 });
    expect(anew.uid).not.toBe(uid);
    await deleteApp(h1, name);
  });

  it('has containers that are stopped, started, restarted, killed and removed through any host', async () => {
    const name = 'team/power';
    await deployed(h1, name, { replicas: 1 });
    const [first] = await settled(name, 1);
    if (first === undefined) throw new Error('no container');
    const until = (phase: string, also: Partial<Container> = {}) =>
      waitFor(`${phase} ${JSON.stringify(also)}`, async () => {
        const [container] = await containersOf(h3, name);
        expect(container).toMatchObject({ phase, ...also });
        return container;
      });

    expect((await power(h1, first.name, 'stop')).status).toBe(200);
    await until('stopped', { wanted: 'stopped', ready: false, id: first.id });
    expect((await inspect(first)).State.Running).toBe(false);
    expect((await power(h2, first.id, 'start')).status).toBe(200);
    await until('running', { wanted: 'running', ready: true, id: first.id });
    const { StartedAt } = (await inspect(first)).State;
    await power(h3, first.id.slice(0, 20), 'restart');
    await until('running', { ready: true, restarts: first.restarts + 1 });
    expect((await inspect(first)).State.StartedAt > StartedAt).toBe(true);
    await power(h1, first.id, 'kill', { signal: 'SIGKILL' });
    await until('running', { ready: true, restarts: first.restarts + 2 });

    expect((await h2.api('DELETE', `/v1/containers/${first.id}`)).status).toBe(200);
    const [next] = await waitFor('another container', async () => {
      const containers = await containersOf(h1, name);
      return containers.length === 1 && containers[0]?.id !== first.id && containers[0]?.ready && containers;
    });
    expect(next?.replica).toBe(0);
    expect((await power(h3, first.id, 'stop')).status).toBe(404);
    expect((await power(h3, next?.id ?? '', 'kill', { signal: 'rm -rf' })).status).toBe(400);
    await deleteApp(h1, name);
  });

  it('gets a new container for one that somebody removes by hand, and an event says so', async () => {
    const name = 'team/hand';
    await deployed(h1, name, { replicas: 2 });
    const [first] = await settled(name, 2);
    if (first === undefined) throw new Error('no container');
    await hostOf(first).docker.getContainer(first.name).remove({ force: true });
    await waitFor('a replacement', async () => (await containersOf(h2, name)).every(({ id }) => id !== first.id));
    expect((await settled(name, 2)).map(({ replica }) => replica).sort()).toEqual([0, 1]);
    for (const host of cluster.hosts) {
      const event = await waitFor('the event', async () => {
        const events = await eventsOf(host, name);
        return events.find(({ kind }) => kind === 'container.removed-externally');
      });
      expect(event).toMatchObject({ container: first.id, message: `${first.name} was removed outside Shoal` });
    }
    await deleteApp(h1, name);
  });

  it('is deployed once when the same request comes twice, through two hosts at once or later', async () => {
    const name = 'team/once';
    const answers = await Promise.all([h1, h2].map((host) => askDeploy(host, name, { replicas: 2 }, 'key-1')));
    answers.push(await askDeploy(h3, name, { replicas: 2 }, 'key-1'));
    const ids = new Set(answers.map((answer) => accepted(answer).id));
    expect(ids.size).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(2);
    succeeded(await ended(h3, accepted(answers[0] as (typeof answers)[number])));
    await settled(name, 2);
    expect(await itemsOf(h2, '/v1/operations?group=team&app=once')).toHaveLength(1);
    const other = await askDeploy(h3, name, { replicas: 3 }, 'key-1');
    expect(other).toMatchObject({ status: 422, body: { code: 'idempotency-mismatch' } });
    await deleteApp(h1, name);
  });

  it('and its group are changed only by those who know their latest state, if they say what they know', async () => {
    const name = 'team/careful';
    const { headers } = await h1.api('PUT', pathOf(name), { body: { description: 'one' } });
    const etag = String(headers.etag);
    const change = (host: RealHost, description: string) =>
      host.api<App & Problem>('PUT', pathOf(name), { body: { description }, headers: { 'if-match': etag } });
    expect(await change(h2, 'two')).toMatchObject({ status: 200, body: { description: 'two' } });
    expect(await change(h3, 'three')).toMatchObject({ status: 412, body: { code: 'precondition-failed' } });
    await shownByAll<App>([h1], pathOf(name), ({ body }) => body.description === 'two');
    const late = await h1.api('DELETE', pathOf(name), { headers: { 'if-match': etag } });
    expect(late.status).toBe(412);
    await deleteApp(h2, name);
  });

  it('is watched through any host: its operation until the end, its events as they come', async () => {
    const name = 'team/watched';
    const messages = h3.watch('/v1/events/stream?group=team&app=watched');
    const told = (async () => {
      const kinds: string[] = [];
      for await (const { event, data, id } of messages) {
        const parsed: Event = JSON.parse(data);
        expect({ event, id: parsed.id }).toEqual({ event: 'event', id });
        kinds.push(parsed.kind);
        if (parsed.kind === 'operation.succeeded') return kinds;
      }
      return kinds;
    })();
    const operation = accepted(await askDeploy(h1, name, { replicas: 2 }));
    const seen: AppOperation[] = [];
    let last = '';
    await waitFor('h2 to know of it', async () => {
      return (await h2.api('GET', `/v1/operations/${operation.id}`)).status === 200;
    });
    for await (const { event, data } of h2.watch(`/v1/operations/${operation.id}/events`)) {
      last = event;
      if (event === 'operation') seen.push(JSON.parse(data));
    }
    expect(last).toBe('end');
    expect(seen.at(-1)).toMatchObject({ state: 'succeeded', done: 2, total: 2 });
    const steps = new Set(seen.flatMap((state) => state.steps.map(({ step }) => step)));
    expect([...steps]).toEqual(expect.arrayContaining(['started', 'healthy']));
    expect((await told).filter((kind) => kind === 'container.started')).toHaveLength(2);
    await deleteApp(h1, name);
  });

  it("has its group's memory when its version names none", async () => {
    const group = await h1.api<Group>('PUT', '/v1/groups/modest', { body: { defaultMemoryBytes: 24 * MiB } });
    expect(group.status).toBe(201);
    await shownByAll(cluster.hosts, '/v1/groups/modest', ({ status }) => status === 200);
    const name = 'modest/web';
    await deployed(h2, name, { spec: { memoryBytes: undefined } });
    const [container] = await settled(name, 1);
    if (container === undefined) throw new Error('no container');
    expect((await inspect(container)).HostConfig.Memory).toBe(24 * MiB);
    expect((await h3.api('DELETE', '/v1/groups/modest')).status).toBe(409);
    await deleteApp(h1, name);
    await waitFor(
      'the group to be empty for its steward',
      async () => (await h3.api('DELETE', '/v1/groups/modest')).status === 204,
    );
  });

  it('runs only on the hosts of its cluster, and not on a cordoned one', async () => {
    for (const name of ['h2', 'h3']) await changeHost(name, { labels: { disk: 'ssd' } });
    const selector = [{ label: 'disk', op: '==', values: ['ssd'] }];
    expect((await h1.api('PUT', '/v1/clusters/fast', { body: { selector } })).status).toBe(201);
    await shownByAll(cluster.hosts, '/v1/clusters/fast', ({ status }) => status === 200);
    const name = 'team/fast';
    await deployed(h1, name, { replicas: 4, cluster: 'fast' });
    expect(perHost(await settled(name, 4))).toEqual({ h1: 0, h2: 2, h3: 2 });

    await changeHost('h2', { cordoned: true });
    await deployed(h2, 'team/wary', { replicas: 2, cluster: 'fast' });
    expect(perHost(await settled('team/wary', 2))).toEqual({ h1: 0, h2: 0, h3: 2 });
    expect(perHost(await settled(name, 4))).toEqual({ h1: 0, h2: 2, h3: 2 });
    const { state, problem } = await deploy(h1, 'team/picky', {
      replicas: 2,
      cluster: 'fast',
      spec: { maxPerHost: 1 },
    });
    expect({ state, code: problem?.code }).toEqual({ state: 'failed', code: 'unplaceable' });
    expect(problem?.detail).toMatch(/^1 of 2 replicas[\s\S]*h1: cluster fast .*disk[\s\S]*h2: the host is cordoned/m);
    await changeHost('h2', { cordoned: false });
    await deployed(h1, 'team/picky', { replicas: 2, cluster: 'fast', spec: { maxPerHost: 1 } });
    expect((await h2.api('DELETE', '/v1/clusters/fast')).status).toBe(409);
    for (const app of [name, 'team/wary', 'team/picky']) await deleteApp(h3, app);
    await waitFor(
      'the cluster to be free for its steward',
      async () => (await h2.api('DELETE', '/v1/clusters/fast')).status === 204,
    );
  });
});
