import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RealCluster } from '../../test/framework/real-cluster.ts';
import type { RealHost } from '../../test/framework/real-host.ts';
import { RegistryClient } from '../../test/framework/registry-client.ts';
import { Upstream } from '../../test/framework/upstream.ts';
import { waitFor } from '../../test/framework/wait.ts';
import { agentPid, memoryOf, whole } from './lib/agent-process.ts';
import { Churn } from './lib/images/churn.ts';
import { bytesIn, wrongBlobs } from './lib/images/stored-blobs.ts';
import { isQuick, median, round, spread, table, writeResults } from './lib/results.ts';

/**
 * Pushes, pulls, deletes and garbage collection for a long time: memory and disk have to stay where they were after the
 * beginning, and every blob on the disks has to be what its name says.
 */
const HOSTS = 3;
const MINUTES = Number(process.env.BENCH_MINUTES ?? (isQuick ? 2 : 30));
const SAMPLE_EVERY_MS = isQuick ? 5_000 : 20_000;
const COLLECT_EVERY_MS = 20_000;
const GRACE_MS = 10_000;
const FAILED_MAX = 100;
/** What is deleted stays up to a minute and a half; at this pace that is half of the quota. The cache fills the rest. */
const TURN_MS = 2_000;
const QUOTA = '512m';
const MiB = 1024 ** 2;

interface Sample {
  readonly atS: number;
  readonly rssMiB: readonly number[];
  readonly diskMiB: readonly number[];
}

/** A round that did not do what it should. */
interface Failed {
  readonly atS: number;
  readonly message: string;
}

/** Waits for the end of an operation on images that all hosts take part in. */
async function operate(host: RealHost, path: string, body: object): Promise<Record<string, unknown>> {
  const begun = await host.api<{ id: string }>('POST', path, { body });
  if (begun.status !== 202) throw new Error(`${path} is answered ${begun.status} ${JSON.stringify(begun.body)}`);
  const ended = await waitFor(
    `${path} to end`,
    async () => {
      const { body: operation } = await host.api('GET', `/v1/operations/${begun.body.id}`);
      return operation.state !== 'running' && operation;
    },
    120_000,
  );
  if (ended.state !== 'succeeded') throw new Error(`${path} ${ended.state}: ${JSON.stringify(ended.problem)}`);
  return ended;
}

const collect = (host: RealHost, graceMs: number) => operate(host, '/v1/images/collect', { graceMs });

/** Where an agent keeps its blobs: beside the sockets of its host that `scripts/cluster` makes. */
const storeOf = (cluster: RealCluster, host: RealHost): string =>
  join(process.env.SHOAL_CLUSTER_DATA ?? '/var/tmp/shoal-cluster', cluster.name, host.name, 'agent/images');

/** The middle of the first and of the last quarter of the samples, the very first left out: it is before the load. */
function drift(samples: readonly Sample[], valuesOf: (sample: Sample) => readonly number[]) {
  const values = samples.slice(1).map((sample) => Math.max(...valuesOf(sample)));
  const quarter = Math.max(1, Math.floor(values.length / 4));
  return {
    firstQuarter: round(median(values.slice(0, quarter)), 1),
    lastQuarter: round(median(values.slice(-quarter)), 1),
    max: round(Math.max(...values), 1),
  };
}

async function soak(
  cluster: RealCluster,
  churn: Churn,
): Promise<{ samples: readonly Sample[]; failed: readonly Failed[] }> {
  const startMs = performance.now();
  const samples: Sample[] = [];
  const failed: Failed[] = [];
  let sampledMs = Number.NEGATIVE_INFINITY;
  let collectedMs = startMs;
  for (let nowMs = startMs; nowMs - startMs < MINUTES * 60_000; nowMs = performance.now()) {
    if (nowMs - sampledMs >= SAMPLE_EVERY_MS) {
      sampledMs = nowMs;
      const disks = await Promise.all(cluster.hosts.map((host) => bytesIn(storeOf(cluster, host))));
      samples.push({
        atS: round((nowMs - startMs) / 1_000),
        rssMiB: cluster.hosts.map((host) => round(memoryOf(agentPid(host)).rssBytes / MiB, 1)),
        diskMiB: disks.map((bytes) => round(bytes / MiB, 1)),
      });
      console.error('soak', JSON.stringify(samples.at(-1)), JSON.stringify(churn.done));
    }
    if (nowMs - collectedMs >= COLLECT_EVERY_MS) {
      collectedMs = nowMs;
      await collect(cluster.host(1), GRACE_MS);
    }
    const turn = churn.turn().catch((error: unknown) => {
      failed.push({ atS: round((nowMs - startMs) / 1_000), message: String(error) });
      console.error(failed.at(-1));
      if (failed.length >= FAILED_MAX) throw error;
    });
    await Promise.all([turn, delay(TURN_MS)]);
  }
  return { samples, failed };
}

process.env.SHOAL_IMAGES_QUOTA = QUOTA;
const cluster = await RealCluster.up({ purpose: 's', hosts: HOSTS });
try {
  await using upstream = await Upstream.start(cluster);
  await whole(cluster.hosts);
  await upstream.introduceTo(cluster.host(1));
  const nodes = await Promise.all(cluster.hosts.map(async (host) => new RegistryClient(await host.tunnel(5000))));
  const churn = new Churn(nodes, upstream);
  const { samples, failed } = await soak(cluster, churn);
  await collect(cluster.host(1), 0);
  const verified = await operate(cluster.host(1), '/v1/images/verify', {});
  const stores = await Promise.all(cluster.hosts.map((host) => wrongBlobs(storeOf(cluster, host))));
  const wrong = stores.flatMap((store) => store.wrong);
  const results = {
    rssMiB: drift(samples, ({ rssMiB }) => rssMiB),
    diskMiB: drift(samples, ({ diskMiB }) => diskMiB),
  };
  const { push, pull, fromUpstream } = churn.times;
  const times = { push: spread(push), pull: spread(pull), fromUpstream: spread(fromUpstream) };
  const blobs = stores.map((store) => store.blobs);
  writeResults('images-soak', {
    ...{ hosts: HOSTS, minutes: MINUTES, quota: QUOTA, done: churn.done, failed, times, ...results },
    ...{ atEnd: { blobs, wrong, verified }, samples },
  });
  table('the worst host, MiB', results);
  table('ms', times);
  table('at the end', {
    failed: { count: failed.length },
    blobs: { count: blobs.reduce((sum, count) => sum + count, 0), wrong: wrong.length },
  });
} finally {
  await cluster.down();
}
