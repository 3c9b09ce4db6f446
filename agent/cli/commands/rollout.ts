import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { RolloutAction } from '../../../protocol/schemas/commands.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import { route } from '../client/api.ts';
import { CliFailure, usage } from '../failure.ts';
import { parseApp, parseName, parseReplicas, parseVersion } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { fieldLines } from '../view/table.ts';
import { type DetachFlag, detachable, followAnswer } from './follow.ts';
import { paced, parseCount, policyOf, type RolloutFlags } from './rollout-flags.ts';
import { option, readVersionSource, specifiable, type VersionSource } from './spec-flags.ts';

interface ClusterFlag {
  readonly cluster: string;
}

interface UpgradeFlags extends VersionSource, RolloutFlags, ClusterFlag, DetachFlag {
  readonly version?: number;
  readonly replicas?: number;
  readonly canary?: number;
  readonly canaryReplicas?: readonly number[];
  readonly hold?: boolean;
  readonly supersede?: boolean;
}

const EXAMPLES = `
Examples:
  shoal upgrade shop/web --image nginx:1.28              what is deployed, with another image, in batches
  shoal upgrade shop/web --image nginx:1.28 --canary 1   one replica first; then: shoal rollout continue shop/web
  shoal upgrade shop/web --version 4 --strategy blue-green --hold
  shoal rollback shop/web                                to the version that ran before
`;

export function addRollout(program: Command, perform: Perform): void {
  const upgrade = program
    .command('upgrade')
    .description('roll a new version out over what runs: in batches, each once the one before works')
    .argument('<group/app>')
    .argument('[command...]', "after --: the command to run instead of the image's");
  paced(specifiable(upgrade))
    .addOption(option('--version <number>', 'an earlier version, as it is', parseVersion))
    .addOption(option('-n, --replicas <number>', 'containers wanted; unless given as many as now', parseReplicas))
    .option('--cluster <name>', 'where', 'default')
    .addOption(option('--canary <number>', 'so many replicas first; the others wait for `continue`', parseCount))
    .addOption(option('--canary-replicas <numbers>', 'these replicas first, like 0,3', parseNumbers))
    .option('--hold', 'blue-green: wait for `continue` before the old containers go')
    .option('--supersede', 'take the place of a rollout that is under way, instead of being refused')
    .addHelpText('after', EXAMPLES);
  perform(detachable(upgrade), runUpgrade);

  const rollback = program
    .command('rollback')
    .description('go back to an earlier version, in one step')
    .argument('<group/app>')
    .option('--to <version>', "a number, like 3 or v3; unless given what ran before, see 'shoal version ls'")
    .option('--cluster <name>', 'where', 'default');
  perform(detachable(paced(rollback)), runRollback);

  const rollout = program.command('rollout').description('a rollout under way: look at it, go on, stop, go back');
  perform(inCluster(rollout.command('show').description('how far it is').argument('<group/app>')), showRollout);
  const acts = [
    ['continue', 'after the canaries, or before the old containers of blue-green go'],
    ['pause', 'open no further batch; what runs goes on'],
    ['resume', 'go on after a pause'],
    ['abort', 'go back to what ran before'],
  ] as const;
  for (const [action, description] of acts) {
    const command = rollout.command(action).description(description).argument('<group/app>');
    perform(detachable(inCluster(command)), act(action));
  }
}

const inCluster = (command: Command): Command => command.option('--cluster <name>', 'where', 'default');

function parseNumbers(text: string): readonly number[] {
  return text.split(',').map(parseCount);
}

const appRoute = (name: ReturnType<typeof parseApp>) => route`/v1/groups/${name.group}/apps/${name.app}`;

