import { type Command, Option } from 'commander';
import type { Constraint } from '../../../protocol/schemas/common.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { Cluster } from '../../../protocol/schemas/model.ts';
import { route } from '../client/api.ts';
import { parseConstraint } from '../parse/container.ts';
import { parseName } from '../parse/values.ts';
import { collect, type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { count } from '../view/format.ts';
import { fieldLines } from '../view/table.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';

/** Every mesh has it, and it has no record. */
const ALL_HOSTS: Cluster = { name: 'default', selector: [], createdAt: '' };

interface ClusterFlags {
  readonly selector?: readonly string[];
  readonly description?: string;
}

export function addCluster(program: Command, perform: Perform): void {
  const cluster = program.command('cluster').description("clusters: named sets of hosts; 'default' is all of them");
  perform(cluster.command('ls').description('list clusters'), listClusters);
  const create = cluster.command('create').description('make a cluster, or change it').argument('<cluster>');
  perform(
    create
      .addOption(
        new Option(
          '-s, --selector <rule>',
          "rule that its hosts' labels fit, like zone==a (may be repeated)",
        ).argParser(collect),
      )
      .option('--description <text>', 'what it is for'),
    createCluster,
  );
  perform(cluster.command('show').description('show a cluster and its hosts').argument('<cluster>'), showCluster);
  perform(
    confirmable(cluster.command('rm').description('remove a cluster; hosts stay').argument('<cluster>')),
    removeCluster,
  );
}

const ruleText = ({ label, op, values }: Constraint): string =>
  op === 'in' ? `${label} in (${values.join(',')})` : `${label}${op}${values.join(',')}`;

const selectorText = (cluster: Cluster): string => cluster.selector.map(ruleText).join(' and ') || 'all hosts';

function fits(host: Host, { label, op, values }: Constraint): boolean {
  const value = host.labels[label];
  const isListed = value !== undefined && values.includes(value);
  return op === '!=' ? !isListed : isListed;
}

async function listClusters(session: Session): Promise<void> {
  const api = await session.api();
  session.table(
    [
      { title: 'CLUSTER', cell: (cluster) => cluster.name },
      { title: 'HOSTS', cell: selectorText },
      { title: 'DESCRIPTION', cell: (cluster) => cluster.description },
    ],
    await api.list<Cluster>('/v1/clusters'),
    (cluster) => cluster.name,
    "only 'default', which is all hosts; make one: shoal cluster create NAME --selector zone==a",
  );
}

async function createCluster(session: Session, flags: ClusterFlags, args: readonly string[]): Promise<void> {
  const name = parseName(words(args)[0], 'cluster');
  const api = await session.api();
  const { status, body } = await api.send('PUT', route`/v1/clusters/${name}`, {
    selector: (flags.selector ?? []).map(parseConstraint),
    ...(flags.description === undefined ? {} : { description: flags.description }),
  });
  if (session.options.json === true) return session.json(body);
  session.say(`cluster ${name} ${status === 201 ? 'created' : 'set'}`);
  session.suggest(`shoal cluster show ${name}`);
}

async function showCluster(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const api = await session.api();
  const [name] = words(args);
  const cluster = name === 'default' ? ALL_HOSTS : await api.get<Cluster>(route`/v1/clusters/${name}`);
  const hosts = (await api.list<Host>('/v1/hosts')).filter((host) =>
    cluster.selector.every((rule) => fits(host, rule)),
  );
  if (session.options.json === true) return session.json({ ...cluster, hosts: hosts.map((host) => host.name) });
  const fields = [
    ['cluster', cluster.name],
    ['description', cluster.description],
    ['selector', selectorText(cluster)],
    [
      'hosts',
      `${count(hosts.length, 'host')}: ${hosts
        .map((host) => host.name)
        .sort()
        .join(' ')}`,
    ],
  ] as const;
  session.lines(fieldLines(fields, session.paint));
}

async function removeCluster(session: Session, flags: ConfirmFlags, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  await confirm(session, flags, name, `This removes the cluster ${name}.`);
  const api = await session.api();
  await api.send('DELETE', route`/v1/clusters/${name}`);
  session.say(`cluster ${name} removed`);
}
