import type { AppOperation } from '../../protocol/schemas/operation.ts';
import { RealCluster } from '../../test/framework/real-cluster.ts';
import type { RealHost } from '../../test/framework/real-host.ts';
import { waitFor } from '../../test/framework/wait.ts';
import { run as simulate } from './auction-sim.ts';
import { COMMAND, IMAGE } from './lib/contender.ts';
import { isQuick, quiet, round, spread, table, writeResults } from './lib/results.ts';

/**
 * Placement by bids: 5 real agents, asked for one replica at a time and for many apps at once through all nodes; and the
 * same cores on 100 simulated hosts. A decision is taken when its last award was answered.
 */
const HOSTS = 5;
const DEPLOYS = isQuick ? 10 : 60;
const MEMORY_BYTES = 16 * 1024 * 1024;

async function deploy(host: RealHost, app: string): Promise<string> {
  const spec = { image: IMAGE, command: COMMAND, memoryBytes: MEMORY_BYTES };
  const path = `/v1/groups/bench/apps/${app}/deployments`;
  const answer = await host.api<AppOperation>('POST', path, { body: { spec, replicas: 1 } });
  if (answer.status !== 202) throw new Error(`${path} is answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

const ended = (host: RealHost, id: string): Promise<AppOperation> =>
  waitFor(`operation ${id} to end`, async () => {
    const { body } = await host.api<AppOperation>('GET', `/v1/operations/${id}`);
    return body.state !== 'running' && body;
  });

const decidedAtMs = (operation: AppOperation): number => {
  if (operation.state !== 'succeeded') throw new Error(`${operation.app} ${operation.state}`);
  return Date.parse(operation.decisions.at(-1)?.at ?? '');
};

/** From the operation's creation to its decision. */
const decisionMs = (operation: AppOperation): number => decidedAtMs(operation) - Date.parse(operation.createdAt);

const nodeOf = (cluster: RealCluster, index: number): RealHost => cluster.host((index % HOSTS) + 1);

/** One after the other, each at rest: the bare time to a decision. */
async function oneByOne(cluster: RealCluster): Promise<AppOperation[]> {
  const operations: AppOperation[] = [];
  for (let index = 0; index < DEPLOYS; index++) {
    const host = nodeOf(cluster, index);
    operations.push(await ended(host, await deploy(host, `single${index}`)));
  }
  return operations;
}

/** All at once through all nodes, while the engines start what was decided. */
async function together(cluster: RealCluster): Promise<AppOperation[]> {
  await quiet();
  const ids = await Promise.all(
    Array.from({ length: DEPLOYS }, (_, index) => deploy(nodeOf(cluster, index), `burst${index}`)),
  );
  return Promise.all(ids.map((id, index) => ended(nodeOf(cluster, index), id)));
}

async function measureReal() {
  const cluster = await RealCluster.up({ purpose: 'q', hosts: HOSTS, memory: '8g', cpu: '8' });
  try {
    const made = await cluster.host(1).api('PUT', '/v1/groups/bench', { body: {} });
    if (made.status !== 201) throw new Error(`the group is answered ${made.status}`);
    await quiet();
    const single = await oneByOne(cluster);
    const burst = await together(cluster);
    const firstMs = Math.min(...burst.map(({ createdAt }) => Date.parse(createdAt)));
    const lastMs = Math.max(...burst.map(decidedAtMs));
    return {
      hosts: HOSTS,
      deploys: DEPLOYS,
      singleDecisionMs: spread(single.map(decisionMs)),
      burstDecisionMs: spread(burst.map(decisionMs)),
      burstAuctionsPerSecond: round((DEPLOYS / (lastMs - firstMs)) * 1_000, 1),
    };
  } finally {
    await cluster.down();
  }
}

const real = await measureReal();
const simulated = simulate();
writeResults('auction', { real, simulated });
table('decision, ms', {
  '5 hosts, one by one': real.singleDecisionMs,
  [`5 hosts, ${DEPLOYS} at once`]: real.burstDecisionMs,
  '100 simulated hosts': simulated.decisionMs,
});
table('auctions per second', {
  '5 hosts, all on this machine': { rate: real.burstAuctionsPerSecond },
  '100 simulated hosts, one core': { rate: simulated.auctionsPerSecond },
});
