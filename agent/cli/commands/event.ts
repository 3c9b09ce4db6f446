import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import type { Api, Query } from '../client/api.ts';
import { ApiFailure, CliFailure } from '../failure.ts';
import { parseApp, wholeNumber } from '../parse/values.ts';
import type { Perform } from '../perform.ts';
import type { Session } from '../session.ts';
import { printableLine } from '../view/format.ts';
import { getHost } from './host.ts';
import { option } from './spec-flags.ts';

interface EventFlags {
  readonly follow?: boolean;
  readonly group?: string;
  readonly app?: string;
  readonly host?: string;
  readonly limit: number;
}

/** Between two tries to go on after the stream broke. Milliseconds. */
const RECONNECT_MS = 1_000;
const RECONNECTS_MAX = 60;

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
async function follow(session: Session, api: Api, filter: Query, after: string | undefined): Promise<void> {
  let last = after;
  let isStopped = false;
  const release = session.outside.onInterrupt(() => {
    isStopped = true;
    session.end();
  });
  try {
    for (let silent = 0; silent < RECONNECTS_MAX; silent++) {
      if (silent > 0) await sleep(RECONNECT_MS, undefined, { signal: session.signal });
      try {
        for await (const message of api.stream('/v1/events/stream', { ...filter, after: last }, last)) {
          if (message.event !== 'event' && message.event !== 'message') continue;
          const event = JSON.parse(message.data) as Event;
          silent = 0;
          last = event.id;
          show(session, event);
        }
      } catch (error) {
        if (session.signal.aborted || error instanceof ApiFailure) throw error;
      }
    }
  } catch (error) {
    if (isStopped) return;
    throw error;
  } finally {
    release();
  }
  throw new CliFailure(exitCodes.unreachable, 'no member sends events any more', { next: 'shoal status' });
}
