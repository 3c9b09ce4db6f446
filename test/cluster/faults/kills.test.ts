import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Container, Host } from '../../../protocol/schemas/host.ts';
import { accepted, askDeploy, containersOf, deployed, ended, itemsOf } from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';
import { allSee, ask, event, lastEventId, makeGroup, replicasOn, whole } from './fleet.ts';

let cluster: RealCluster;
let all: readonly RealHost[];

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'k', hosts: 4 });
  all = cluster.hosts;
  await makeGroup(cluster.host(1));
});
afterAll(() => cluster?.down());

/** Kills an agent now and starts it again later. */
const kill = (host: RealHost) => cluster.script('kill', host.name, 'agent');
const start = (host: RealHost) => cluster.script('start', host.name, 'agent');

/** The host that is in charge of an app, as `observer` sees it. */
async function stewardOf(observer: RealHost, operationId: string): Promise<RealHost> {
  const { steward } = await ask<{ steward: string }>(observer, 'GET', `/v1/operations/${operationId}`, 200);
  const { name } = await ask<Host>(observer, 'GET', `/v1/hosts/${steward}`, 200);
  const found = all.find((host) => host.name === name);
  if (found === undefined) throw new Error(`no host is named ${name}`);
  return found;
}

const others = (host: RealHost): readonly RealHost[] => all.filter((other) => other !== host);

/** No host holds memory for an auction that nobody finishes. */
async function nothingHeld(observer: RealHost, of: readonly RealHost[]): Promise<void> {
  const names = new Set(of.map(({ name }) => name));
  await waitFor('every reservation to end', async () => {
    const hosts = (await itemsOf<Host>(observer, '/v1/hosts')).filter(({ name }) => names.has(name));
    return hosts.every(({ capacity }) => capacity.heldBytes === 0);
  });
}

describe('kill -9 of an agent', () => {
  it('right after it accepted a deploy: the others see it through', async () => {
    const accepting = cluster.host(1);
    const { id } = accepted(await askDeploy(accepting, 'team/accepted', { replicas: 4 }));
    await kill(accepting);
    const seen = await Promise.all(others(accepting).map((host) => ended(host, { id })));
    expect(seen.map(({ state }) => state)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    await start(accepting);
    await allSee(others(accepting), accepting.name, 'alive');
    await whole(all, 'accepted', 4);
  });

  it('that is in charge of the app, during the auction: its heir finishes, and no memory stays reserved', async () => {
    const { id } = accepted(await askDeploy(cluster.host(1), 'team/auctioned', { replicas: 6 }));
    const steward = await stewardOf(cluster.host(1), id);
    await kill(steward);
    const [observer, ...rest] = others(steward);
    if (observer === undefined) throw new Error('nobody is left');
    const operation = await ended(observer, { id });
    expect(['succeeded', 'failed']).toContain(operation.state);
    for (const host of rest) expect((await ended(host, { id })).state).toBe(operation.state);
    await nothingHeld(observer, others(steward));
    await start(steward);
    await allSee(others(steward), steward.name, 'alive');
    await whole(all, 'auctioned', operation.state === 'succeeded' ? 6 : 0);
  });

  it('while its engine creates containers: none is doubled, none is left half-made', async () => {
    const victim = cluster.host(2);
    const observer = cluster.host(3);
    const before = (await victim.containers()).length;
    const { id } = accepted(await askDeploy(observer, 'team/created', { replicas: 12 }));
    await waitFor('its engine to have made a first container', async () => (await victim.containers()).length > before);
    await kill(victim);
    await start(victim);
    expect(await ended(observer, { id })).toMatchObject({ state: 'succeeded' });
    await whole(all, 'created', 12);
  });

  it('and a new start: it adopts its containers, which never noticed', async () => {
    const victim = cluster.host(3);
    const observer = cluster.host(4);
    await deployed(observer, 'team/adopted', { replicas: 4 });
    const before = await whole(all, 'adopted', 4);
    await kill(victim);
    await start(victim);
    const isAdopted = ({ hostName, phase, ready }: Container) =>
      hostName === victim.name && phase === 'running' && ready;
    await waitFor('its own record to show them', async () =>
      (await containersOf(victim, 'team/adopted')).some(isAdopted),
    );
    await allSee(others(victim), victim.name, 'alive');
    expect(await replicasOn(all, 'adopted')).toEqual(before);
  });
});

describe('kill -9 of a Docker engine', () => {
  it('is told, and once it is back its containers run again', async () => {
    const victim = cluster.host(4);
    const observer = cluster.host(1);
    await deployed(observer, 'team/engined', { replicas: 4 });
    const since = await lastEventId(observer);
    const { id } = await ask<Host>(observer, 'GET', `/v1/hosts/${victim.name}`, 200);
    const isNews = (kind: string) => (e: { id: string; kind: string; source: string }) =>
      e.id > since && e.kind === kind && e.source === id;
    await cluster.script('kill', victim.name, 'engine');
    await event(observer, 'engine.lost', isNews('engine.lost'));
    const engineState = async () => (await ask<Host>(observer, 'GET', `/v1/hosts/${victim.name}`, 200)).engine.state;
    await waitFor('the record to say so', async () => (await engineState()) === 'unreachable');
    await cluster.script('start', victim.name, 'engine');
    await event(observer, 'engine.back', isNews('engine.back'));
    await waitFor('the record to say so', async () => (await engineState()) === 'ready');
    await whole(all, 'engined', 4);
    await waitFor('its containers to be ready again', async () =>
      (await containersOf(observer, 'team/engined')).every(({ ready }) => ready),
    );
  });
});
