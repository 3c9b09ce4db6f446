import { RealCluster } from '../../test/framework/real-cluster.ts';
import { waitFor } from '../../test/framework/wait.ts';
import { Clients, failedOf } from './lib/releases/clients.ts';
import { IMAGES, type Rival } from './lib/releases/rival.ts';
import { ShoalRival } from './lib/releases/shoal-rival.ts';
import { SwarmRival } from './lib/releases/swarm-rival.ts';
import { median, quiet, round, runs, table, writeResults } from './lib/results.ts';

/**
 * What running apps notice of new versions, drains and lost hosts: Shoal and Docker Swarm with their defaults on the same
 * 5 engines, taking turns, asked by the same clients all the time.
 */
const RUNS = runs(3);
const HOSTS = 5;
const REPLICAS = 10;
/** A host that decides nothing: it is no manager of Swarm. */
const VICTIM = 'h5';

interface Fault {
  readonly what: string;
  readonly fault: string;
  readonly cure: string;
  /** Undefined: whoever decides about the app at that moment. */
  readonly victim?: string;
}

const FAULTS: readonly Fault[] = [
  { what: 'hostLost', fault: 'off', cure: 'on', victim: VICTIM },
  { what: 'hostCut', fault: 'cut', cure: 'heal', victim: VICTIM },
  { what: 'deciderLost', fault: 'off', cure: 'on' },
];

type Note = (what: string, value: number) => void;

/** Names of the hosts whose engines run containers of an app, one for each. */
async function hostsOf(app: string): Promise<string[]> {
  const found = await Promise.all(
    cluster.hosts.map(async (host) => {
      const containers = await host.docker.listContainers().catch(() => []);
      return containers.filter(({ Names }) => Names.some((name) => name.includes(app))).map(() => host.name);
    }),
  );
  return found.flat();
}

/** Time from the fault until as many replicas as before run on the other hosts. The app is new, so that each host has its share. */
async function hurt(rival: Rival, app: string, { what, fault, cure, victim }: Fault, note: Note): Promise<void> {
  await rival.deploy(app, REPLICAS);
  const host = victim ?? (await rival.deciderOf(app));
  await quiet();
  note(`${what}Containers`, (await hostsOf(app)).filter((name) => name === host).length);
  const startMs = performance.now();
  await cluster.script(fault, host);
  await waitFor(
    'replacements',
    async () => (await hostsOf(app)).filter((name) => name !== host).length >= REPLICAS,
    180_000,
  );
  note(`${what}Ms`, performance.now() - startMs);
  await cluster.script(cure, host);
  await rival.whole(app, REPLICAS);
  await rival.remove(app);
  await waitFor(`${app} to be gone`, async () => (await hostsOf(app)).length === 0, 60_000);
}

async function turn(rival: Rival, app: string, note: Note): Promise<void> {
  const [many, single] = [`${app}many`, `${app}single`];
  /** Time until the rival says that it is done, and what clients noticed meanwhile. */
  const step = async (what: string, act: () => Promise<void>) => {
    await quiet();
    const clients = await Clients.start(cluster, [many, single]);
    const startMs = performance.now();
    await act();
    note(`${what}Ms`, performance.now() - startMs);
    note(`${what}Failed`, failedOf(await clients.stop()));
  };
  await rival.deploy(many, REPLICAS);
  await rival.deploy(single, 1);
  await step('update', () => rival.upgrade(many, IMAGES[1], false));
  await step('updateAtOnce', () => rival.upgrade(many, IMAGES[2], true));
  await step('updateSingle', () => rival.upgrade(single, IMAGES[1], false));
  const [host = 'h1'] = await hostsOf(single);
  await step('drain', async () => {
    await rival.drain(host);
    // By the engines' word: nothing is left there, and everything runs elsewhere.
    await waitFor(
      'the drained host to be empty',
      async () => {
        const places = await hostsOf(app);
        return places.length === REPLICAS + 1 && !places.includes(host);
      },
      180_000,
    );
  });
  await rival.undrain(host);
  for (const name of [many, single]) await rival.remove(name);
  await waitFor(`${app} to be gone`, async () => (await hostsOf(app)).length === 0, 60_000);
  for (const fault of FAULTS) await hurt(rival, `${app}${fault.what.toLowerCase()}`, fault, note);
}

const cluster = await RealCluster.up({ purpose: 'l', hosts: HOSTS, memory: '4g', cpu: '8' });
try {
  const rivals: readonly Rival[] = [new ShoalRival(cluster), new SwarmRival(cluster)];
  for (const rival of rivals) {
    await rival.prepare();
    await rival.rest();
  }
  const all = new Map(rivals.map(({ name }) => [name, new Map<string, number[]>()]));
  for (let run = 1; run <= RUNS; run++) {
    for (const rival of rivals) {
      await rival.wake();
      const values = all.get(rival.name);
      await turn(rival, `l${rival.name.slice(0, 2)}${run}x`, (what, value) => {
        values?.set(what, [...(values.get(what) ?? []), round(value)]);
      });
      // A host that was off has a new agent.
      for (const other of rivals) await other.rest();
      console.error(`run ${run} of ${RUNS}: ${rival.name}`, Object.fromEntries(values ?? []));
    }
  }
  const medians = Object.fromEntries(
    [...all].map(([name, values]) => [
      name,
      Object.fromEntries([...values].map(([what, list]) => [what, round(median(list))])),
    ]),
  );
  const raw = Object.fromEntries([...all].map(([name, values]) => [name, Object.fromEntries(values)]));
  writeResults('releases', { hosts: HOSTS, replicas: REPLICAS, runs: RUNS, medians, all: raw });
  table('median of runs', medians);
} finally {
  await cluster.down();
}
