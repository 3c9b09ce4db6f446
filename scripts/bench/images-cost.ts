import { setTimeout as delay } from 'node:timers/promises';
import { imageOf, randomLayer } from '../../test/framework/random-image.ts';
import { RealCluster } from '../../test/framework/real-cluster.ts';
import { Upstream } from '../../test/framework/upstream.ts';
import { agentPid, cpuMs, whole } from './lib/agent-process.ts';
import { lagOf } from './lib/event-loop.ts';
import { peakRss } from './lib/images/peak.ts';
import { type Reading, readImage } from './lib/images/reader.ts';
import { Observer } from './lib/observer.ts';
import { isQuick, median, quiet, round, runs, spread, table, writeResults } from './lib/results.ts';
import { writeSeenMs } from './lib/visibility.ts';

/**
 * What moving layers costs when no cable is limited: speed and CPU between two hosts, what it does to the gossip of the
 * mesh meanwhile, and memory while many images are pulled at once.
 */
const RUNS = runs(5);
const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const LAYER_BYTES = (isQuick ? 128 : 512) * MiB;
const PULLS = 20;
const PULL_BYTES = (isQuick ? 4 : 20) * MiB;
const HOSTS = 3;
const WRITE_EVERY_MS = 50;
const TARGETS = { rssMiBMax: 300 };

/** Writes through the third host, which has no part in the transfer, seen by all while `work` is done. */
async function seenDuring(
  cluster: RealCluster,
  observers: readonly Observer[],
  name: string,
  work: Promise<unknown>,
): Promise<number[]> {
  const times: number[] = [];
  let isOver = false;
  const over = work.finally(() => {
    isOver = true;
  });
  over.catch(() => undefined); // its failure is thrown below
  for (let write = 0; !isOver; write++) {
    times.push(await writeSeenMs(cluster.host(3), observers, `${name}-${write}`));
    await delay(WRITE_EVERY_MS);
  }
  await over;
  return times;
}

/** The first host has the image; the second reads it, and is done when it has verified it and has it on its disk. */
async function transfer(cluster: RealCluster, upstream: Upstream, observers: readonly Observer[], run: number) {
  const [sender, taker] = [agentPid(cluster.host(1)), agentPid(cluster.host(2))];
  const repository = `cost/r${run}`;
  await upstream.client.push(repository, '1', imageOf([randomLayer(`cost-${run}`, LAYER_BYTES)]));
  const name = `${upstream.host}/${repository}`;
  const fetched = await readImage(sender, name, '1');
  await quiet();
  await lagOf(cluster.host(2));
  const before = [sender, taker].map(cpuMs);
  const reading: Promise<Reading> = readImage(taker, name, '1');
  const gossipMs = await seenDuring(cluster, observers, `cost${run}`, reading);
  const { bytes, ms } = await reading;
  const [sendMs = Number.NaN, takeMs = Number.NaN] = [sender, taker].map((pid, end) => cpuMs(pid) - (before[end] ?? 0));
  return {
    fromOriginMBPerS: round(fetched.bytes / fetched.ms / 1_000, 1),
    betweenHostsMBPerS: round(bytes / ms / 1_000, 1),
    sendCpuSPerGiB: round((sendMs / 1_000 / bytes) * GiB, 2),
    takeCpuSPerGiB: round((takeMs / 1_000 / bytes) * GiB, 2),
    takerLagP99Ms: (await lagOf(cluster.host(2))).p99,
    gossipMs: gossipMs.map((time) => round(time)),
  };
}

/** One host takes many images at once. */
async function manyPulls(cluster: RealCluster, upstream: Upstream) {
  const names = Array.from({ length: PULLS }, (_, index) => `many/r${index}`);
  for (const name of names) await upstream.client.push(name, '1', imageOf([randomLayer(name, PULL_BYTES)]));
  await quiet();
  const pids = cluster.hosts.map(agentPid);
  const [puller = 0] = pids;
  const pulls = Promise.all(names.map((name) => readImage(puller, `${upstream.host}/${name}`, '1')));
  const { result, bytes } = await peakRss(pids, pulls);
  return {
    pulls: PULLS,
    layerBytes: PULL_BYTES,
    lastMs: round(Math.max(...result.map(({ ms }) => ms))),
    pullerRssMiB: round((bytes[0] ?? Number.NaN) / MiB),
    rssMiBMax: round(Math.max(...bytes) / MiB),
  };
}

const cluster = await RealCluster.up({ purpose: 'z', hosts: HOSTS });
try {
  await using upstream = await Upstream.start(cluster);
  await whole(cluster.hosts);
  await upstream.introduceTo(cluster.host(1));
  const observers = await Observer.all(cluster.hosts);
  const many = await manyPulls(cluster, upstream);
  await quiet();
  const restMs = await seenDuring(cluster, observers, 'rest', delay(10_000));
  const all: Awaited<ReturnType<typeof transfer>>[] = [];
  for (let run = 0; run < RUNS; run++) {
    all.push(await transfer(cluster, upstream, observers, run));
    console.error(`run ${run + 1} of ${RUNS}: ${all.at(-1)?.betweenHostsMBPerS} MB/s`);
  }
  for (const observer of observers) observer.close();
  const middleOf = (of: (each: (typeof all)[number]) => number) => round(median(all.map(of)), 2);
  const middle = {
    fromOriginMBPerS: middleOf((each) => each.fromOriginMBPerS),
    betweenHostsMBPerS: middleOf((each) => each.betweenHostsMBPerS),
    sendCpuSPerGiB: middleOf((each) => each.sendCpuSPerGiB),
    takeCpuSPerGiB: middleOf((each) => each.takeCpuSPerGiB),
    takerLagP99Ms: middleOf((each) => each.takerLagP99Ms),
  };
  const gossipMs = { atRest: spread(restMs), duringTransfer: spread(all.flatMap((each) => each.gossipMs)) };
  writeResults('images-cost', {
    ...{ hosts: HOSTS, layerBytes: LAYER_BYTES, runs: RUNS, targets: TARGETS },
    ...{ medians: middle, gossipMs, manyPulls: many, all },
  });
  table('between two hosts', { [`median of ${RUNS}`]: middle });
  table('a write is seen by all, ms', gossipMs);
  table(`${PULLS} pulls at once`, { measured: many, target: TARGETS });
} finally {
  await cluster.down();
}
