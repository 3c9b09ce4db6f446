import { RealCluster } from '../../test/framework/real-cluster.ts';
import { type Contender, killOne } from './lib/contender.ts';
import { Floor } from './lib/floor.ts';
import { median, quiet, round, runs, table, writeResults } from './lib/results.ts';
import { Shoal } from './lib/shoal.ts';
import { EngineWatch } from './lib/started.ts';
import { Swarm } from './lib/swarm.ts';

/**
 * The same 10-replica deploy on the same 5 engines, contenders taking turns: Shoal, Docker Swarm, and the floor (create
 * and start through the engines' own API, all at once). Times are taken from the engines' events.
 */
const RUNS = runs(5);
const HOSTS = 5;
const REPLICAS = 10;

/** Takes down a value, in milliseconds. */
type Note = (what: string, value: number) => void;

/** One turn: deploy, scale to twice as many, kill one, remove. */
async function turn(contender: Contender, watch: EngineWatch, name: string, note: Note): Promise<void> {
  const step = async (what: string, act: () => Promise<void>, count: number) => {
    await quiet();
    const startMs = performance.now();
    // A container counts from the moment its engine says so, also while the contender's answer is on its way.
    const [doneMs] = await Promise.all([watch.until(name, count), act()]);
    note(`${what}Ms`, doneMs - startMs);
    if (count === 0) return contender.gone(name);
    for (const [extra, value] of Object.entries(await contender.settled(name)))
      note(`${what}${extra.charAt(0).toUpperCase()}${extra.slice(1)}`, value);
  };
  await step('deploy', () => contender.deploy(name, REPLICAS), REPLICAS);
  await step('scale', () => contender.scale(name, 2 * REPLICAS), 2 * REPLICAS);
  if (contender.heals) {
    await quiet();
    const [endedMs] = await Promise.all([watch.nextEnd(name), killOne(cluster.hosts, name)]);
    note('killedMs', (await watch.until(name, 2 * REPLICAS)) - endedMs);
    await contender.settled(name);
  }
  await step('remove', () => contender.remove(name), 0);
}

/** What was measured of each contender, as plain objects. */
function mapped<T>(all: ReadonlyMap<string, ReadonlyMap<string, number[]>>, change: (values: number[]) => T) {
  const entries = [...all].map(([name, times]) => {
    return [name, Object.fromEntries([...times].map(([what, values]) => [what, change(values)]))] as const;
  });
  return Object.fromEntries(entries);
}

const cluster = await RealCluster.up({ purpose: 'b', hosts: HOSTS, memory: '4g', cpu: '8' });
try {
  const watch = await EngineWatch.open(cluster);
  const contenders: readonly Contender[] = [new Shoal(cluster), new Swarm(cluster), new Floor(cluster)];
  for (const contender of contenders) {
    await contender.prepare();
    await contender.rest();
  }
  const all = new Map(contenders.map(({ name }) => [name, new Map<string, number[]>()]));
  // The first round warms caches and is not counted.
  for (let run = 0; run <= RUNS; run++) {
    for (const contender of contenders) {
      await contender.wake();
      const times = all.get(contender.name);
      await turn(contender, watch, `b${contender.name.slice(0, 2)}${run}x`, (what, value) => {
        if (run > 0) times?.set(what, [...(times.get(what) ?? []), round(value)]);
      });
      await contender.rest();
      console.error(`round ${run} of ${RUNS}: ${contender.name}`, times?.get('deployMs')?.at(-1) ?? 'warms up');
    }
  }
  watch.close();
  const medians = mapped(all, (values) => round(median(values)));
  const ratio = (what: string, to: string) =>
    round((medians.shoal?.[what] ?? Number.NaN) / (medians[to]?.[what] ?? Number.NaN), 2);
  const ratios = {
    deployOverFloor: ratio('deployMs', 'floor'),
    deployOverSwarm: ratio('deployMs', 'swarm'),
    scaleOverFloor: ratio('scaleMs', 'floor'),
    scaleOverSwarm: ratio('scaleMs', 'swarm'),
    killedOverSwarm: ratio('killedMs', 'swarm'),
    removeOverSwarm: ratio('removeMs', 'swarm'),
  };
  writeResults('deploy', {
    hosts: HOSTS,
    replicas: REPLICAS,
    runs: RUNS,
    ratios,
    medians,
    all: mapped(all, (values) => values),
  });
  table('median of runs, ms', medians);
} finally {
  await cluster.down();
}
