import { RealCluster } from '../../test/framework/real-cluster.ts';
import { waitFor } from '../../test/framework/wait.ts';
import { type Contender, Floor, ShoalContender, Swarm } from './lib/contenders.ts';
import { median, quiet, round, writeResults } from './lib/results.ts';
import { EngineWatch } from './lib/started.ts';

/**
 * The same 10-replica deploy on the same 5 engines, contenders taking turns in one run: Shoal, Docker Swarm, and the
 * floor (create and start through the engines' own API, all at once). Times are taken from the engines' events.
 */
const RUNS = Number(process.env.BENCH_RUNS ?? 5);
const HOSTS = 5;
const REPLICAS = 10;

type Times = Record<'deploy' | 'scale' | 'killed' | 'remove', number[]>;

async function measure(contender: Contender, watch: EngineWatch, times: Times, run: number): Promise<void> {
  const name = `b${contender.name.slice(0, 2)}${run}x`;
  await quiet();
  times.deploy.push(
    await timed(
      () => contender.deploy(name, REPLICAS),
      () => watch.until(name, REPLICAS),
    ),
  );
  await contender.settled(name);
  await quiet();
  times.scale.push(
    await timed(
      () => contender.scale(name, REPLICAS * 2),
      () => watch.until(name, REPLICAS * 2),
    ),
  );
  await contender.settled(name);
  if (contender.heals) {
    await quiet();
    times.killed.push(
      await timed(
        async () => {
          await contender.killOne(name);
          await waitFor('the container to be dead', () => watch.running(name) < REPLICAS * 2 || undefined, 5_000).catch(
            () => undefined,
          );
        },
        () => watch.until(name, REPLICAS * 2),
      ),
    );
    await contender.settled(name);
  }
  await quiet();
  times.remove.push(
    await timed(
      () => contender.remove(name),
      () => watch.until(name, 0),
    ),
  );
  await contender.gone(name);
}

/** Milliseconds from the start of `act` until `done` says that it has its effect. */
async function timed(act: () => Promise<void>, done: () => Promise<number>): Promise<number> {
  const startMs = performance.now();
  await act();
  return (await done()) - startMs;
}

const cluster = await RealCluster.up({ purpose: 'b', hosts: HOSTS, memory: '4g', cpu: '8' });
try {
  const watch = await EngineWatch.open(cluster);
  const contenders: Contender[] = [new ShoalContender(cluster), new Swarm(cluster), new Floor(cluster)];
  for (const contender of contenders) await contender.prepare();
  const all = new Map(contenders.map((c) => [c.name, { deploy: [], scale: [], killed: [], remove: [] } as Times]));
  for (let run = 0; run <= RUNS; run++) {
    for (const contender of contenders) {
      // The first round warms caches and is not counted.
      const times = run === 0 ? { deploy: [], scale: [], killed: [], remove: [] } : all.get(contender.name);
      if (times !== undefined) await measure(contender, watch, times, run);
      console.error(run, contender.name, times?.deploy.at(-1));
    }
  }
  watch.close();
  const medians = Object.fromEntries(
    [...all].map(([name, times]) => [
      name,
      Object.fromEntries(
        Object.entries(times).map(([what, values]) => [
          `${what}Ms`,
          values.length === 0 ? null : round(median(values)),
        ]),
      ),
    ]),
  );
  const deployOf = (name: string) => median(all.get(name)?.deploy ?? []);
  writeResults('deploy', {
    hosts: HOSTS,
    replicas: REPLICAS,
    runs: RUNS,
    medians,
    shoalOverFloor: round(deployOf('shoal') / deployOf('floor'), 2),
    shoalOverSwarm: round(deployOf('shoal') / deployOf('swarm'), 2),
    all: Object.fromEntries(all),
  });
} finally {
  await cluster.down();
}
