import type { Command } from 'commander';
import type { App } from '../../../protocol/schemas/model.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { route } from '../client/api.ts';
import { usage } from '../failure.ts';
import { parseApp } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import { release } from '../release.ts';
import type { Session } from '../session.ts';
import { formatAge, formatBytes, printable, shortHex } from '../view/format.ts';
import { findVersion, readVersionSource, specifiable, type VersionSource } from './spec-flags.ts';
import { addVersionFiles } from './version-files.ts';

export function addVersion(program: Command, perform: Perform): void {
  const version = program.command('version').description('versions of an app; alone: the version of this client');
  perform(version, showRelease);
  perform(version.command('ls').description('list the versions of an app').argument('<group/app>'), listVersions);
  const show = version.command('show').description('show a version (unless told otherwise the latest)');
  perform(show.argument('<group/app>').argument('[number]'), showVersion);
  const create = version.command('create').description('make a version without running it').argument('<group/app>');
  perform(specifiable(create.argument('[command...]')), createVersion);
  addVersionFiles(version, perform);
}

const versionsRoute = (name: ReturnType<typeof parseApp>) => route`/v1/groups/${name.group}/apps/${name.app}/versions`;

async function showRelease(session: Session): Promise<void> {
  if (session.options.json === true) session.json(release);
  else session.print(`shoal ${release.version}, Node.js ${release.node}`);
}

/** A version with the clusters that it is deployed in. */
interface ListedVersion extends Version {
  readonly deployedIn: readonly string[];
}

async function listVersions(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const name = parseApp(words(args)[0]);
  const api = await session.api();
  const [app, versions] = await Promise.all([
    api.get<App>(route`/v1/groups/${name.group}/apps/${name.app}`),
    api.list<Version>(versionsRoute(name)),
  ]);
  const rows = versions.map((version): ListedVersion => {
    const deployments = app.deployments.filter((deployment) => deployment.version === version.number);
    return { ...version, deployedIn: deployments.map(({ cluster }) => cluster) };
  });
  const nowMs = Date.now();
  session.table(
    [
      { title: 'VERSION', cell: (version) => version.number, isNumber: true },
      { title: 'DEPLOYED IN', cell: (version) => version.deployedIn.join(',') },
      { title: 'IMAGE', cell: (version) => version.spec.image },
      { title: 'DIGEST', cell: (version) => shortHex(version.resolvedImage?.split(':').at(-1)) },
      { title: 'MEMORY', cell: (version) => formatBytes(version.memoryBytes), isNumber: true },
      { title: 'FILES', cell: (version) => version.spec.files?.length, isNumber: true },
      { title: 'AGE', cell: (version) => formatAge(version.createdAt, nowMs), isNumber: true },
      { title: 'BY', cell: (version) => version.createdBy },
      { title: 'DESCRIPTION', cell: (version) => version.spec.description },
    ],
    rows,
    (version) => String(version.number),
    'no versions yet',
  );
}

async function showVersion(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [text, number] = words(args);
  const version = await findVersion(await session.api(), parseApp(text), number);
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
