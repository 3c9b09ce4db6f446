import type { Command } from 'commander';
import type { Container, Host } from '../../../protocol/schemas/host.ts';
import { type Api, route } from '../client/api.ts';
import { usage } from '../failure.ts';
import { parsePair } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { count, formatAge, formatBytes, formatCpu } from '../view/format.ts';
import { fieldLines } from '../view/table.ts';
import { containerTable } from './container.ts';
import { addDrain } from './drain.ts';

export function addHost(program: Command, perform: Perform): void {
  const host = program.command('host').description('hosts: the machines, their capacity and labels');
  perform(host.command('ls').description('list hosts'), listHosts);
  perform(host.command('show').description('show a host and its containers').argument('<host>'), showHost);
  const label = host.command('label').description('set labels of a host: KEY=VALUE, or KEY- to remove one');
  perform(label.argument('<host>').argument('<label...>'), labelHost);
  perform(host.command('cordon').description('give a host no new containers').argument('<host>'), cordon(true));
  perform(host.command('uncordon').description('give a host new containers again').argument('<host>'), cordon(false));
  addDrain(program, host, perform);
}

const promised = ({ capacity }: Host): string =>
  `${formatBytes(capacity.promisedBytes)}/${formatBytes(capacity.allocatableBytes)}`;

function stateOf(host: Host): string {
  if (host.status !== 'alive') return host.status;
  if (host.drainedBy !== undefined) return 'draining';
  if (host.drainedAt !== undefined) return 'drained';
  return host.cordoned ? 'cordoned' : host.status;
}

async function listHosts(session: Session): Promise<void> {
  const api = await session.api();
  const hosts = await api.list<Host>('/v1/hosts');
  const nowMs = Date.now();
  session.table(
    [
      { title: 'HOST', cell: (host) => host.name + (host.isSelf ? ' *' : '') },
      { title: 'STATE', cell: stateOf, isState: true },
      { title: 'SINCE', cell: (host) => formatAge(host.since, nowMs), isNumber: true },
      { title: 'ZONE', cell: (host) => host.zone },
      { title: 'CLASS', cell: (host) => host.labels.class },
      {
        title: 'ENGINE',
        cell: (host) => (host.engine.state === 'ready' ? host.engine.version : host.engine.state),
        isState: true,
      },
      { title: 'CONTAINERS', cell: (host) => host.containers, isNumber: true },
      { title: 'MEMORY', cell: promised, isNumber: true },
      { title: 'CPU', cell: (host) => formatCpu(host.capacity.cpuMilli), isNumber: true },
      { title: 'AGENT', cell: (host) => host.agentVersion },
    ],
    [...hosts].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    (host) => host.id,
    'no hosts',
  );
}

/** A host by id or name. */
export const getHost = (api: Api, idOrName: string): Promise<Host> => api.get<Host>(route`/v1/hosts/${idOrName}`);

async function showHost(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const api = await session.api();
  const host = await getHost(api, words(args)[0]);
  const containers = await api.list<Container>('/v1/containers', { host: host.id });
  if (session.options.json === true) return session.json({ ...host, placed: containers });
  const { capacity } = host;
  const fields = [
    ['host', host.name],
    ['id', host.id],
    ['state', stateOf(host)],
    ['seen so since', host.since],
    ['zone', host.zone],
    [
      'labels',
      Object.entries(host.labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(' '),
    ],
    ['addresses', host.addresses.join(' ')],
    ['agent', host.agentVersion],
    ['engine', `${host.engine.state} ${host.engine.version}`],
    ['api', host.api ?? '-'],
    ['memory', `${promised(host)} promised, ${formatBytes(capacity.heldBytes)} held by auctions`],
    [
      'not for Shoal',
      `${formatBytes(capacity.reserveBytes)} reserve, ${formatBytes(capacity.unmanagedBytes)} other containers`,
    ],
    ['cpu', `${formatCpu(capacity.promisedCpuMilli)} of ${formatCpu(capacity.cpuMilli)} cores promised`],
    [
      'others',
      host.unmanaged.length === 0 ? undefined : `${count(host.unmanaged.length, 'container')} not made by Shoal`,
    ],
  ] as const;
  session.lines([...fieldLines(fields, session.paint), '']);
  containerTable(session, containers, 'no containers');
}

async function labelHost(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [name, ...changes] = args;
  const api = await session.api();
  const host = await getHost(api, name ?? '');
  const labels = Object.fromEntries(changes.map((change) => labelChange(host, change)));
  const { body } = await api.send('PATCH', route`/v1/hosts/${host.id}`, { labels });
  if (session.options.json === true) return session.json(body);
  session.say(`labels of ${host.name} set`);
}

/** The API merges labels; `null` takes one away. */
function labelChange(host: Host, change: string): readonly [string, string | null] {
  if (change.includes('=') || !change.endsWith('-')) return parsePair(change, 'label');
  const key = change.slice(0, -1);
  if (!Object.hasOwn(host.labels, key)) throw usage(`${host.name} has no label ${key}`, `shoal host show ${host.name}`);
  return [key, null];
}

function cordon(cordoned: boolean) {
  return async (session: Session, _flags: object, args: readonly string[]): Promise<void> => {
    const api = await session.api();
    const host = await getHost(api, words(args)[0]);
    const { body } = await api.send('PATCH', route`/v1/hosts/${host.id}`, { cordoned });
    if (session.options.json === true) return session.json(body);
    session.say(cordoned ? `${host.name} gets no new containers` : `${host.name} gets new containers again`);
    if (cordoned && host.containers > 0) session.suggest(`shoal ps --host ${host.name}   (they stay where they are)`);
  };
}
