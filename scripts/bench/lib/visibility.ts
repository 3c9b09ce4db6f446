import { setTimeout as delay } from 'node:timers/promises';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { RealCluster } from '../../../test/framework/real-cluster.ts';
import type { RealHost } from '../../../test/framework/real-host.ts';
import { COMMAND, IMAGE } from './contender.ts';
import { everywhere, Observer } from './observer.ts';
import { quiet, spread } from './results.ts';
import { EngineWatch } from './started.ts';

/** Changes come apart, as they do when people make them; those of one engine by more than agents wait between two lists. */
const APART_MS = 400;
const PERIODS = 50;

/**
 * How long a change takes until every node's API shows it. `engineMs`: a container that is not ours starts or ends at one
 * host's engine, from the engine's own event on. `catalogMs`: a group is made through one node, from the answer on.
 */
export async function measureVisibility(cluster: RealCluster, changes: number) {
  const observers = await Observer.all(cluster.hosts);
  const watch = await EngineWatch.open(cluster);
  try {
    await quiet();
    const periods = await Promise.all(observers.map((observer) => observer.period('/v1/hosts', PERIODS)));
    const engineMs = await engineChanges(cluster, observers, watch, changes);
    const catalogMs = await catalogChanges(cluster, observers, changes);
    return { pollEveryMs: spread(periods.flat(), 1), engineMs: spread(engineMs), catalogMs: spread(catalogMs) };
  } finally {
    watch.close();
    for (const observer of observers) observer.close();
  }
}

/** Each host in turn: its container is started in one round and killed in the next. */
async function engineChanges(
  { hosts }: RealCluster,
  observers: readonly Observer[],
  watch: EngineWatch,
  changes: number,
): Promise<number[]> {
  const made = await Promise.all(
    hosts.map(async ({ docker, name: host }) => {
      const name = `stranger-${host}`;
      return {
        name,
        container: await docker.createContainer({ name, Image: IMAGE, Cmd: COMMAND, HostConfig: { Init: true } }),
      };
    }),
  );
  const times: number[] = [];
  for (let change = 0; change < changes; change++) {
    await delay(APART_MS);
    const { name, container } = made[change % made.length] ?? {};
    if (name === undefined || container === undefined) break;
    const isStart = Math.floor(change / made.length) % 2 === 0;
    const happened = isStart ? watch.until(name, 1) : watch.nextEnd(name);
    const seen = everywhere(observers, '/v1/hosts', ({ text }) =>
      (JSON.parse(text) as { items: Host[] }).items.some(({ unmanaged }) =>
        unmanaged.some((c) => c.name === name && c.running === isStart),
      ),
    );
    await (isStart ? container.start() : container.kill());
    times.push((await seen) - (await happened));
  }
  await Promise.all(made.map(({ container }) => container.remove({ force: true })));
  return times;
}

async function catalogChanges(
  { hosts }: RealCluster,
  observers: readonly Observer[],
  changes: number,
): Promise<number[]> {
  const times: number[] = [];
  for (let change = 0; change < changes; change++) {
    await delay(APART_MS);
    times.push(await writeSeenMs(hosts[change % hosts.length], observers, `seen${change}`));
  }
  return times;
}

/** A group is made through one node; from the answer to that until every node shows it. Milliseconds. */
export async function writeSeenMs(
  writer: RealHost | undefined,
  observers: readonly Observer[],
  group: string,
): Promise<number> {
  const path = `/v1/groups/${group}`;
  const seen = everywhere(observers, path, ({ status }) => status === 200);
  const answer = await writer?.api('PUT', path, { body: {} });
  const answeredMs = performance.now();
  if (answer?.status !== 201) throw new Error(`PUT ${path} is answered ${answer?.status}`);
  // Shown everywhere before the answer had come back: nobody waited for it.
  return Math.max(0, (await seen) - answeredMs);
}
