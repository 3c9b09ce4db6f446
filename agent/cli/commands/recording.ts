import { setTimeout as sleep } from 'node:timers/promises';
import { Argument, type Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Group } from '../../../protocol/schemas/model.ts';
import type { Recording, ShellSettings } from '../../../protocol/schemas/recording.ts';
import { type Api, type Query, route } from '../client/api.ts';
import { CliFailure, usage } from '../failure.ts';
import { parseApp, parseDuration, parseName } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatAge, formatBytes, formatDuration, printableLine } from '../view/format.ts';
import { fieldLines } from '../view/table.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';
import { option } from './spec-flags.ts';
import { untilInterrupt } from './until-interrupt.ts';

interface ListFlags {
  readonly app?: string;
  readonly group?: string;
  readonly container?: string;
  readonly host?: string;
}

interface PlayFlags {
  readonly speed: number;
  readonly idleLimit?: number;
  readonly wait: boolean;
}

interface Missing {
  readonly hostName: string;
  readonly code: string;
}

export function addRecording(program: Command, perform: Perform): void {
  const recording = program.command('recording').description('recordings: what people saw in shells');
  perform(
    recording
      .command('ls')
      .description('list recordings, oldest first')
      .option('--app <group/app>', 'only of this app')
      .option('--group <name>', 'only of this group')
      .option('--container <container>', 'only of this container, by id or name')
      .option('--host <host>', 'only on this host'),
    listRecordings,
  );
  perform(
    recording.command('show').description('show whose it is, and how it ended').argument('<recording>'),
    showRecording,
  );
  perform(
    recording
      .command('play')
      .description('show it again in this terminal; with --json print it as asciicast v2')
      .argument('<recording>')
      .addOption(option('--speed <factor>', 'so many times as fast', parseSpeed).default(1))
      .addOption(option('--idle-limit <duration>', 'wait at most so long for anything', parseDuration))
      .option('--no-wait', 'all at once'),
    play,
  );
  perform(
    confirmable(recording.command('rm').description('remove a recording').argument('<recording>')),
    removeRecording,
  );
  const policy = recording
    .command('policy')
    .description('say whether shells are recorded, or show it')
    .addArgument(new Argument('[policy]', 'default: as the mesh does (for a group)').choices(['on', 'off', 'default']))
    .option('--group <name>', 'of this group; else of the mesh, where the group says nothing');
  perform(policy, setPolicy);
}

function parseSpeed(text: string): number {
  const speed = Number(text);
  if (Number.isFinite(speed) && speed > 0 && speed <= 1_000) return speed;
  throw usage(`'${text}' is no speed: a number above 0, like 2`);
}

async function find(api: Api, query: Query): Promise<{ items: Recording[]; missing: readonly Missing[] }> {
  const { missing } = await api.get<{ missing: readonly Missing[] }>('/v1/recordings', { ...query, limit: 1 });
  return { items: await api.list<Recording>('/v1/recordings', query), missing };
}

async function listRecordings(session: Session, flags: ListFlags): Promise<void> {
  const api = await session.api();
  const app = flags.app === undefined ? undefined : parseApp(flags.app);
  const { group = flags.group, app: name } = app ?? {};
  const { container, host } = flags;
  const { items, missing } = await find(api, { group, app: name, container, host });
  const nowMs = Date.now();
  session.table(
    [
      { title: 'RECORDING', cell: ({ id }) => id },
      { title: 'CONTAINER', cell: ({ container: of }) => of },
      { title: 'HOST', cell: ({ hostName }) => hostName },
      { title: 'BY', cell: ({ openedBy }) => openedBy },
      { title: 'AGE', cell: ({ openedAt }) => formatAge(openedAt, nowMs), isNumber: true },
      { title: 'LASTED', cell: lasted, isNumber: true },
      { title: 'EXIT', cell: ({ exitCode }) => exitCode, isNumber: true },
      { title: 'SIZE', cell: ({ sizeBytes }) => formatBytes(sizeBytes), isNumber: true },
      { title: 'STATE', cell: ({ state }) => state, isState: true },
    ],
    items,
    ({ id }) => id,
    'nothing is recorded; to record shells: shoal recording policy on',
  );
  tellMissing(session, missing);
}

