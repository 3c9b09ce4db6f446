import type { Command } from 'commander';
import type { CapacityAnswer } from '../../../protocol/schemas/capacity.ts';
import { usage } from '../failure.ts';
import { parseApp, parseCpu, parseMemory, parseName } from '../parse/values.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';
import { count, formatBytes } from '../view/format.ts';
import { option } from './spec-flags.ts';

interface CapacityFlags {
  readonly memory?: number;
  readonly cpu?: number;
  readonly cluster?: string;
  readonly app?: string;
}

export function addCapacity(program: Command, perform: Perform): void {
  const capacity = program.command('capacity').description('how many more replicas of a size would fit, and where');
  perform(
    capacity
      .addOption(option('-m, --memory <size>', 'memory of one replica, like 256m', parseMemory))
      .addOption(option('--cpu <cores>', 'share of CPU of one replica, like 0.5', parseCpu))
      .option('--app <group/app>', "the size and the rules of an app's latest version instead")
      .option('--cluster <name>', "hosts to look at (default: 'default', all hosts)"),
    showCapacity,
  );
}

async function showCapacity(session: Session, flags: CapacityFlags): Promise<void> {
  if ((flags.memory === undefined) === (flags.app === undefined)) throw usage('give --memory or --app, one of them');
  if (flags.app !== undefined) parseApp(flags.app);
  const query = new URLSearchParams({
    ...(flags.memory === undefined ? {} : { memoryBytes: String(flags.memory) }),
    ...(flags.cpu === undefined ? {} : { cpuMilli: String(flags.cpu) }),
    ...(flags.app === undefined ? {} : { app: flags.app }),
    ...(flags.cluster === undefined ? {} : { cluster: parseName(flags.cluster, 'cluster') }),
  });
  const api = await session.api();
  const answer = await api.get<CapacityAnswer>(`/v1/capacity?${query}`);
  if (session.options.json === true) return session.json(answer);
  session.table(
    [
      { title: 'HOST', cell: (host) => host.hostName },
      { title: 'ZONE', cell: (host) => host.zone },
      { title: 'FITS', cell: (host) => host.replicas, isNumber: true },
      {
        title: 'PROMISED',
        cell: (host) => `${formatBytes(host.promisedBytes)}/${formatBytes(host.allocatableBytes)}`,
        isNumber: true,
      },
      { title: 'LIMITED BY', cell: (host) => host.rule },
      { title: 'WHY', cell: (host) => host.detail },
    ],
    answer.hosts,
    (host) => host.hostName,
    'no hosts',
  );
  session.say(`${count(answer.total, 'more replica')} of ${formatBytes(answer.memoryBytes)} would fit`);
}
