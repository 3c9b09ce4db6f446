import { MemoryMesh } from '../../test/framework/memory-mesh.ts';
import { round, table, writeResults } from './lib/results.ts';

/**
 * Whole agents on simulated engines, disks and wires: how long a large mesh takes to make up for a tenth of its hosts, lost at
 * once and then drained at once, and what that costs in containers made and messages sent. Virtual time.
 */
const [hosts = 300, apps = 100, replicas = 30] = process.argv.slice(2).map(Number);
const TENTH = Math.ceil(hosts / 10);
const MiB = 1024 ** 2;
const DEADLINE_MS = 600_000;

const mesh = await MemoryMesh.start({ hosts, latencyMs: 1, memoryBytes: 2_048 * MiB });
const since = performance.now();
const observer = mesh.host(1);

/** Replicas that work on these hosts, each counted once, past every agent. */
function working(numbers: readonly number[]): number {
  const found = new Set<string>();
  for (const number of numbers) {
    for (const { labels, state } of mesh.host(number).engine.containers) {
      if (state === 'running') found.add(`${labels['shoal.app']}/${labels['shoal.replica']}`);
    }
  }
  return found.size;
}

const created = (): number => mesh.hosts.reduce((sum, { engine }) => sum + (engine.calls.get('create') ?? 0), 0);
const sent = (): number =>
  mesh.hosts.reduce((sum, { traffic }) => sum + [...traffic.values()].reduce((all, count) => all + count, 0), 0);

/** How long until the condition holds after the act, and what was made and sent until then. */
async function measured(what: string, act: () => Promise<void>, condition: () => boolean) {
  const before = { created: created(), sent: sent(), atMs: mesh.clock.monotonicMs() };
  await act();
  await mesh.until(what, condition, DEADLINE_MS);
  const tookMs = mesh.clock.monotonicMs() - before.atMs;
  console.error(`${what}: ${tookMs} ms (${round((performance.now() - since) / 1_000)} s of real time)`);
  return { tookMs, containersMade: created() - before.created, messages: sent() - before.sent };
}

await mesh.run(1, { kind: 'group.put', group: 'team' });
await mesh.until('all have caught up', () => mesh.hosts.every(({ platform }) => platform.readiness().ready));
const all = apps * replicas;
const numbers = mesh.hosts.map(({ number }) => number);
const deploy = await measured(
  'everything runs',
  async () => {
    const deploys = Array.from({ length: apps }, (_, index) => {
      const spec = { image: 'test:1', memoryBytes: 64 * MiB };
      return mesh.begin((index % hosts) + 1, {
        kind: 'app.deploy',
        ...{ group: 'team', app: `app${index}`, cluster: 'default', replicas, spec },
      });
    });
    await mesh.settle(Promise.all(deploys));
  },
  () => working(numbers) === all,
);
await mesh.advance(5_000);

const lost = numbers.slice(-TENTH);
const left = numbers.slice(0, -TENTH);
let missing = 0;
const loss = await measured(
  'what was lost runs elsewhere',
  async () => {
    for (const number of lost) {
      mesh.kill(number);
      mesh.host(number).engine.crash();
    }
    missing = all - working(left);
  },
  () => working(left) === all,
);

const drained = left.slice(-TENTH);
const kept = left.slice(0, -TENTH);
const toMove = drained.reduce((sum, number) => sum + mesh.host(number).engine.containers.length, 0);
const drain = await measured(
  'the drained hosts are empty',
  async () => {
    const drains = drained.map((number) => {
      const hostId = mesh.host(number).id;
      const moves = observer.platform.containers({ host: hostId }).map((c) => {
        return { containerId: c.id, group: c.group, app: c.app, cluster: c.cluster, replica: c.replica, hostId };
      });
      return mesh.begin(1, { kind: 'host.drain', hostId, moves });
    });
    await mesh.settle(Promise.all(drains));
  },
  () => drained.every((number) => mesh.host(number).engine.containers.length === 0),
);
if (working(kept) !== all) throw new Error(`${all - working(kept)} replicas are missing`);
mesh.stop();
const results = { deploy, loss: { missing, ...loss }, drain: { toMove, ...drain } };
writeResults('releases-sim', { hosts, containers: all, ...results });
table('virtual', results);
