import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import { reconnecting } from '../client/reconnect.ts';
import { CliFailure } from '../failure.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';
import { printableLine } from '../view/format.ts';
import { untilInterrupt } from './until-interrupt.ts';

interface Changes {
  readonly topics: readonly string[];
  readonly hostName: string;
  readonly alive: number;
  readonly members: number;
  readonly isolated: boolean;
}

export function addChanges(program: Command, perform: Perform): void {
  perform(
    program
      .command('changes')
      .description('tell what may look different now, as it changes, until Ctrl-C; all topics at first')
      .option('--topic <topic>', 'only when this one is among them: hosts, containers, apps, operations, ...'),
    watchChanges,
  );
}

async function watchChanges(session: Session, flags: { readonly topic?: string }): Promise<void> {
  const api = await session.api();
  await untilInterrupt(session, async () => {
    for await (const { event, data } of reconnecting(() => api.stream('/v1/changes'), session.signal)) {
      if (event !== 'changes') continue;
      const changes = JSON.parse(data) as Changes;
      if (flags.topic !== undefined && !changes.topics.includes(flags.topic)) continue;
      if (session.options.json === true) session.jsonLine(changes);
      else if (session.options.quiet === true) session.print(changes.topics.join(' '));
      else session.print(printableLine(lineOf(changes)));
    }
    throw new CliFailure(exitCodes.unreachable, 'no member sends changes any more', { next: 'shoal status' });
  });
}

const lineOf = ({ topics, hostName, alive, members, isolated }: Changes): string =>
  `${hostName} sees ${alive}/${members}${isolated ? ', cut off' : ''}  ${topics.join(' ')}`;