const lasted = ({ openedAt, endedAt }: Recording): string =>
  endedAt === undefined ? '' : formatDuration(Date.parse(endedAt) - Date.parse(openedAt));

function tellMissing(session: Session, missing: readonly Missing[]): void {
  for (const { hostName, code } of missing)
    session.say(`${hostName}: no answer (${code}); its recordings are not shown`);
}

async function showRecording(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [id] = words(args);
  const { items, missing } = await find(await session.api(), { id });
  const [found] = items;
  if (found === undefined) {
    tellMissing(session, missing);
    throw new CliFailure(exitCodes.notFound, `there is no recording ${id}`, { next: 'shoal recording ls' });
  }
  if (session.options.json === true) return session.json(found);
  const fields = [
    ['recording', found.id],
    ['container', `${found.container} (${found.containerId})`],
    ['host', found.hostName],
    ['command', found.command.join(' ')],
    ['user', found.user],
    ['terminal', found.tty ? 'yes' : 'no'],
    ['opened by', found.openedBy],
    ['opened', found.openedAt],
    ['ended', found.endedAt],
    ['exit code', found.exitCode],
    ['state', found.state],
    ['size', formatBytes(found.sizeBytes) + (found.isCut === true ? ', the rest was not recorded' : '')],
  ] as const;
  session.lines(fieldLines(fields, session.paint));
  session.suggest(`shoal recording play ${found.id}`);
}

async function play(session: Session, flags: PlayFlags, args: readonly string[]): Promise<void> {
  const [id] = words(args);
  const { out } = session.outside;
  const api = await session.api();
  await untilInterrupt(session, async () => {
    let shownMs = 0;
    for await (const line of api.lines(route`/v1/recordings/${id}`, 'application/x-asciicast')) {
      if (session.options.json === true) {
        session.print(line);
        continue;
      }
      const event = eventOf(line);
      if (event === undefined) continue;
      const waitMs = Math.min(event.atMs - shownMs, flags.idleLimit ?? Number.POSITIVE_INFINITY) / flags.speed;
      shownMs = event.atMs;
      if (flags.wait && waitMs >= 1) await sleep(waitMs, undefined, { signal: session.signal });
      // As it was: that is what it is recorded for. A shell shows the same to whoever sits in front of it.
      if (event.code === 'o') out.write(event.data);
      else if (event.code === 'm') session.say(printableLine(`[${event.data}]`));
      await out.hasRoom?.();
    }
  });
}

/** The header, and what is no event, are passed over. */
function eventOf(line: string): { readonly atMs: number; readonly code: string; readonly data: string } | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!Array.isArray(value)) return undefined;
  const [at, code, data]: readonly unknown[] = value;
  return typeof at === 'number' && typeof code === 'string' && typeof data === 'string'
    ? { atMs: at * 1_000, code, data }
    : undefined;
}

async function removeRecording(session: Session, flags: ConfirmFlags, args: readonly string[]): Promise<void> {
  const [id] = words(args);
  await confirm(session, flags, id, `This removes the recording ${id} for good.`);
  const api = await session.api();
  await api.send('DELETE', route`/v1/recordings/${id}`);
  session.say(`recording ${id} removed`);
}

async function setPolicy(session: Session, flags: { readonly group?: string }, args: readonly string[]): Promise<void> {
  const [policy] = words(args);
  const api = await session.api();
  if (flags.group === undefined) {
    if (policy === 'default') throw usage("'default' is for a group: --group NAME");
    const { recordShells } =
      policy === ''
        ? await api.get<ShellSettings>('/v1/shell-settings')
        : ((await api.send('PATCH', '/v1/shell-settings', { recordShells: policy })).body as ShellSettings);
    if (session.options.json === true) return session.json({ recordShells });
    return session.print(`recording of shells is ${recordShells}, unless a group says otherwise`);
  }
  const name = parseName(flags.group, 'group');
  // Looked for first: a PUT would make a group that is mistyped.
  let group = await api.get<Group>(route`/v1/groups/${name}`);
  if (policy !== '') {
    const recordShells = policy === 'default' ? null : policy;
    group = (await api.send('PUT', route`/v1/groups/${name}`, { recordShells })).body as Group;
  }
  if (session.options.json === true) return session.json(group);
  session.print(`recording of shells of ${name} is ${group.recordShells ?? 'what the mesh does'}`);
}
