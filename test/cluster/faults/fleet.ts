import { canonicalJson } from '../../../agent/core/canonical-json.ts';
import { labelKeys } from '../../../agent/services/host/labels.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import { itemsOf } from '../../framework/deploys.ts';
import type { RealHost } from '../../framework/real-host.ts';
import { waitFor } from '../../framework/wait.ts';

/** The group of every app in these tests. */
const GROUP = 'team';
/** Generous: it bounds a failing test on a busy machine, it measures nothing. Milliseconds. */
export const DEADLINE_MS = 60_000;

/** A replica as its engine has it, past the agent. */
export interface Replica {
  readonly host: string;
  readonly engineId: string;
  readonly number: number;
  readonly state: string;
  readonly startedAt: string;
}

/** Asks an agent; anything but the expected answer fails the test with what came instead. */
export async function ask<T>(host: RealHost, method: string, path: string, status: number, body?: unknown): Promise<T> {
  const answer = await host.api<T>(method, path, body === undefined ? {} : { body });
  if (answer.status !== status)
    throw new Error(`${host.name}: ${method} ${path} is answered ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
}

export const makeGroup = (host: RealHost) => ask(host, 'PUT', `/v1/groups/${GROUP}`, 201, {});

/** Containers of an app as the engines of these hosts have them: the truth, whatever agents say. */
export async function replicasOn(hosts: readonly RealHost[], app: string): Promise<readonly Replica[]> {
  const found = await Promise.all(
    hosts.map(async ({ name, docker }) => {
      const filters = JSON.stringify({ label: [`${labelKeys.group}=${GROUP}`, `${labelKeys.app}=${app}`] });
      const containers = await docker.listContainers({ all: true, filters });
      return Promise.all(
        containers.map(async ({ Id, Labels }): Promise<Replica[]> => {
          // Removed between the two questions: then it is not there.
          const details = await docker
            .getContainer(Id)
            .inspect()
            .catch(() => undefined);
          if (details === undefined) return [];
          const { Status: state, StartedAt: startedAt } = details.State;
          return [{ host: name, engineId: Id, number: Number(Labels[labelKeys.replica]), state, startedAt }];
        }),
      );
    }),
  );
  return found.flat(2).sort((a, b) => a.number - b.number || (a.engineId < b.engineId ? -1 : 1));
}

/** Waits until these engines together run each of the wanted replicas once and hold nothing else of the app. */
export async function whole(hosts: readonly RealHost[], app: string, wanted: number): Promise<readonly Replica[]> {
  let last: readonly Replica[] = [];
  const isWhole = async () => {
    last = await replicasOn(hosts, app);
    const numbers = new Set(last.map(({ number }) => number));
    return last.length === wanted && numbers.size === wanted && last.every(({ state }) => state === 'running') && last;
  };
  return waitFor(`${wanted} replicas of ${app}, each once`, isWhole, DEADLINE_MS).catch((cause) => {
    throw new Error(`${app} is not whole: ${JSON.stringify(last)}`, { cause });
  });
}

/** Status of each host by its name, as one agent sees it. */
export async function statuses(host: RealHost): Promise<Readonly<Record<string, string>>> {
  const hosts = await itemsOf<Host>(host, '/v1/hosts');
  return Object.fromEntries(hosts.map(({ name, status }) => [name, status]));
}

/** Waits until each observer sees the host so; returns how long that took, in milliseconds. */
export async function allSee(observers: readonly RealHost[], name: string, status: string): Promise<number> {
  const startMs = performance.now();
  const see = (observer: RealHost) =>
    waitFor(
      `${observer.name} to see ${name} ${status}`,
      async () => (await statuses(observer))[name] === status,
      DEADLINE_MS,
    );
  await Promise.all(observers.map(see));
  return Math.round(performance.now() - startMs);
}

/** Waits for an event, as seen from a host. */
export function event(host: RealHost, what: string, isIt: (event: Event) => boolean): Promise<Event> {
  return waitFor(
    `${host.name} to show the event: ${what}`,
    async () => (await itemsOf<Event>(host, '/v1/events')).find(isIt),
    DEADLINE_MS,
  );
}

/** The event that a client has seen last; events after it are new. */
export const lastEventId = async (host: RealHost): Promise<string> =>
  (await itemsOf<Event>(host, '/v1/events')).at(-1)?.id ?? '';

export const eventsAfter = async (host: RealHost, id: string): Promise<readonly Event[]> =>
  (await itemsOf<Event>(host, '/v1/events')).filter((event) => event.id > id);

/** Everything that members must agree on once they have talked, by subject, without what each sees from its own place. */
async function viewOf(host: RealHost): Promise<ReadonlyMap<string, string>> {
  const lists = ['hosts', 'groups', 'apps', 'operations', 'containers', 'members'];
  const views = lists.map(async (name) => {
    const items = await itemsOf<Partial<Host>>(host, `/v1/${name}`);
    return [name, canonicalJson(items.map(({ since: _since, isSelf: _isSelf, ...shared }) => shared))] as const;
  });
  return new Map(await Promise.all(views));
}

/** Waits until every host shows the very same hosts, groups, apps, operations, containers and members. */
export async function oneView(hosts: readonly RealHost[]): Promise<void> {
  let differing: readonly string[] = [];
  const areEqual = async () => {
    const views = await Promise.all(hosts.map(viewOf));
    differing = [...(views[0]?.keys() ?? [])].flatMap((name) => {
      const versions = new Set(views.map((view) => view.get(name)));
      return versions.size === 1
        ? []
        : [name, ...views.map((view, index) => `${hosts[index]?.name} ${view.get(name)}`)];
    });
    return differing.length === 0;
  };
  await waitFor('one view on every host', areEqual, DEADLINE_MS).catch((cause) => {
    throw new Error(`views differ:\n${differing.join('\n')}`, { cause });
  });
}

/** The value of a counter of an agent's metrics. */
export async function metric(host: RealHost, name: string): Promise<number> {
  const text = await ask<string>(host, 'GET', '/metrics', 200);
  return Number(new RegExp(`^${name} (.+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** A measurement for whoever reads the run: speed is never asserted here. */
export const report = (what: string, ms: number): void =>
  console.info(`measured: ${what}: ${(ms / 1_000).toFixed(1)} s`);
