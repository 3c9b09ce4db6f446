import type { Command } from 'commander';
import type { Container, Host } from '../../../protocol/schemas/host.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import type { Operation } from '../../../protocol/schemas/operation.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';
import { count, formatBytes } from '../view/format.ts';
import { operationTitle } from '../view/operation-frame.ts';
import { fieldLines } from '../view/table.ts';

export function addStatus(program: Command, perform: Perform): void {
  perform(
    program.command('status').description('the mesh in one picture, as the member that answers sees it'),
    showStatus,
  );
}

async function showStatus(session: Session): Promise<void> {
  const api = await session.api();
  const [hosts, apps, containers, operations] = await Promise.all([
    api.list<Host>('/v1/hosts'),
    api.list<App>('/v1/apps'),
    api.list<Container>('/v1/containers'),
    api.list<Operation>('/v1/operations'),
  ]);
  const running = operations.filter((operation) => operation.state === 'running');
  const self = hosts.find((host) => host.isSelf);
  if (session.options.json === true) {
    return session.json({
      member: self?.name,
      hosts: tally(hosts, (host) => host.status),
      apps: apps.length,
      containers: tally(containers, (container) => container.phase),
      ready: containers.filter((container) => container.ready).length,
      operations: running.map((operation) => operation.id),
    });
  }
  const alive = hosts.filter((host) => host.status === 'alive');
  const sum = (pick: (host: Host) => number) => alive.reduce((total, host) => total + pick(host), 0);
  const memory = `${formatBytes(sum((host) => host.capacity.promisedBytes))} of ${formatBytes(sum((host) => host.capacity.allocatableBytes))}`;
  const fields = [
    ['view of', self?.name],
    [
      'hosts',
      `${alive.length} of ${hosts.length} alive${others(
        tally(hosts, (host) => host.status),
        'alive',
      )}`,
    ],
    ['memory', `${memory} promised`],
    ['apps', apps.length],
    [
      'containers',
      `${containers.filter((one) => one.ready).length} of ${containers.length} ready${others(
        tally(containers, (one) => one.phase),
        'running',
      )}`,
    ],
  ] as const;
  session.lines(fieldLines(fields, session.paint));
  session.lines(
    running.map((operation) => `${count(1, 'operation')} running: ${operationTitle(operation)}  ${operation.id}`),
  );
  if (apps.length === 0) session.suggest('shoal deploy demo/hello --create-group --image nginx --memory 64m -p 80');
}

function tally<T>(items: readonly T[], word: (item: T) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[word(item)] = (counts[word(item)] ?? 0) + 1;
  return counts;
}

/** `: 1 dead, 2 suspect`; empty when all are as they should be. */
function others(counts: Readonly<Record<string, number>>, usual: string): string {
  const parts = Object.entries(counts).flatMap(([word, amount]) => (word === usual ? [] : [`${amount} ${word}`]));
  return parts.length === 0 ? '' : ` (${parts.sort().join(', ')})`;
}
