import type { Host } from '../../../protocol/schemas/host.ts';
import type { RealCluster } from '../../../test/framework/real-cluster.ts';
import type { RealHost } from '../../../test/framework/real-host.ts';
import { agentPid, whole } from './agent-process.ts';
import { Observer } from './observer.ts';
import { quiet, round } from './results.ts';

/** A host that goes, and comes back. */
export interface Loss {
  readonly name: string;
  strike(cluster: RealCluster, host: RealHost): Promise<unknown>;
  mend(cluster: RealCluster, host: RealHost): Promise<unknown>;
}

export const losses: readonly Loss[] = [
  {
    name: 'off',
    strike: (cluster, { name }) => cluster.script('off', name),
    mend: (cluster, { name }) => cluster.script('on', name),
  },
  {
    name: 'cut',
    strike: (cluster, { name }) => cluster.script('cut', name),
    mend: (cluster, { name }) => cluster.script('heal', name),
  },
  {
    name: 'kill',
    strike: async (_cluster, host) => process.kill(agentPid(host), 'SIGKILL'),
    mend: (cluster, { name }) => cluster.script('start', name, 'agent'),
  },
];

/** Until every other node's API says dead, from the command that takes the host away on. Milliseconds, one per run. */
export async function measureDetection(cluster: RealCluster, loss: Loss, runs: number): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const victim = cluster.hosts[(run + 1) % cluster.hosts.length];
    if (victim === undefined) break;
    await whole(cluster.hosts);
    const observers = await Observer.all(cluster.hosts.filter((host) => host !== victim));
    await quiet();
    const startMs = performance.now();
    const known = observers.map((observer) =>
      observer.until(`/v1/hosts/${victim.name}`, ({ text }) => (JSON.parse(text) as Host).status === 'dead'),
    );
    const [knownMs] = await Promise.all([Promise.all(known), loss.strike(cluster, victim)]);
    times.push(round(Math.max(...knownMs) - startMs));
    console.error(`${loss.name} of ${victim.name}: dead for all after ${times.at(-1)} ms`);
    for (const observer of observers) observer.close();
    await loss.mend(cluster, victim);
  }
  await whole(cluster.hosts);
  return times;
}
