import type { Command } from 'commander';
import type { Namespace } from '../../../protocol/schemas/image.ts';
import { route } from '../client/api.ts';
import { type Bound, boundOrNull, parseQuota } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatBytes } from '../view/format.ts';
import { option } from './spec-flags.ts';

export function addNamespace(program: Command, perform: Perform): void {
  const namespace = program
    .command('namespace')
    .description("namespaces of images: the first word of a repository's name, and what all of them may take");
  perform(namespace.command('ls').description('list namespaces'), listNamespaces);
  const set = namespace.command('set').description('bound what the images of a namespace may take');
  const quota = option('--quota <size>', "bytes of all different blobs, like 10g; or 'none'", parseQuota);
  perform(set.argument('<namespace>').addOption(quota.makeOptionMandatory()), setNamespace);
}

const shown = (quotaBytes: number | undefined): string => (quotaBytes === undefined ? 'none' : formatBytes(quotaBytes));

async function listNamespaces(session: Session): Promise<void> {
  const api = await session.api();
  session.table(
    [
      { title: 'NAMESPACE', cell: (namespace) => namespace.name },
      { title: 'REPOSITORIES', cell: (namespace) => namespace.repositories, isNumber: true },
      { title: 'USED', cell: (namespace) => formatBytes(namespace.usedBytes), isNumber: true },
      { title: 'QUOTA', cell: (namespace) => shown(namespace.quotaBytes), isNumber: true },
    ],
    await api.list<Namespace>('/v1/namespaces'),
    (namespace) => namespace.name,
    'no namespaces yet; a push makes them: docker push 127.0.0.1:5000/NAMESPACE/NAME:TAG',
  );
}

async function setNamespace(
  session: Session,
  flags: { readonly quota: Bound },
  args: readonly string[],
): Promise<void> {
  const [name] = words(args);
  const api = await session.api();
  const { body } = await api.send('PUT', route`/v1/namespaces/${name}`, { quotaBytes: boundOrNull(flags.quota) });
  if (session.options.json === true) return session.json(body);
  session.say(
    `namespace ${name} has ${flags.quota === 'none' ? 'no quota' : `a quota of ${formatBytes(flags.quota)}`}`,
  );
}
