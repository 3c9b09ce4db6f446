import { imageBytes, imageOf, randomLayer } from '../../test/framework/random-image.ts';
import { RealCluster } from '../../test/framework/real-cluster.ts';
import { blobTraffic, Upstream } from '../../test/framework/upstream.ts';
import { agentPid, cable, whole } from './lib/agent-process.ts';
import { boundsOf } from './lib/images/bounds.ts';
import { peakRss } from './lib/images/peak.ts';
import { readImage } from './lib/images/reader.ts';
import { idleShare, isQuick, median, percentile, quiet, round, runs, table, writeResults } from './lib/results.ts';

/** One image onto many hosts at once: agents without engines, read by a client that hashes; every cable limited. */
const RUNS = runs(3);
const HOSTS = Number(process.env.BENCH_HOSTS ?? (isQuick ? 10 : 30));
const MBIT = Number(process.env.BENCH_MBIT ?? 10);
const LAYER_BYTES = isQuick ? 8_000_000 : 24_000_000;
const AT_ONCE = 5;
const TARGETS = { overBound: 1.45, originCopies: 1.02 };
const MiB = 1024 ** 2;

async function measure(cluster: RealCluster, upstream: Upstream, run: number) {
  const image = imageOf([randomLayer(`crowd-${run}`, LAYER_BYTES)]);
  const sizeBytes = imageBytes(image);
  const repository = `crowd/r${run}`;
  await upstream.client.push(repository, '1', image);
  const pids = cluster.hosts.map(agentPid);
  await quiet();
  const known = (await upstream.requests()).length;
  const before = pids.map(cable);
  const idle = idleShare();
  const reads = Promise.all(pids.map((pid) => readImage(pid, `${upstream.host}/${repository}`, '1')));
  const { result, bytes: rssBytes } = await peakRss(pids, reads);
  const idlePercent = round(idle() * 100);
  const after = pids.map(cable);
  const sent = after.map(({ sentBytes }, index) => sentBytes - (before[index]?.sentBytes ?? 0));
  const received = after.map(({ receivedBytes }, index) => receivedBytes - (before[index]?.receivedBytes ?? 0));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const traffic = [...blobTraffic((await upstream.requests()).slice(known)).values()];
  const links = { originMbit: MBIT, hostMbit: cluster.hosts.map(() => MBIT) };
  const { fluidMs } = boundsOf(sizeBytes, links);
  const times = result.map(({ ms }) => ms);
  return {
    lastMs: round(Math.max(...times)),
    p50Ms: round(percentile(times, 0.5)),
    p95Ms: round(percentile(times, 0.95)),
    firstMs: round(Math.min(...times)),
    boundMs: round(fluidMs),
    overBound: round(Math.max(...times) / fluidMs, 3),
    originCopies: round(sum(traffic.map(({ bytes }) => bytes)) / sizeBytes, 3),
    originGetsOfOne: Math.max(0, ...traffic.map(({ gets }) => gets)),
    receivedCopies: round(sum(received) / (HOSTS * sizeBytes), 3),
    uploadMaxOverMean: round((Math.max(...sent) * HOSTS) / sum(sent), 2),
    rssMiBMax: round(Math.max(...rssBytes) / MiB),
    idlePercent,
  };
}

const cluster = await RealCluster.up({ purpose: 'w', hosts: HOSTS, engines: false, atOnce: AT_ONCE });
try {
  await using upstream = await Upstream.start(cluster);
  await whole(cluster.hosts);
  await upstream.introduceTo(cluster.host(1));
  for (const { name } of [...cluster.hosts, upstream.machine]) await cluster.script('limit', name, `${MBIT}mbit`);
  const all: Awaited<ReturnType<typeof measure>>[] = [];
  for (let run = 0; run < RUNS; run++) {
    all.push(await measure(cluster, upstream, run));
    console.error(`run ${run + 1} of ${RUNS}: ${all.at(-1)?.lastMs} ms, ${all.at(-1)?.overBound} x the bound`);
  }
  const middle = {
    lastMs: median(all.map(({ lastMs }) => lastMs)),
    p50Ms: median(all.map(({ p50Ms }) => p50Ms)),
    overBound: round(median(all.map(({ overBound }) => overBound)), 3),
    originCopies: median(all.map(({ originCopies }) => originCopies)),
    receivedCopies: median(all.map(({ receivedCopies }) => receivedCopies)),
  };
  const size = { hosts: HOSTS, mbit: MBIT, layerBytes: LAYER_BYTES };
  writeResults('images-crowd', { runs: RUNS, ...size, targets: TARGETS, medians: middle, all });
  table(`${HOSTS} agents, ${MBIT} Mbit/s`, { [`median of ${RUNS}`]: middle, target: TARGETS });
} finally {
  await cluster.down();
}
