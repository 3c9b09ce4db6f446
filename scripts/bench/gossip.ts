import { RealCluster } from '../../test/framework/real-cluster.ts';
import { run as simulate } from './gossip-sim.ts';
import { losses, measureDetection } from './lib/detection.ts';
import { measureIdle } from './lib/idle.ts';
import { isQuick, median, runs, table, writeResults } from './lib/results.ts';
import { measureSerf } from './lib/serf.ts';
import { measureVisibility } from './lib/visibility.ts';

/**
 * Membership and gossip: 5 real agents, Serf on 5 hosts of the same kind, and the same cores on simulated hosts. How long news
 * take to be seen everywhere, how long a lost host takes to be known, what it costs while nothing happens.
 */
const HOSTS = 5;
const CHANGES = isQuick ? 10 : 60;
const LOSSES = runs(5);
const IDLE_SECONDS = isQuick ? 10 : 30;
const SIMULATED = isQuick ? [30] : [30, 100, 1_000];

async function onCluster<T>(agents: boolean, measure: (cluster: RealCluster) => Promise<T>): Promise<T> {
  const cluster = await RealCluster.up({ purpose: 'g', hosts: HOSTS, agents });
  try {
    return await measure(cluster);
  } finally {
    await cluster.down();
  }
}

const shoal = await onCluster(true, async (cluster) => {
  const idle = await measureIdle(cluster.hosts, IDLE_SECONDS);
  const visible = await measureVisibility(cluster, CHANGES);
  const detectedMs: Record<string, number[]> = {};
  for (const loss of losses) detectedMs[loss.name] = await measureDetection(cluster, loss, LOSSES);
  return { idle, visible, detectedMs };
});
const serf = await onCluster(false, (cluster) =>
  measureSerf(cluster, { changes: CHANGES, losses: LOSSES, idleSeconds: IDLE_SECONDS }),
);
const simulated = simulate(SIMULATED);

writeResults('gossip', { hosts: HOSTS, shoal, serf, simulated });
table('5 real hosts', {
  'shoal: container event, ms': shoal.visible.engineMs,
  'shoal: catalog write, ms': shoal.visible.catalogMs,
  'shoal: polling itself, ms': shoal.visible.pollEveryMs,
  'serf: tag change, ms': serf.tagMs,
});
const ofTimes = (values: readonly number[]) => ({
  count: values.length,
  median: median(values),
  max: Math.max(...values),
});
table('lost host known, ms', {
  ...Object.fromEntries(Object.entries(shoal.detectedMs).map(([name, values]) => [`shoal: ${name}`, ofTimes(values)])),
  'serf: off': ofTimes(serf.offMs),
});
table('idle member', { shoal: shoal.idle, serf: serf.idle });
table(
  'simulated, ms',
  Object.fromEntries(
    simulated.map(({ members, calm, lossy, killedMs, cutMs }) => [
      `${members} members`,
      {
        p50: calm.visibleMs.p50,
        p99: calm.visibleMs.p99,
        lossyP99: lossy.visibleMs.p99,
        killed: median(killedMs),
        cut: median(cutMs),
      },
    ]),
  ),
);
