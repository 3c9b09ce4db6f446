import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import { route } from '../client/api.ts';
import { CliFailure } from '../failure.ts';
import { parseApp } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatAge, formatBytes, formatCpu } from '../view/format.ts';
import { amount, sources } from '../view/progress.ts';
import { type Column, fieldLines } from '../view/table.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';

interface FilterFlags {
  readonly group?: string;
  readonly app?: string;
  readonly host?: string;
}

const filterable = (command: Command): Command =>
  command
    .option('--group <name>', 'only this group')
    .option('--app <group/app>', 'only this app')
    .option('--host <host>', 'only on this host');

export function addContainer(program: Command, perform: Perform): void {
  perform(filterable(program.command('ps').description('list containers, same as container ls')), listContainers);
  const container = program.command('container').description('containers, by id, unique prefix or name');
  perform(filterable(container.command('ls').description('list containers')), listContainers);
  perform(container.command('show').description('show a container').argument('<container>'), showContainer);
  const power = (verb: string, description: string) =>
    container.command(verb).description(description).argument('<container...>');
  perform(power('start', 'start containers that were stopped'), powerOf('start'));
  perform(power('stop', 'stop containers; they stay stopped until a start'), powerOf('stop'));
  perform(power('restart', 'stop and start containers'), powerOf('restart'));
  const kill = power('kill', 'send a signal; the restart policy decides what follows');
  perform(kill.option('-s, --signal <signal>', 'which', 'SIGKILL'), powerOf('kill'));
  perform(confirmable(power('rm', 'remove containers; the app gets new ones if it wants them')), removeContainers);
}

const ports = (container: Container): string =>
  container.ports.map((port) => `${port.host}:${port.container}/${port.protocol}`).join(' ');

/** What a person wants to know first: the phase, its health, why it does not run. */
function stateOf(container: Container): string {
  if (container.hostStatus === 'dead') return 'unknown';
  return container.phase === 'running' && container.health !== 'none' ? container.health : container.phase;
}

function noteOf(container: Container): string {
  if (container.hostStatus === 'dead') return 'its host is lost';
  if (container.phase === 'pulling' && container.pull !== undefined) {
    return amount(container.pull) + sources(container.pull);
  }
  return container.reason === undefined ? '' : `${container.reason.code}: ${container.reason.detail.slice(0, 80)}`;
}

/** A table of containers; also part of `shoal app show` and `shoal host show`. */
export function containerTable(session: Session, containers: readonly Container[], empty: string): void {
  const nowMs = Date.now();
  const columns: Column<Container>[] = [
    { title: 'NAME', cell: (container) => container.name },
    { title: 'HOST', cell: (container) => container.hostName },
    { title: 'STATE', cell: stateOf, isState: true },
    { title: 'VERSION', cell: (container) => `v${container.version}` },
    { title: 'PORTS', cell: ports },
    { title: 'MEMORY', cell: (container) => formatBytes(container.memoryBytes), isNumber: true },
    {
      title: 'UP',
      cell: (container) => (container.phase === 'running' ? formatAge(container.startedAt, nowMs) : ''),
      isNumber: true,
    },
    { title: 'RESTARTS', cell: (container) => container.restarts || '', isNumber: true },
    { title: 'NOTE', cell: noteOf },
  ];
  const sorted = [...containers].sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  session.table(columns, sorted, (container) => container.id, empty);
}

async function listContainers(session: Session, flags: FilterFlags): Promise<void> {
  const api = await session.api();
  const app = flags.app === undefined ? undefined : parseApp(flags.app);
  const filter = { group: app?.group ?? flags.group, app: app?.app, host: flags.host };
  containerTable(session, await api.list<Container>('/v1/containers', filter), 'no containers');
}

async function showContainer(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const api = await session.api();
  const container = await api.get<Container>(route`/v1/containers/${words(args)[0]}`);
  if (session.options.json === true) return session.json(container);
  const { reason } = container;
  const fields = [
    ['container', container.name],
    ['id', container.id],
    ['engine id', container.engineId],
    ['app', `${container.group}/${container.app}`],
    ['version', `${container.version} (spec ${container.specHash})`],
    ['replica', container.replica],
    ['cluster', container.cluster],
    ['host', `${container.hostName} (${container.hostStatus})`],
    ['image', container.image],
    ['phase', container.phase],
    ['wanted', container.wanted],
    ['health', container.health],
    ['ready', container.ready ? 'yes' : 'no'],
    ['restarts', container.restarts],
    ['exit code', container.exitCode],
    ['reason', reason === undefined ? undefined : `${reason.code}: ${reason.detail}`],
    ['memory', formatBytes(container.memoryBytes)],
    ['cpu', container.cpuMilli === 0 ? undefined : formatCpu(container.cpuMilli)],
    ['ports', ports(container)],
    ['created', container.createdAt],
    ['started', container.startedAt],
    ['operation', container.operationId],
  ] as const;
  session.lines(fieldLines(fields, session.paint));
}

function powerOf(action: 'start' | 'stop' | 'restart' | 'kill') {
  return (session: Session, flags: { readonly signal?: string }, names: readonly string[]) =>
    forEach(session, names, action, async (name) => {
      const api = await session.api();
      const body = flags.signal === undefined ? {} : { signal: flags.signal.toUpperCase() };
      return (await api.send('POST', route`/v1/containers/${name}/${action}`, body)).body;
    });
}

async function removeContainers(session: Session, flags: ConfirmFlags, names: readonly string[]): Promise<void> {
  const [first] = words(names);
  const meant = names.length === 1 ? first : String(names.length);
  await confirm(session, flags, meant, `This removes ${names.join(', ')}.`);
  await forEach(session, names, 'rm', async (name) => {
    const api = await session.api();
    return (await api.send('DELETE', route`/v1/containers/${name}`)).body;
  });
}

/** Does it to each of them. Some done and some not is an end of its own (exit code 8). */
async function forEach(
  session: Session,
  names: readonly string[],
  verb: string,
  act: (name: string) => Promise<unknown>,
): Promise<void> {
  const failures: CliFailure[] = [];
  for (const name of names) {
    try {
      const body = await act(name);
      if (session.options.json === true) session.jsonLine(body ?? { name });
      else session.print(name);
    } catch (error) {
      if (!(error instanceof CliFailure) || names.length === 1) throw error;
      failures.push(error);
      session.say(`${name}: ${error.message}`);
    }
  }
  const [first] = failures;
  if (first === undefined) return;
  const exitCode = failures.length === names.length ? first.exitCode : exitCodes.partial;
  throw new CliFailure(exitCode, `${verb}: ${failures.length} of ${names.length} containers failed`, {
    next: first.next,
  });
}
