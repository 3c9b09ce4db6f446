import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { DeploymentPlan } from '../../../protocol/schemas/plan.ts';
import { type Api, route } from '../client/api.ts';
import { CliFailure, hasCode, usage } from '../failure.ts';
import { parseApp, parseName, parseReplicas, parseVersion } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { planLines, planVerdict } from '../view/plan.ts';
import { type DetachFlag, detachable, followAnswer } from './follow.ts';
import { paced, policyOf, type RolloutFlags } from './rollout-flags.ts';
import { option, readVersionSource, specifiable, type VersionSource } from './spec-flags.ts';

interface DeployFlags extends VersionSource, RolloutFlags, DetachFlag {
  readonly replicas?: number;
  readonly cluster?: string;
  readonly version?: number;
  readonly createGroup?: boolean;
  readonly dryRun?: boolean;
}

const EXAMPLES = `
Examples:
  shoal deploy shop/web --image nginx:1.27 --replicas 3 --memory 128m -p 80
  shoal deploy shop/web --from latest --image nginx:1.28     change one thing of the latest version
  shoal deploy shop/web --from latest --memory 1g --dry-run  where it would go, and who refuses why; nothing is done
  shoal deploy shop/job --image busybox --memory 16m -- sh -c 'while sleep 60; do date; done'
`;

export function addDeploy(program: Command, perform: Perform): void {
  const deploy = program
    .command('deploy')
    .description('run a version of an app: make it from flags or a file, place its replicas, and watch them start')
    .argument('<group/app>', 'the app, made if need be')
    .argument('[command...]', "after --: the command to run instead of the image's");
  paced(specifiable(deploy))
    .addOption(option('-n, --replicas <number>', 'containers wanted; unless given as many as now, or 1', parseReplicas))
    .option('--cluster <name>', "hosts to use (default: 'default', all hosts)")
    .addOption(option('--version <number>', 'an earlier version, as it is', parseVersion))
    .option('--create-group', 'make the group if it does not exist')
    .option('--dry-run', 'only say what would be placed where, and what is refused and why')
    .addHelpText('after', EXAMPLES);
  perform(detachable(deploy), runDeploy);
}

async function runDeploy(session: Session, flags: DeployFlags, args: readonly string[]): Promise<void> {
  const name = parseApp(words(args)[0]);
  const api = await session.api();
  const source = await readVersionSource(session, api, name, flags, args.slice(1));
  if (source.spec !== undefined && flags.version !== undefined) {
    throw usage('--version runs an earlier version as it is', `to change it: --from ${flags.version}`);
  }
  const cluster = parseName(flags.cluster ?? source.cluster ?? 'default', 'cluster');
  const app = await findApp(session, api, name, flags, source.spec !== undefined);
  const running = app?.deployments.find((deployment) => deployment.cluster === cluster);
  const policy = policyOf(flags);
  const body = {
    cluster,
    replicas: flags.replicas ?? source.replicas ?? running?.replicas ?? 1,
    ...(source.spec === undefined ? {} : { spec: source.spec }),
    ...(flags.version === undefined ? {} : { version: flags.version }),
    ...(policy === undefined ? {} : { rollout: policy }),
  };
  const path = route`/v1/groups/${name.group}/apps/${name.app}/deployments`;
  if (flags.dryRun === true) {
    const query = flags.createGroup === true ? '?withGroup=true' : '';
    const plan = (await api.send('POST', `${path}/plan${query}`, body)).body as DeploymentPlan;
    return showPlan(session, `${name.group}/${name.app}`, plan);
  }
  const answer = await api.send('POST', path, body);
  await followAnswer(session, flags, answer, `${name.group}/${name.app}: nothing to change`);
}

function showPlan(session: Session, app: string, plan: DeploymentPlan): void {
  if (!plan.fits) session.exitCode = exitCodes.failed;
  if (session.options.json === true) session.json(plan);
  else session.lines(planLines(app, plan, session.paint));
  session.say(planVerdict(plan));
}

type AppName = ReturnType<typeof parseApp>;

/** The app, if it exists; a deploy with a spec makes it, given that its group is there. */
async function findApp(session: Session, api: Api, { group, app }: AppName, flags: DeployFlags, hasSpec: boolean) {
  try {
    return await api.get<App>(route`/v1/groups/${group}/apps/${app}`);
  } catch (error) {
    if (!hasCode(error, 'not-found')) throw error;
  }
  if (!hasSpec)
    throw notThere(`there is no app ${group}/${app}`, `shoal deploy ${group}/${app} --image IMAGE --memory 256m`);
  if (!(await groupExists(api, group))) {
    if (flags.createGroup !== true)
      throw notThere(`there is no group ${group}`, `shoal group create ${group}   (or add --create-group)`);
    if (flags.dryRun === true) return undefined;
    await api.send('PUT', route`/v1/groups/${group}`, {});
    session.say(`group ${group} created`);
  }
  return undefined;
}

async function groupExists(api: Api, group: string): Promise<boolean> {
  try {
    await api.get(route`/v1/groups/${group}`);
    return true;
  } catch (error) {
    if (hasCode(error, 'not-found')) return false;
    throw error;
  }
}

const notThere = (message: string, next: string) => new CliFailure(exitCodes.notFound, message, { next });
