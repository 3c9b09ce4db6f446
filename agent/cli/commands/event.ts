import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import { type Api, type Query, route } from '../client/api.ts';
import { reconnecting } from '../client/reconnect.ts';
import { CliFailure } from '../failure.ts';
import { parseApp, parseDuration, wholeNumber } from '../parse/values.ts';
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
  readonly kind?: string;
  readonly container?: string;
  readonly operation?: string;
  readonly actor?: string;
  readonly since?: number;
  readonly until?: number;
  readonly grep?: string;
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
      .option('--kind <kind>', "only of this kind, or of those that begin so: 'host.*'")
      .option('--container <container>', 'only about this container')
      .option('--operation <operation>', 'only of this operation')
      .option('--actor <name>', 'only what this one did')
      .addOption(option('--since <duration>', 'not older than this, like 1h', parseDuration))
      .addOption(option('--until <duration>', 'older than this, like 10m', parseDuration))
      .option('--grep <text>', 'only those whose message has this in it')
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
  const container =
    flags.container === undefined ? undefined : (await api.get<Container>(route`/v1/containers/${flags.container}`)).id;
  const ago = (ms: number | undefined) => (ms === undefined ? undefined : new Date(Date.now() - ms).toISOString());
  const filter: Query = {
    ...{ group: app?.group ?? flags.group, app: app?.app, host, container },
    ...{ kind: flags.kind, operation: flags.operation, actor: flags.actor, text: flags.grep },
    ...{ since: ago(flags.since), until: ago(flags.until) },
  };
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
