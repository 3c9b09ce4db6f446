import { type Command, Option } from 'commander';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { App, HostLossPolicy } from '../../../protocol/schemas/model.ts';
import { route } from '../client/api.ts';
import { usage } from '../failure.ts';
import { parseApp, parseDuration, parseReplicas } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatAge } from '../view/format.ts';
import { fieldLines } from '../view/table.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';
import { containerTable } from './container.ts';
import { type DetachFlag, detachable, followAnswer } from './follow.ts';
import { paced, policyOf, type RolloutFlags } from './rollout-flags.ts';
import { option } from './spec-flags.ts';

interface ClusterFlag {
  readonly cluster: string;
}

interface SettingFlags extends RolloutFlags {
  readonly description?: string;
  readonly onHostLoss?: HostLossPolicy['replace'];
  readonly after?: number;
}

/** Wait before a lost host's containers are replaced, unless the app says otherwise. Milliseconds. */
const REPLACE_AFTER_MS = 30_000;

const inCluster = (command: Command): Command => command.option('--cluster <name>', 'where', 'default');

export function addApp(program: Command, perform: Perform): void {
  const app = program.command('app').description('apps: what runs, where, how many');
  perform(app.command('ls').description('list apps').option('--group <name>', 'only this group'), listApps);
  perform(app.command('show').description('show an app and its containers').argument('<group/app>'), showApp);
  const set = app.command('set').description('make an app, or change its settings').argument('<group/app>');
  perform(
    paced(set)
      .option('--description <text>', 'what it is')
      .addOption(
        new Option(
          '--on-host-loss <policy>',
          'replace containers of a lost host: always, only on the side with a majority of the members, or never',
        ).choices(['always', 'majority', 'never']),
      )
      .addOption(option('--after <duration>', 'how long a host must be lost before that', parseDuration)),
    setApp,
  );
  const scale = app.command('scale').description('change the number of replicas').argument('<group/app>');
  perform(detachable(inCluster(scale.argument('<replicas>'))), scaleApp);
  const undeploy = app.command('undeploy').description('stop and remove its containers; its versions stay');
  perform(confirmable(detachable(inCluster(undeploy.argument('<group/app>')))), undeployApp);
  const remove = app.command('rm').description('remove an app with its containers and versions; its volumes stay');
  perform(confirmable(detachable(remove.argument('<group/app>'))), removeApp);
}

const appRoute = (name: ReturnType<typeof parseApp>) => route`/v1/groups/${name.group}/apps/${name.app}`;

const runs = (app: App): string =>
  app.deployments
    .map(({ cluster, version, replicas, rollout }) => {
      const rolling = rollout === undefined ? '' : ` (from v${rollout.from.version}, ${rollout.open} open)`;
      return `${replicas} of v${version} in ${cluster}${rolling}`;
    })
    .join(', ');

/** A table of apps; also part of `shoal group show`. */
export function appTable(session: Session, apps: readonly App[], empty: string): void {
  const nowMs = Date.now();
  session.table(
    [
      { title: 'APP', cell: (app) => `${app.group}/${app.name}` },
      { title: 'RUNS', cell: (app) => (app.state === 'deleting' ? 'being removed' : runs(app) || 'nothing') },
      { title: 'LATEST', cell: (app) => (app.latestVersion === 0 ? '' : `v${app.latestVersion}`) },
      { title: 'CHANGED', cell: (app) => formatAge(app.updatedAt, nowMs), isNumber: true },
      { title: 'DESCRIPTION', cell: (app) => app.description },
    ],
    apps,
    (app) => `${app.group}/${app.name}`,
    empty,
  );
}

async function listApps(session: Session, flags: { readonly group?: string }): Promise<void> {
  const api = await session.api();
  const apps = await api.list<App>('/v1/apps', { group: flags.group });
  appTable(session, apps, 'no apps yet; run one: shoal deploy GROUP/APP --image IMAGE --memory 128m --create-group');
}

async function showApp(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const name = parseApp(words(args)[0]);
  const api = await session.api();
  const app = await api.get<App>(appRoute(name));
  const containers = await api.list<Container>('/v1/containers', name);
  if (session.options.json === true) return session.json({ ...app, containers });
  const loss = app.onHostLoss;
  const fields = [
    ['app', `${app.group}/${app.name}`],
    ['description', app.description],
    ['state', app.state],
    ['runs', runs(app) || 'nothing'],
    ['latest version', app.latestVersion || undefined],
    ['on host loss', loss === undefined ? undefined : `replace ${loss.replace} after ${loss.afterMs / 1_000}s`],
    ['created', app.createdAt],
  ] as const;
  session.lines([...fieldLines(fields, session.paint), '']);
  containerTable(session, containers, 'no containers');
}

async function setApp(session: Session, flags: SettingFlags, args: readonly string[]): Promise<void> {
  const name = parseApp(words(args)[0]);
  if (flags.after !== undefined && flags.onHostLoss === undefined) throw usage('--after needs --on-host-loss');
  const api = await session.api();
  const policy = policyOf(flags);
  const { status, body } = await api.send('PUT', appRoute(name), {
    ...(flags.description === undefined ? {} : { description: flags.description }),
    ...(flags.onHostLoss === undefined
      ? {}
      : { onHostLoss: { replace: flags.onHostLoss, afterMs: flags.after ?? REPLACE_AFTER_MS } }),
    ...(policy === undefined ? {} : { rollout: policy }),
  });
  if (session.options.json === true) return session.json(body);
  session.say(`app ${name.group}/${name.app} ${status === 201 ? 'created' : 'set'}`);
}

async function scaleApp(session: Session, flags: ClusterFlag & DetachFlag, args: readonly string[]): Promise<void> {
  const [text, replicas] = words(args);
  const name = parseApp(text);
  const api = await session.api();
  const path = `${appRoute(name)}/deployments${route`/${flags.cluster}`}`;
  const answer = await api.send('PATCH', path, { replicas: parseReplicas(replicas) });
  await followAnswer(session, flags, answer, `${text} has ${replicas} already`);
}

type RemovalFlags = ConfirmFlags & DetachFlag;

async function undeployApp(
  session: Session,
  flags: ClusterFlag & RemovalFlags,
  args: readonly string[],
): Promise<void> {
  const [text] = words(args);
  const name = parseApp(text);
  await confirm(session, flags, text, `This stops and removes all containers of ${text} in cluster ${flags.cluster}.`);
  const api = await session.api();
  const answer = await api.send('DELETE', `${appRoute(name)}/deployments${route`/${flags.cluster}`}`);
  await followAnswer(session, flags, answer, `${text} runs no more in ${flags.cluster}`);
}

async function removeApp(session: Session, flags: RemovalFlags, args: readonly string[]): Promise<void> {
  const [text] = words(args);
  const name = parseApp(text);
  await confirm(session, flags, text, `This removes ${text}: all its containers, versions and settings.`);
  const api = await session.api();
  const answer = await api.send('DELETE', appRoute(name));
  await followAnswer(session, flags, answer, `${text} removed`);
}
