import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LevelStore } from '../../../agent/adapters/level/level-store.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { AppOperation } from '../../../protocol/schemas/operation.ts';
import { accepted, deployed, ended, itemsOf } from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';
import {
  allSee,
  event,
  eventsAfter,
  lastEventId,
  makeGroup,
  oneView,
  replicasOn,
  report,
  statuses,
  whole,
} from './fleet.ts';
import { dataDirOf } from './joiner.ts';

let cluster: RealCluster;
let all: readonly RealHost[];

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'p', hosts: 5 });
  all = cluster.hosts;
  await makeGroup(cluster.host(1));
});
afterAll(() => cluster?.down());

const scale = (via: RealHost, app: string, replicas: number): Promise<AppOperation> =>
  via
    .api<AppOperation>('PATCH', `/v1/groups/team/apps/${app}/deployments/default`, { body: { replicas } })
    .then(accepted);

/** Waits until the agents of two hosts hold a connection with each other, or none. */
const connected = (from: RealHost, to: RealHost, isWanted: boolean) =>
  waitFor(`${from.name} and ${to.name} to be ${isWanted ? '' : 'dis'}connected`, async () => {
    const sockets = await from.exec('ss', '--tcp', '--no-header', '--numeric', 'state', 'established', 'dst', to.ip);
    return (sockets.trim() !== '') === isWanted;
  });

/** Keys of the losers of conflicts over a record, from the disk of a host whose agent is down meanwhile. */
async function historyOn(host: RealHost, key: string): Promise<readonly string[]> {
  await cluster.script('kill', host.name, 'agent');
  // Threads of a killed process may hold its files a moment longer than the process is there.
  const path = join(dataDirOf(cluster, host), 'store');
  const store = await waitFor(`the store of ${host.name} to be free`, () => LevelStore.open(path), 10_000);
  const found: string[] = [];
  for await (const [entry] of store.entries(`catalog/history/${key}/`)) found.push(entry);
  await store.close();
  await cluster.script('start', host.name, 'agent');
  return found;
}

describe('a network in two parts', () => {
  it('serves both sides, and is one mesh again afterwards in which nothing is lost or there twice', async () => {
    const minority = all.slice(0, 2);
    const majority = all.slice(2);
    const [left, right] = [cluster.host(1), cluster.host(3)];
    await deployed(left, 'team/web', { replicas: 5 });
    const before = await whole(all, 'web', 5);
    expect(new Set(before.map(({ host }) => host)).size).toBe(5);
    const since = await lastEventId(left);

    for (const a of minority) for (const b of majority) await cluster.script('cut', a.name, b.name);
    const cutMs = performance.now();
    const replaced = whole(majority, 'web', 5).then(() =>
      report('replaced by the larger side', performance.now() - cutMs),
    );
    await Promise.all([
      deployed(left, 'team/left', { replicas: 2 }).then(() =>
        report('deployed by the smaller side', performance.now() - cutMs),
      ),
      deployed(right, 'team/right', { replicas: 3 }).then(() =>
        report('deployed by the larger side', performance.now() - cutMs),
      ),
      replaced,
    ]);
    const own = before.filter(({ host }) => minority.some(({ name }) => name === host));
    expect(await replicasOn(minority, 'web')).toEqual(own);

    await ended(right, await scale(right, 'web', 6));
    const later = await scale(left, 'web', 4);
    await cluster.script('heal');
    const healedMs = performance.now();
    await Promise.all(all.map((host) => allSee(all, host.name, 'alive')));
    report('all alive for all after the cut', performance.now() - healedMs);
    await oneView(all);
    report('one view after the cut', performance.now() - healedMs);

    await Promise.all(all.map((host) => ended(host, later)));
    await whole(all, 'web', 4);
    await whole(all, 'left', 2);
    await whole(all, 'right', 3);
    report('each replica once after the cut', performance.now() - healedMs);
    await oneView(all);
    for (const host of all) {
      const apps = await itemsOf<App>(host, '/v1/apps');
      expect(apps.map(({ name, deployments }) => [name, deployments[0]?.replicas])).toEqual([
        ['left', 2],
        ['right', 3],
        ['web', 4],
      ]);
      await waitFor(`${host.name} to see no operation run`, async () =>
        (await itemsOf<AppOperation>(host, '/v1/operations')).every(({ state }) => state !== 'running'),
      );
      await event(
        host,
        'the conflict',
        ({ id, kind, message }) => id > since && kind === 'catalog.conflict' && message.startsWith('apps/team/web '),
      );
    }
    // A killed agent may not have written yet what it merged last; it hears of it again from the others.
    await waitFor(
      'the change that lost on the disk of h5',
      async () => (await historyOn(cluster.host(5), 'apps/team/web')).length > 0,
    );
    await allSee(all, 'h5', 'alive');
  });
});

describe('two hosts that cannot reach each other', () => {
  it('are alive for everybody, because others reach both', async () => {
    const [a, b] = [cluster.host(1), cluster.host(2)];
    const since = await lastEventId(a);
    await cluster.script('cut', a.name, b.name);
    await connected(a, b, false);
    await deployed(a, 'team/pair', { replicas: 10 });
    await ended(b, await scale(b, 'pair', 5));
    await ended(a, await scale(a, 'pair', 10));
    await whole(all, 'pair', 10);
    for (const host of all) expect(Object.values(await statuses(host))).not.toContain('dead');
    await cluster.script('heal', a.name, b.name);
    await connected(a, b, true);
    await oneView(all);
    expect((await eventsAfter(a, since)).filter(({ kind }) => kind === 'host.dead')).toEqual([]);
  });
});

describe('a network that loses a quarter of its packets', () => {
  it('still deploys, and nobody stays dead who is not', async () => {
    const since = await lastEventId(cluster.host(1));
    // A packet passes two cables: 1 - 0.87 ** 2 is a quarter.
    for (const { name } of all) await cluster.script('loss', name, '13');
    const endMs = performance.now() + 20_000;
    let deploys = 0;
    for (; performance.now() < endMs; deploys++) {
      const via = cluster.host((deploys % 5) + 1);
      await deployed(via, `team/lossy-${deploys}`, { replicas: 3 });
    }
    for (const { name } of all) await cluster.script('loss', name, '0');
    const startMs = performance.now();
    await Promise.all(all.map((host) => allSee(all, host.name, 'alive')));
    await oneView(all);
    report('one view after the loss', performance.now() - startMs);
    for (let n = 0; n < deploys; n++) await whole(all, `lossy-${n}`, 3);
    await oneView(all);
    const wronged = (await eventsAfter(cluster.host(1), since)).filter(({ kind }) => kind === 'host.dead');
    console.info(`measured: ${deploys} deploys under loss, ${wronged.length} times somebody was declared dead`);
  });
});
