import { setTimeout as sleep } from 'node:timers/promises';
import Type from 'typebox';
import { ShoalError } from '../../../protocol/errors.ts';
import { Name } from '../../../protocol/schemas/common.ts';
import { LogEntry, logQuery } from '../../../protocol/schemas/logs.ts';
import type { Platform } from '../../services/platform.ts';
import { noSuch } from '../command.ts';
import { eventText, HEARTBEAT_MS } from '../event-stream.ts';
import { answers, containerParams, query, ref } from '../schemas.ts';
import type { RouteContext, Routes } from './context.ts';

const tags = ['logs'];
const description =
  'Lines oldest first, one JSON object a line. With `follow=true` server-sent events `line` and `missing`, which go on with what is ' +
  'written; `end` when nothing more can come. A client that reads slowly slows the reading of the log, and loses nothing.';
const response = answers({
  200: {
    description: 'The log',
    content: {
      'application/x-ndjson': { schema: ref(LogEntry) },
      'text/event-stream': { schema: Type.String() },
    },
  },
});

export const logRoutes: Routes = (app, context) => {
  const { platform } = context;

  app.get(
    '/v1/containers/:container/logs',
    {
      schema: {
        operationId: 'readContainerLogs',
        description,
        tags,
        params: containerParams,
        querystring: query(logQuery),
        response,
      },
    },
    (request, reply) => {
      if (request.query.previous === 'true') {
        return sendPrevious(context, reply, { container: request.params.container }, request.query);
      }
      const container = platform.container(request.params.container);
      if (container === undefined) throw noSuch(`container "${request.params.container}"`);
      return send(context, reply, { container: container.id }, request.query);
    },
  );

  app.get(
    '/v1/groups/:group/apps/:app/logs',
    {
      schema: {
        operationId: 'readAppLogs',
        description: `${description} All containers of the app, merged by time; those of lost hosts are named as missing.`,
        tags,
        params: Type.Object({ group: Name, app: Name }),
        querystring: query({ ...logQuery, replica: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })) }),
        response,
      },
    },
    (request, reply) => {
      const { group, app: name } = request.params;
      if (request.query.previous === 'true') {
        const { replica, ...wanted } = request.query;
        return sendPrevious(
          context,
          reply,
          { group, app: name, ...(replica === undefined ? {} : { replica }) },
          wanted,
        );
      }
      if (platform.app(group, name) === undefined) throw noSuch(`app "${group}/${name}"`);
      const { replica, ...wanted } = request.query;
      return send(context, reply, { group, app: name, ...(replica === undefined ? {} : { replica }) }, wanted);
    },
  );
};

type LogsQuery = Type.Static<ReturnType<typeof query<typeof logQuery>>>;
type LogsOf = Parameters<Platform['logs']>[0];
type LogWish = Parameters<Platform['logs']>[1];

function send(
  { platform, streams }: RouteContext,
  reply: Parameters<RouteContext['streams']['answer']>[0],
  of: LogsOf,
  asked: LogsQuery,
) {
  const wish = wishOf(asked, Date.now());
  const read = (signal: AbortSignal) => platform.logs(of, wish, signal);
  return wish.follow
    ? streams.answerText(reply, 'text/event-stream', (signal) => asEvents(read(signal), signal))
    : streams.answerText(reply, 'application/x-ndjson', (signal) => asLines(read(signal)));
}

/** Those who keep it are asked first, so that nothing kept is a problem document. */
async function sendPrevious(
  { platform, streams }: RouteContext,
  reply: Parameters<RouteContext['streams']['answer']>[0],
  of: LogsOf,
  asked: LogsQuery,
) {
  if (asked.follow === 'true') {
    throw new ShoalError('invalid-request', 'Removed containers write nothing more: leave `follow` out.', {
      faults: [{ pointer: '/follow', detail: 'does not go with previous' }],
    });
  }
  const gone = new AbortController();
  const entries = await platform.previousLogs(of, wishOf(asked, Date.now()), gone.signal);
  return streams.answerText(reply, 'application/x-ndjson', (signal) => {
    signal.addEventListener('abort', () => gone.abort(), { once: true });
    return asLines(entries);
  });
}

function wishOf({ follow, previous: _, since, until, ...rest }: LogsQuery, nowMs: number): LogWish {
  return {
    ...rest,
    follow: follow === 'true',
    ...(since === undefined ? {} : { since: momentOf(since, nowMs) }),
    ...(until === undefined ? {} : { until: momentOf(until, nowMs) }),
  };
}

const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A duration is so long ago by this member's clock. */
function momentOf(text: string, nowMs: number): string {
  const [, count, unit = ''] = /^(\d+)(ms|s|m|h|d)$/.exec(text) ?? [];
  if (count === undefined) return text;
  return new Date(Math.max(0, nowMs - Number(count) * (unitsMs[unit] ?? 1))).toISOString();
}

async function* asLines(batches: AsyncIterable<readonly LogEntry[]>): AsyncGenerator<string> {
  for await (const entries of batches) {
    if (entries.length > 0) yield entries.map((entry) => `${JSON.stringify(entry)}\n`).join('');
  }
}

/** Comments in between show the client and its proxies that the stream lives. */
async function* asEvents(batches: AsyncIterable<readonly LogEntry[]>, signal: AbortSignal): AsyncGenerator<string> {
  const iterator = batches[Symbol.asyncIterator]();
  yield ': begin\n\n';
  let next = iterator.next();
  while (!signal.aborted) {
    const waiting = new AbortController();
    const quiet = sleep(HEARTBEAT_MS, undefined, { signal: AbortSignal.any([signal, waiting.signal]) }).catch(() => {});
    const result = await Promise.race([next, quiet]);
    waiting.abort();
    if (result === undefined) {
      yield ': still here\n\n';
      continue;
    }
    if (result.done === true) break;
    yield result.value.map(eventOf).join('');
    next = iterator.next();
  }
  yield 'event: end\ndata: {}\n\n';
}

const eventOf = (entry: LogEntry): string =>
  eventText({ ...(entry.type === 'line' ? { id: entry.at } : {}), event: entry.type, data: entry });
