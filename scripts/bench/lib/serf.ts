import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { type RealCluster, spawnInCluster } from '../../../test/framework/real-cluster.ts';
import type { RealHost } from '../../../test/framework/real-host.ts';
import { waitFor } from '../../../test/framework/wait.ts';
import { measureIdle } from './idle.ts';
import { quiet, round, spread } from './results.ts';

const APART_MS = 400;
/** Between the return of a member and the next loss. Milliseconds. */
const SETTLE_MS = 3_000;

/** A `serf agent` (Debian's package, its LAN settings) on one host, as it reports on its standard output. */
class SerfAgent {
  readonly host: RealHost;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<(line: string) => void>();

  constructor(cluster: RealCluster, host: RealHost, join: string | undefined) {
    this.host = host;
    const flags = ['-node', host.name, '-bind', `${host.ip}:7946`, ...(join === undefined ? [] : ['-join', join])];
    this.#process = spawnInCluster(cluster, 'exec', host.name, '--', 'serf', 'agent', '-log-level', 'info', ...flags);
    this.#process.on('error', () => undefined);
    if (this.#process.stdout !== null) {
      createInterface({ input: this.#process.stdout }).on('line', (line) => {
        for (const listener of this.#listeners) listener(line);
      });
    }
  }

  /** Resolves with the time (ms, monotonic) at which it says so of a member. */
  says(event: 'EventMemberFailed' | 'EventMemberUpdate', member: string): Promise<number> {
    return new Promise((resolve) => {
      const listener = (line: string) => {
        if (!`${line} `.includes(`${event}: ${member} `)) return;
        this.#listeners.delete(listener);
        resolve(performance.now());
      };
      this.#listeners.add(listener);
    });
  }

  stop(): void {
    this.#process.kill();
  }
}

/** The same questions to Serf on 5 hosts of the same kind, without Shoal's agents. */
export async function measureSerf(
  cluster: RealCluster,
  options: { changes: number; losses: number; idleSeconds: number },
) {
  const agents = new Map<string, SerfAgent>();
  const start = (host: RealHost) => {
    const [other] = cluster.hosts.filter((each) => each !== host);
    agents.set(host.name, new SerfAgent(cluster, host, agents.size === 0 ? undefined : other?.ip));
  };
  try {
    for (const host of cluster.hosts) {
      start(host);
      await waitFor(`serf to run on ${host.name}`, () => pidOf(host));
    }
    await complete(cluster);
    const idle = await measureIdle(cluster.hosts, options.idleSeconds, pidOf);
    const tagMs = await tagChanges([...agents.values()], options.changes);
    const offMs: number[] = [];
    for (let run = 0; run < options.losses; run++) {
      const victim = cluster.hosts[(run + 1) % cluster.hosts.length];
      if (victim === undefined) break;
      await quiet();
      const others = [...agents.values()].filter(({ host }) => host !== victim);
      const startMs = performance.now();
      const known = Promise.all(others.map((agent) => agent.says('EventMemberFailed', victim.name)));
      await cluster.script('off', victim.name);
      offMs.push(round(Math.max(...(await known)) - startMs));
      console.error(`serf: off of ${victim.name}: failed for all after ${offMs.at(-1)} ms`);
      await cluster.script('on', victim.name);
      start(victim);
      await complete(cluster);
      await delay(SETTLE_MS);
    }
    return { idle, tagMs: spread(tagMs), offMs };
  } finally {
    for (const agent of agents.values()) agent.stop();
  }
}

/** From the end of the command that sets a tag until all others have said so. */
async function tagChanges(agents: readonly SerfAgent[], changes: number): Promise<number[]> {
  const times: number[] = [];
  for (let change = 0; change < changes; change++) {
    await delay(APART_MS);
    const writer = agents[change % agents.length];
    if (writer === undefined) break;
    const others = agents.filter((agent) => agent !== writer);
    const seen = Promise.all(others.map((agent) => agent.says('EventMemberUpdate', writer.host.name)));
    await writer.host.exec('serf', 'tags', '-set', `change=${change}`);
    const setMs = performance.now();
    times.push(Math.max(0, Math.max(...(await seen)) - setMs));
  }
  return times;
}

async function complete({ hosts }: RealCluster): Promise<void> {
  for (const host of hosts) {
    await waitFor(`serf on ${host.name} to see all as alive`, async () => {
      const members = JSON.parse(await host.exec('serf', 'members', '-format', 'json')) as {
        readonly members: readonly { readonly status: string }[];
      };
      return members.members.filter(({ status }) => status === 'alive').length === hosts.length;
    });
  }
}

/** The serf agent of a host. */
function pidOf(host: RealHost): number {
  for (const entry of readdirSync('/proc')) {
    try {
      if (readFileSync(`/proc/${entry}/comm`, 'utf8').trim() !== 'serf') continue;
      if (!readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0').includes(host.name)) continue;
      return Number(entry);
    } catch {
      // No process, or gone meanwhile.
    }
  }
  throw new Error(`no serf runs on ${host.name}`);
}
