import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { ForwardScope, LogForward } from '../../../protocol/schemas/log-forward.ts';
import { route } from '../client/api.ts';
import { CliFailure, usage } from '../failure.ts';
import { readInput } from '../outside.ts';
import { parseApp, parseName } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatBytes } from '../view/format.ts';
import { fieldLines, tableLines } from '../view/table.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';

interface ForwardFlags {
  readonly to?: string;
  readonly app?: string;
  readonly group?: string;
  readonly all?: boolean;
  readonly headerName?: string;
  readonly headerFile?: string;
  /** `--no-header` makes it false. */
  readonly header: boolean;
  /** `--no-ca` makes it false. */
  readonly caFile?: string;
  readonly ca: boolean;
  readonly verify?: boolean;
}

const FILE_MAX_BYTES = 64 * 1024;

export function addLogForward(program: Command, perform: Perform): void {
  const forward = program.command('log-forward').description('forwarding of logs to a collector elsewhere');
  perform(forward.command('ls').description('list where logs go, and how far it is'), listForwards);
  perform(forward.command('show').description('show one, and how far each host is').argument('<name>'), showForward);
  const set = forward.command('set').description('say where logs go; what is not named stays').argument('<name>');
  perform(
    set
      .option('--to <url>', 'syslog+tls://HOST:6514, syslog+tcp://HOST:514, https://… or http://… (JSON lines by POST)')
      .option('--app <group/app>', 'only logs of this app')
      .option('--group <name>', 'only logs of this group')
      .option('--all', 'logs of all apps')
      .option('--header-name <name>', 'HTTP header with a secret, like Authorization')
      .option('--header-file <file>', "file that holds the header's value; '-' is standard input")
      .option('--no-header', 'without that header again')
      .option('--ca-file <file>', 'trust certificates of this authority too (PEM)')
      .option('--no-ca', 'trust only those that the host trusts again')
      .option('--verify', 'check the certificate of the collector: so it is unless said otherwise')
      .option('--no-verify', 'take any certificate: whoever is in between can read and forge'),
    setForward,
  );
  perform(
    confirmable(forward.command('rm').description('end it; what waits is thrown away').argument('<name>')),
    removeForward,
  );
}

const scopeOf = ({ group, app }: ForwardScope): string =>
  group === undefined ? 'all' : app === undefined ? group : `${group}/${app}`;

const sum = (forward: LogForward, of: (host: LogForward['hosts'][number]) => number): number =>
  forward.hosts.reduce((total, host) => total + of(host), 0);

/** The worst of all hosts. */
function stateOf({ hosts, missing }: LogForward): string {
  const states = new Set<string>(hosts.map(({ state }) => state));
  const worst = ['dropped', 'behind', 'connected', 'idle'].find((state) => states.has(state));
  return worst ?? (missing.length > 0 ? 'unknown' : '');
}

async function listForwards(session: Session): Promise<void> {
  const api = await session.api();
  session.table(
    [
      { title: 'NAME', cell: ({ name }) => name },
      { title: 'TO', cell: ({ url }) => url },
      { title: 'LOGS', cell: ({ scope }) => scopeOf(scope) },
      { title: 'STATE', cell: stateOf, isState: true },
      { title: 'SENT', cell: (forward) => sum(forward, ({ sentLines }) => sentLines), isNumber: true },
      { title: 'DROPPED', cell: (forward) => sum(forward, ({ droppedLines }) => droppedLines), isNumber: true },
      {
        title: 'WAITING',
        cell: (forward) => formatBytes(sum(forward, ({ waitingBytes }) => waitingBytes)),
        isNumber: true,
      },
    ],
    await api.list<LogForward>('/v1/log-forwards'),
    ({ name }) => name,
    'logs go nowhere else; to forward them: shoal log-forward set NAME --to URL',
  );
}

