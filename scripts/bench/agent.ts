import { setTimeout as delay } from 'node:timers/promises';
import { RealCluster } from '../../test/framework/real-cluster.ts';
import type { RealHost } from '../../test/framework/real-host.ts';
import { agentPid, startedAtMs, whole } from './lib/agent-process.ts';
import { lagOf } from './lib/event-loop.ts';
import { measureIdle } from './lib/idle.ts';
import { Observer } from './lib/observer.ts';
import { isQuick, median, quiet, round, runs, table, writeResults } from './lib/results.ts';
import { Shoal } from './lib/shoal.ts';

/**
 * One agent at rest, in a mesh of 5 hosts that run 10 containers: memory, CPU, event-loop lag, and how long it takes to be
 * there after a restart.
 */
const HOSTS = 5;
const CONTAINERS = 10;
const STARTS = runs(5);
const IDLE_SECONDS = isQuick ? 15 : 60;
const POLL_MS = 10;

/** From the start of the process, bin/shoal included, until it answers 200. Milliseconds. */
async function measureStart(cluster: RealCluster, host: RealHost): Promise<{ livezMs: number; readyzMs: number }> {
  const stopped = agentPid(host);
  process.kill(stopped, 'SIGTERM');
  while (isThere(stopped)) await delay(POLL_MS);
  await quiet();
  const observer = await Observer.of(host);
  const answers = async (path: string) => {
    while ((await observer.get(path).catch(() => undefined))?.status !== 200) await delay(POLL_MS);
    return Date.now();
  };
  const started = cluster.script('start', host.name, 'agent');
  const liveAtMs = await answers('/livez');
  const readyAtMs = await answers('/readyz');
  await started;
  observer.close();
  const startMs = startedAtMs(agentPid(host));
  return { livezMs: round(liveAtMs - startMs), readyzMs: round(readyAtMs - startMs) };
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const cluster = await RealCluster.up({ purpose: 'a', hosts: HOSTS });
try {
  const shoal = new Shoal(cluster);
  await shoal.prepare();
  await shoal.deploy('resting', CONTAINERS);
  await shoal.settled('resting');
  await whole(cluster.hosts);
  const idle = await measureIdle(cluster.hosts, IDLE_SECONDS);
  const eventLoopLagMs = await lagOf(cluster.host(2));
  const starts: Awaited<ReturnType<typeof measureStart>>[] = [];
  for (let run = 0; run < STARTS; run++) starts.push(await measureStart(cluster, cluster.host((run % HOSTS) + 1)));
  const livezMs = starts.map((start) => start.livezMs);
  const readyzMs = starts.map((start) => start.readyzMs);
  const targets = { rssMiB: 150, cpuPercent: 2 };
  writeResults('agent', {
    ...{ hosts: HOSTS, containers: CONTAINERS, targets, idle, eventLoopLagMs },
    start: { livezMs: median(livezMs), readyzMs: median(readyzMs), all: starts },
  });
  table('agent at rest', { [`median of ${HOSTS}`]: idle, target: targets });
  table('ms', { 'event-loop lag': eventLoopLagMs, start: { livez: median(livezMs), readyz: median(readyzMs) } });
} finally {
  await cluster.down();
}