async function runUpgrade(session: Session, flags: UpgradeFlags, args: readonly string[]): Promise<void> {
  const [text] = words(args);
  const name = parseApp(text);
  const api = await session.api();
  const deployment = deploymentIn(await api.get<App>(appRoute(name)), parseName(flags.cluster, 'cluster'));
  const isPlain = flags.file === undefined && flags.from === undefined && flags.version === undefined;
  const source = isPlain ? { ...flags, from: String(deployment.version) } : flags;
  const { spec } = await readVersionSource(session, api, name, source, args.slice(1));
  if (spec !== undefined && flags.version !== undefined) {
    throw usage('--version runs an earlier version as it is', `to change it: --from ${flags.version}`);
  }
  const policy = policyOf(flags);
  const canary = {
    ...(flags.canary === undefined ? {} : { count: flags.canary }),
    ...(flags.canaryReplicas === undefined ? {} : { replicas: [...flags.canaryReplicas] }),
  };
  const answer = await api.send('POST', `${appRoute(name)}/deployments`, {
    cluster: flags.cluster,
    ...(flags.replicas === undefined ? {} : { replicas: flags.replicas }),
    ...(spec === undefined ? {} : { spec }),
    ...(flags.version === undefined ? {} : { version: flags.version }),
    ...(policy === undefined ? {} : { rollout: policy }),
    ...(Object.keys(canary).length === 0 ? {} : { canary }),
    ...(flags.hold === true ? { hold: true } : {}),
    ifRunning: flags.supersede === true ? 'supersede' : 'refuse',
  });
  await followAnswer(session, flags, answer, `${text}: nothing to change`);
}

async function runRollback(
  session: Session,
  flags: RolloutFlags & ClusterFlag & DetachFlag & { readonly to?: string },
  args: readonly string[],
): Promise<void> {
  const [text] = words(args);
  const policy = policyOf(flags);
  const api = await session.api();
  const answer = await api.send('POST', `${appRoute(parseApp(text))}/rollbacks`, {
    cluster: flags.cluster,
    ...(flags.to === undefined ? {} : { to: parseVersion(flags.to) }),
    ...(policy === undefined ? {} : { rollout: policy }),
  });
  await followAnswer(session, flags, answer, `${text}: runs that already`);
}

function act(action: RolloutAction) {
  return async (session: Session, flags: ClusterFlag & DetachFlag, args: readonly string[]): Promise<void> => {
    const [text] = words(args);
    const api = await session.api();
    const path = `${appRoute(parseApp(text))}/rollout/${action}`;
    const answer = await api.send('POST', path, { cluster: flags.cluster });
    // Nothing moves while it is paused, so there is nothing to watch.
    if (action !== 'pause') return followAnswer(session, flags, answer, `${text}: nothing to do`);
    if (session.options.json === true) return session.json(answer.body);
    session.say(`the rollout of ${text} is paused`);
    session.suggest(`shoal rollout resume ${text}   (or: shoal rollout abort ${text})`);
  };
}

async function showRollout(session: Session, flags: ClusterFlag, args: readonly string[]): Promise<void> {
  const [text] = words(args);
  const api = await session.api();
  const deployment = deploymentIn(await api.get<App>(appRoute(parseApp(text))), flags.cluster);
  if (session.options.json === true) return session.json(deployment);
  const { rollout, version, replicas, reached = [] } = deployment;
  const fields = [
    ['app', `${text} in ${flags.cluster}`],
    ['version', `v${version}`],
    ['reached before', reached.map((number) => `v${number}`).join(' ') || undefined],
    ['from', rollout === undefined ? undefined : `v${rollout.from.version}`],
    ['open', rollout === undefined ? undefined : `${rollout.open} of ${replicas} replicas, ${rollout.proven} work`],
    ['batch', rollout === undefined ? undefined : String(rollout.batch)],
    ['waits for continue at', rollout?.holdAt === undefined ? undefined : `${rollout.holdAt} replicas`],
    ['paused', rollout?.paused === undefined ? undefined : `${rollout.paused.by}: ${rollout.paused.detail}`],
    ['stops old ones first', rollout?.stopFirst],
    ['goes back', rollout?.reverting?.detail],
  ] as const;
  session.lines(fieldLines(fields, session.paint));
  if (rollout === undefined) session.say('no rollout is under way');
  else session.suggest(`shoal op watch ${deployment.operationId}`);
}

function deploymentIn(app: App, cluster: string): Deployment {
  const found = app.deployments.find((deployment) => deployment.cluster === cluster);
  if (found !== undefined) return found;
  const name = `${app.group}/${app.name}`;
  throw new CliFailure(exitCodes.notFound, `${name} is not deployed in cluster ${cluster}`, {
    next: `shoal deploy ${name} --cluster ${cluster}`,
  });
}