async function showForward(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  const api = await session.api();
  const found = await api.get<LogForward>(route`/v1/log-forwards/${name}`);
  if (session.options.json === true) return session.json(found);
  const fields = [
    ['name', found.name],
    ['to', found.url],
    ['logs', scopeOf(found.scope)],
    ['header', found.headerName],
    ['certificate', found.verify ? '' : 'not checked'],
    ['authority', found.caPem === undefined ? '' : 'its own'],
    ['changed', `${found.updatedAt} by ${found.updatedBy}`],
  ] as const;
  const columns = [
    { title: 'HOST', cell: ({ hostName }: LogForward['hosts'][number]) => hostName },
    { title: 'STATE', cell: ({ state }: LogForward['hosts'][number]) => state, isState: true },
    { title: 'SENT', cell: ({ sentLines }: LogForward['hosts'][number]) => sentLines, isNumber: true },
    { title: 'DROPPED', cell: ({ droppedLines }: LogForward['hosts'][number]) => droppedLines, isNumber: true },
    {
      title: 'WAITING',
      cell: ({ waitingBytes }: LogForward['hosts'][number]) => formatBytes(waitingBytes),
      isNumber: true,
    },
    { title: 'WHY', cell: ({ detail }: LogForward['hosts'][number]) => detail },
  ];
  session.lines([...fieldLines(fields, session.paint), '', ...tableLines(columns, found.hosts, session.paint)]);
  for (const { hostName, code } of found.missing) session.say(`${hostName}: no answer (${code})`);
}

async function setForward(session: Session, flags: ForwardFlags, args: readonly string[]): Promise<void> {
  const name = parseName(words(args)[0], 'log forward');
  const change = {
    ...(flags.to === undefined ? {} : { url: flags.to }),
    ...scopeChange(flags),
    ...(await headerChange(session, flags)),
    ...(await caChange(session, flags)),
    ...(flags.verify === undefined ? {} : { verify: flags.verify }),
  };
  if (Object.keys(change).length === 0) throw usage('nothing is to be set');
  const api = await session.api();
  const { status, body } = await api.send('PUT', route`/v1/log-forwards/${name}`, change);
  if (session.options.json === true) return session.json(body);
  session.say(`log forward ${name} ${status === 201 ? 'added' : 'set'}`);
  session.suggest(`shoal log-forward show ${name}`);
}

function scopeChange({ app, group, all }: ForwardFlags): { readonly scope?: ForwardScope } {
  const named = [app, group, all].filter((flag) => flag !== undefined);
  if (named.length > 1) throw usage('--app, --group and --all: one of them');
  if (all === true) return { scope: {} };
  if (app !== undefined) return { scope: parseApp(app) };
  return group === undefined ? {} : { scope: { group: parseName(group, 'group') } };
}

async function headerChange(session: Session, { headerName, headerFile, header }: ForwardFlags): Promise<object> {
  const isNamed = headerName !== undefined || headerFile !== undefined;
  if (!header) {
    if (isNamed) throw usage('--no-header takes the header away: give it without one');
    return { headerName: null, headerValue: null };
  }
  if (!isNamed) return {};
  if (headerName === undefined || headerFile === undefined) throw usage('--header-name and --header-file go together');
  return { headerName, headerValue: (await readText(session, headerFile)).replace(/\r?\n$/, '') };
}

async function caChange(session: Session, { caFile, ca }: ForwardFlags): Promise<object> {
  if (!ca) return { caPem: null };
  return caFile === undefined ? {} : { caPem: await readText(session, caFile) };
}

/** Secrets are no arguments: other users of this machine could read them. */
async function readText(session: Session, file: string): Promise<string> {
  try {
    return file === '-' ? await readInput(session.outside.in, FILE_MAX_BYTES) : readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliFailure(exitCodes.usage, `cannot read ${file === '-' ? 'standard input' : file}`, { cause });
  }
}

async function removeForward(session: Session, flags: ConfirmFlags, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  await confirm(session, flags, name, `This ends the forwarding of logs ${name}; what waits is thrown away.`);
  const api = await session.api();
  await api.send('DELETE', route`/v1/log-forwards/${name}`);
  session.say(`log forward ${name} removed`);
}
