import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { LogEntry, LogLine } from '../../../protocol/schemas/logs.ts';
import { type Api, type Query, route } from '../client/api.ts';
import { reconnecting } from '../client/reconnect.ts';
import { CliFailure, usage } from '../failure.ts';
import { parseApp, wholeNumber } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { printableLine } from '../view/format.ts';
import { hues } from '../view/paint.ts';
import { option } from './spec-flags.ts';
import { untilInterrupt } from './until-interrupt.ts';

interface LogFlags {
  readonly follow?: boolean;
  readonly since?: string;
  readonly until?: string;
  readonly tail?: number | 'all';
  readonly grep?: string;
  readonly stream?: string;
  readonly replica?: number;
  readonly timestamps?: boolean;
  readonly previous?: boolean;
}

/** Lines of each container without --tail and --since. */
const TAIL_LINES = 100;
/** A log that goes on at another member begins a little earlier: lines of other hosts may have been late. Milliseconds. */
const OVERLAP_MS = 10_000;

export function addLogs(program: Command, perform: Perform): void {
  const tailLines = wholeNumber('number of lines', 0, limits.logTailLines);
  perform(
    program
      .command('logs')
      .description('show what the containers of an app write, merged by time, or one container')
      .argument('<app-or-container>', 'GROUP/APP, GROUP/APP/REPLICA, or a container by id, unique prefix or name')
      .option('-f, --follow', 'go on with what is written')
      .option('--since <moment>', 'not before, like 10m or 2026-01-31T12:00:00Z')
      .option('--until <moment>', 'not after')
      .addOption(
        option('-n, --tail <lines>', 'newest lines of each container, or all', (text) =>
          text === 'all' ? text : tailLines(text),
        ),
      )
      .option('--grep <text>', 'only lines that contain this; the hosts filter')
      .option('--stream <name>', 'only stdout, or only stderr')
      .option('--previous', 'what containers that were removed within the last hour wrote last')
      .option('-t, --timestamps', 'show when each line was written'),
    showLogs,
  );
}

async function showLogs(session: Session, flags: LogFlags, args: readonly string[]): Promise<void> {
  const { path, replica } = pathOf(words(args)[0]);
  const { since, until, grep, stream } = flags;
  const tail = flags.tail === 'all' ? undefined : (flags.tail ?? (since === undefined ? TAIL_LINES : undefined));
  const previous = flags.previous === true ? 'true' : undefined;
  const query: Query = { since, until, grep, stream, tail, replica, previous };
  const api = await session.api();
  const show = printer(session, flags.timestamps === true);
  if (flags.follow === true) {
    if (flags.previous === true)
      throw usage('removed containers write nothing more: --previous and --follow do not go together');
    if (until !== undefined) throw usage('--until and --follow do not go together');
    await untilInterrupt(session, () => follow(session, api, path, query, show));
    return;
  }
  for await (const entry of api.jsonLines<LogEntry>(path, query)) await show(entry);
}

/** `GROUP/APP`, `GROUP/APP/REPLICA` or a container. */
function pathOf(text: string): { readonly path: string; readonly replica?: number } {
  const parts = text.split('/');
  if (parts.length === 1) return { path: route`/v1/containers/${text}/logs` };
  const { group, app } = parseApp(parts.slice(0, 2).join('/'));
  const path = route`/v1/groups/${group}/apps/${app}/logs`;
  if (parts.length === 2) return { path };
  return { path, replica: wholeNumber('replica', 0, limits.replicas)(parts.slice(2).join('/')) };
}

type Show = (entry: LogEntry) => Promise<void>;

/** Goes on at another member when one goes away, and shows no line twice. */
async function follow(session: Session, api: Api, path: string, query: Query, show: Show): Promise<void> {
  const seen = new Map<string, string>();
  let newest = '';
  const open = () => {
    if (newest === '') return api.stream(path, { ...query, follow: 'true' });
    const since = new Date(Date.parse(newest) - OVERLAP_MS).toISOString();
    const { tail: _, ...rest } = query;
    return api.stream(path, { ...rest, since, follow: 'true' });
  };
  for await (const { event, data } of reconnecting(open, session.signal)) {
    if (event === 'end') return;
    const entry = JSON.parse(data) as LogEntry;
    if (entry.type === 'line') {
      const key = `${entry.containerId} ${entry.stream}`;
      if (entry.at <= (seen.get(key) ?? '')) continue;
      seen.set(key, entry.at);
      if (entry.at > newest) newest = entry.at;
    }
    await show(entry);
  }
  throw new CliFailure(exitCodes.unreachable, 'no member sends the log any more', { next: 'shoal status' });
}

function printer(session: Session, hasTimes: boolean): Show {
  const { out, err } = session.outside;
  const names = new Map<string, string>();
  const nameOf = ({ containerId, container }: LogLine): string => {
    const known = names.get(containerId);
    if (known !== undefined) return known;
    const painted = session.paint(hues[names.size % hues.length] ?? 'plain', printableLine(container));
    names.set(containerId, painted);
    return painted;
  };
  return async (entry) => {
    if (session.options.json === true) session.jsonLine(entry);
    else if (entry.type === 'missing') {
      err.write(`${printableLine(`${entry.container}: no log: ${entry.detail}`)}\n`);
    } else {
      const time = hasTimes ? `${session.paint('dim', entry.at)} ` : '';
      const name = session.options.quiet === true ? '' : `${nameOf(entry)} `;
      const cut = entry.isCut === true ? session.paint('dim', ' [cut]') : '';
      session.print(`${time}${name}${printableLine(entry.text)}${cut}`);
    }
    await out.hasRoom?.();
  };
}
