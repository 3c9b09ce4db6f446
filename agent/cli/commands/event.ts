import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import type { Api, Query } from '../client/api.ts';
import { reconnecting } from '../client/reconnect.ts';
import { CliFailure } from '../failure.ts';
import { parseApp, wholeNumber } from '../parse/values.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';
import { printableLine } from '../view/format.ts';
import { getHost } from './host.ts';
import { option } from './spec-flags.ts';
import { untilInterrupt } from './until-interrupt.ts';

interface EventFlags {
  readonly follow?: boolean;
  readonly group?: string;
  readonly app?: string;
  readonly host?: string;
  readonly limit: number;
}

export function addEvent(program: Command, perform: Perform): void {
  const event = program.command('event').description('events: what happened in the mesh');
  perform(
    event
      .command('ls')
      .description('list events, newest last')
      .option('-f, --follow', 'go on with those that come')
      .option('--group <name>', 'only of this group')
      .option('--app <group/app>', 'only of this app')
      .option('--host <host>', 'only about this host')
      .addOption(
        option('-n, --limit <number>', 'at most so many', wholeNumber('number of events', 1, 500)).default(50),
      ),
    listEvents,
  );
}

async function listEvents(session: Session, flags: EventFlags): Promise<void> {
  const api = await session.api();
  const app = flags.app === undefined ? undefined : parseApp(flags.app);
  const host = flags.host === undefined ? undefined : (await getHost(api, flags.host)).id;
  const filter: Query = { group: app?.group ?? flags.group, app: app?.app, host };
  const isFollowing = flags.follow === true;
  const { items } = await api.get<{ items: Event[] }>('/v1/events', { ...filter, limit: flags.limit });
  const recent = items.slice(-flags.limit);
  if (!isFollowing && session.options.json === true) return session.json(recent);
  for (const event of recent) show(session, event);
  if (!isFollowing && recent.length === 0) session.say('no events');
  if (isFollowing) await follow(session, api, filter, recent.at(-1)?.id);
}

function show(session: Session, event: Event): void {
  const { json, quiet } = session.options;
  if (json === true) session.jsonLine(event);
  else if (quiet === true) session.print(event.id);
  else session.print(printableLine(eventLine(event)));
}

function eventLine(event: Event): string {
  const who = event.actor === undefined ? '' : `  by ${event.actor}`;
  return `${event.at}  ${event.kind.padEnd(22)}  ${event.message}${who}`;
}

/** Goes on until Ctrl-C; a member that goes away is replaced by another, from the last event seen. */
function follow(session: Session, api: Api, filter: Query, after: string | undefined): Promise<void> {
  let last = after;
  const open = () => api.stream('/v1/events/stream', { ...filter, after: last }, last);
  return untilInterrupt(session, async () => {
    for await (const message of reconnecting(open, session.signal)) {
      if (message.event !== 'event') continue;
      const event = JSON.parse(message.data) as Event;
      last = event.id;
      show(session, event);
    }
    throw new CliFailure(exitCodes.unreachable, 'no member sends events any more', { next: 'shoal status' });
  });
}
