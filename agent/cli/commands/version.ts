import type { Command } from 'commander';
import type { Version } from '../../../protocol/schemas/version.ts';
import { route } from '../client/api.ts';
import { usage } from '../failure.ts';
import { parseApp, parseVersion } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import { release } from '../release.ts';
import type { Session } from '../session.ts';
import { formatAge, formatBytes, printable } from '../view/format.ts';
import { readVersionSource, specifiable, type VersionSource } from './spec-flags.ts';

export function addVersion(program: Command, perform: Perform): void {
  const version = program.command('version').description('versions of an app; alone: the version of this client');
  perform(version, showRelease);
  perform(version.command('ls').description('list the versions of an app').argument('<group/app>'), listVersions);
  const show = version.command('show').description('show a version (unless told otherwise the latest)');
  perform(show.argument('<group/app>').argument('[number]'), showVersion);
  const create = version.command('create').description('make a version without running it').argument('<group/app>');
  perform(specifiable(create.argument('[command...]')), createVersion);
}

const versionsRoute = (name: ReturnType<typeof parseApp>) => route`/v1/groups/${name.group}/apps/${name.app}/versions`;

async function showRelease(session: Session): Promise<void> {
  if (session.options.json === true) session.json(release);
  else session.print(`shoal ${release.version}, Node.js ${release.node}`);
}

async function listVersions(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const api = await session.api();
  const versions = await api.list<Version>(versionsRoute(parseApp(words(args)[0])));
  const nowMs = Date.now();
  session.table(
    [
      { title: 'VERSION', cell: (version) => version.number, isNumber: true },
      { title: 'IMAGE', cell: (version) => version.spec.image },
      { title: 'MEMORY', cell: (version) => formatBytes(version.memoryBytes), isNumber: true },
      { title: 'AGE', cell: (version) => formatAge(version.createdAt, nowMs), isNumber: true },
      { title: 'BY', cell: (version) => version.createdBy },
      { title: 'DESCRIPTION', cell: (version) => version.spec.description },
    ],
    versions,
    (version) => String(version.number),
    'no versions yet',
  );
}

async function showVersion(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [text, number] = words(args);
  const path = versionsRoute(parseApp(text));
  const api = await session.api();
  const version =
    number === ''
      ? (await api.list<Version>(path)).sort((a, b) => b.number - a.number)[0]
      : await api.get<Version>(`${path}/${parseVersion(number)}`);
  if (version === undefined) throw usage(`${text} has no version yet`, `shoal deploy ${text} --image IMAGE`);
  if (session.options.json === true) return session.json(version);
  const { stringify } = await import('../yaml.ts');
  session.say(`version ${version.number} of ${text}, made ${version.createdAt} by ${version.createdBy}`);
  session.print(printable(stringify(version.spec)).trimEnd());
}

async function createVersion(session: Session, flags: VersionSource, args: readonly string[]): Promise<void> {
  const [text] = words(args);
  const name = parseApp(text);
  const api = await session.api();
  const { spec } = await readVersionSource(session, api, name, flags, args.slice(1));
  if (spec === undefined) throw usage('say what the version is: --image, --file or --from');
  const { body } = await api.send('POST', versionsRoute(name), { spec });
  const version = body as Version;
  if (session.options.json === true) return session.json(version);
  session.print(String(version.number));
  session.suggest(`shoal deploy ${text} --version ${version.number}`);
}
