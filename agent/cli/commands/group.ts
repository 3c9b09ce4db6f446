import { type Command, Option } from 'commander';
import type { App, Group } from '../../../protocol/schemas/model.ts';
import { route } from '../client/api.ts';
import { parseMemory, parseName } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatAge, formatBytes } from '../view/format.ts';
import { fieldLines } from '../view/table.ts';
import { appTable } from './app.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';
import { option } from './spec-flags.ts';

interface GroupFlags {
  readonly description?: string;
  readonly defaultMemory?: number;
  readonly recordShells?: 'on' | 'off' | 'default';
}

export function addGroup(program: Command, perform: Perform): void {
  const group = program.command('group').description('groups: the apps of a team');
  perform(group.command('ls').description('list groups'), listGroups);
  const create = group.command('create').description('make a group, or change its settings').argument('<group>');
  perform(
    create
      .option('--description <text>', 'whose it is')
      .addOption(option('--default-memory <size>', 'memory limit of versions that name none', parseMemory))
      .addOption(
        new Option('--record-shells <policy>', 'record what shells show; default: as the mesh does').choices([
          'on',
          'off',
          'default',
        ]),
      ),
    createGroup,
  );
  perform(group.command('show').description('show a group and its apps').argument('<group>'), showGroup);
  perform(confirmable(group.command('rm').description('remove an empty group').argument('<group>')), removeGroup);
}

async function listGroups(session: Session): Promise<void> {
  const api = await session.api();
  const groups = await api.list<Group>('/v1/groups');
  const nowMs = Date.now();
  session.table(
    [
      { title: 'GROUP', cell: (group) => group.name },
      { title: 'DEFAULT MEMORY', cell: defaultMemory, isNumber: true },
      { title: 'AGE', cell: (group) => formatAge(group.createdAt, nowMs), isNumber: true },
      { title: 'DESCRIPTION', cell: (group) => group.description },
    ],
    groups,
    (group) => group.name,
    'no groups yet; make one: shoal group create NAME',
  );
}

const defaultMemory = (group: Group) =>
  group.defaultMemoryBytes === undefined ? '' : formatBytes(group.defaultMemoryBytes);

async function createGroup(session: Session, flags: GroupFlags, args: readonly string[]): Promise<void> {
  const name = parseName(words(args)[0], 'group');
  const api = await session.api();
  const { status, body } = await api.send('PUT', route`/v1/groups/${name}`, {
    ...(flags.description === undefined ? {} : { description: flags.description }),
    ...(flags.defaultMemory === undefined ? {} : { defaultMemoryBytes: flags.defaultMemory }),
    ...(flags.recordShells === undefined
      ? {}
      : { recordShells: flags.recordShells === 'default' ? null : flags.recordShells }),
  });
  if (session.options.json === true) return session.json(body);
  session.say(`group ${name} ${status === 201 ? 'created' : 'is there'}`);
  session.suggest(`shoal deploy ${name}/APP --image IMAGE --replicas 2 --memory 128m`);
}

async function showGroup(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  const api = await session.api();
  const group = await api.get<Group>(route`/v1/groups/${name}`);
  const apps = await api.list<App>('/v1/apps', { group: name });
  if (session.options.json === true) return session.json({ ...group, apps });
  const fields = [
    ['group', group.name],
    ['description', group.description],
    ['default memory', defaultMemory(group)],
    ['shells recorded', group.recordShells],
    ['created', group.createdAt],
  ] as const;
  session.lines([...fieldLines(fields, session.paint), '']);
  appTable(session, apps, `no apps yet; run one: shoal deploy ${name}/APP --image IMAGE --memory 128m`);
}

async function removeGroup(session: Session, flags: ConfirmFlags, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  await confirm(session, flags, name, `This removes the group ${name}.`);
  const api = await session.api();
  await api.send('DELETE', route`/v1/groups/${name}`);
  session.say(`group ${name} removed`);
}
