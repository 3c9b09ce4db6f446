import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Event } from '../../protocol/schemas/model.ts';
import type { AppOperation } from '../../protocol/schemas/operation.ts';
import { accepted, askDeploy, deployed, ended, itemsOf, succeeded } from '../../test/framework/deploys.ts';
import { RealCluster } from '../../test/framework/real-cluster.ts';
import { waitFor } from '../../test/framework/wait.ts';
import { whole } from './lib/agent-process.ts';
import { lagOf } from './lib/event-loop.ts';
import { isQuick, spread, table, writeResults } from './lib/results.ts';

/**
 * False alarms: hosts whose processors have nothing left, with apps that come and go, for an hour. Nobody is hurt, so every
 * host that is taken for dead and every container that is replaced is an alarm too many.
 */
const HOSTS = 5;
const MINUTES = Number(process.env.BENCH_MINUTES ?? (isQuick ? 2 : 60));
/** Of this machine's processors, by containers that do nothing but turn. Agents compete for them as everything else does. */
const LOAD = Number(process.env.BENCH_LOAD ?? 1);
const WAVE_REPLICAS = 10;
const BETWEEN_WAVES_MS = 30_000;

const cluster = await RealCluster.up({ purpose: 'f', hosts: HOSTS, memory: '4g', cpu: '8' });
try {
  const [one] = cluster.hosts;
  if (one === undefined) throw new Error('there is no host');
  await whole(cluster.hosts);
  await one.api('PUT', '/v1/groups/bench', { body: {} });
  const command = ['sh', '-c', 'while :; do :; done'];
  const cpuMilli = Math.round((LOAD * cpus().length * 1_000) / HOSTS);
  await deployed(one, 'bench/busy', { replicas: HOSTS, spec: { command, cpuMilli } });
  for (const host of cluster.hosts) await lagOf(host);
  const changesOfBusy = async () =>
    (await itemsOf<Event>(one, '/v1/events?kind=container.*&app=busy&group=bench')).length;
  const before = await waitFor('the starts to be told', async () => {
    const changes = await changesOfBusy();
    return changes >= HOSTS && changes;
  });
  const endMs = performance.now() + MINUTES * 60_000;
  const lags: number[] = [];
  let waves = 0;
  while (performance.now() < endMs) {
    const via = cluster.hosts[waves % HOSTS] ?? one;
    succeeded(await ended(via, accepted(await askDeploy(via, 'bench/wave', { replicas: WAVE_REPLICAS })), 300_000));
    const removed = await via.api<AppOperation>('DELETE', '/v1/groups/bench/apps/wave');
    await ended(via, removed.body, 300_000);
    waves += 1;
    lags.push(...(await Promise.all(cluster.hosts.map(async (host) => (await lagOf(host)).p99))));
    await delay(BETWEEN_WAVES_MS);
  }
  const hostEvents = await itemsOf<Event>(one, '/v1/events?kind=host.*');
  const result = {
    hosts: HOSTS,
    minutes: MINUTES,
    load: LOAD,
    waves,
    takenForDead: hostEvents.filter(({ kind }) => kind === 'host.dead').length,
    busyContainersChanged: (await changesOfBusy()) - before,
    eventLoopLagP99Ms: spread(lags, 1),
  };
  writeResults('alarms', result);
  const { eventLoopLagP99Ms: lag, ...counts } = result;
  table('false alarms', { 'an hour of busy hosts': { ...counts, lagP99Ms: lag.p50, lagMaxMs: lag.max } });
} finally {
  await cluster.down();
}
