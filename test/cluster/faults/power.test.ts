import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployed } from '../../framework/deploys.ts';
import { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { allSee, makeGroup, oneView, replicasOn, report, whole } from './fleet.ts';

let cluster: RealCluster;
let all: readonly RealHost[];

beforeAll(async () => {
  cluster = await RealCluster.up({ purpose: 'o', hosts: 5 });
  all = cluster.hosts;
  await makeGroup(cluster.host(1));
});
afterAll(() => cluster?.down());

const others = (host: RealHost): readonly RealHost[] => all.filter((other) => other !== host);

const faults = [
  { what: 'a power cut', begin: 'off', end: 'on', victim: 2 },
  { what: 'a frozen host', begin: 'freeze', end: 'thaw', victim: 4 },
] as const;

describe.each(faults)('$what', ({ begin, end, victim: number }) => {
  it('is seen by all others, its containers are replaced, and none is there twice once it is back', async () => {
    const victim = cluster.host(number);
    const app = `web-${begin}`;
    await deployed(cluster.host(1), `team/${app}`, { replicas: 5 });
    const before = await whole(all, app, 5);
    const startMs = performance.now();
    await cluster.script(begin, victim.name);
    await allSee(others(victim), victim.name, 'dead');
    report(`${begin}: dead for all others`, performance.now() - startMs);
    await whole(others(victim), app, 5);
    report(`${begin}: replaced`, performance.now() - startMs);
    const untouched = before.filter(({ host }) => host !== victim.name);
    expect(await replicasOn(others(victim), app)).toEqual(expect.arrayContaining(untouched));

    await cluster.script(end, victim.name);
    const endMs = performance.now();
    await allSee(all, victim.name, 'alive');
    await whole(all, app, 5);
    report(`${end}: alive for all, each replica once`, performance.now() - endMs);
    await oneView(all);
    await whole(all, app, 5);
  });
});
