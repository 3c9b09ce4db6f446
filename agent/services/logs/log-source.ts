import { Readable } from 'node:stream';
import { Compile } from 'typebox/compile';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { ContainerState } from '../../../protocol/schemas/host.ts';
import { type LogRecord, LogRequest } from '../../../protocol/schemas/logs.ts';
import { type Line, LineJoiner } from '../../core/logs/lines.ts';
import { Newest } from '../../core/logs/newest.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine, LogRange } from '../../ports/engine.ts';
import { pause } from '../../ports/pause.ts';
import type { Transport } from '../../ports/transport.ts';
import { decodeJson } from '../catalog/record-body.ts';
import type { LastOutputs } from './last-output.ts';

export const LOG_STREAM = 'logs.read';

/** A container that has stopped, or was not made yet, is looked at this often. Milliseconds. */
const LOOK_MS = 1_000;
/** A quiet log says that it is still there: a connection without a byte for two minutes is closed. Milliseconds. */
const QUIET_MS = 30_000;
/** Lines that passed a filter and wait for the end of the log, together. Characters. */
const FOUND_CHARS_MAX = 4 * 1024 * 1024;

const logRequest = Compile(LogRequest);

export interface LogSourceParts {
  readonly transport: Pick<Transport, 'handleStream'>;
  readonly engine: Pick<Engine, 'logs' | 'inspect'>;
  readonly clock: Clock;
  /** A container of this host by its id; undefined when it is gone. */
  readonly find: (containerId: string) => ContainerState | undefined;
  readonly lastOutputs: Pick<LastOutputs, 'records'>;
}

/** The logs of this host's containers, for this member and for others. Nothing is read from the engine before somebody asks for it. */
export class LogSource {
  readonly #parts: LogSourceParts;
  #open = 0;

  constructor(parts: LogSourceParts) {
    this.#parts = parts;
    parts.transport.handleStream(LOG_STREAM, async (_from, header, signal) => {
      const request = decodeJson<LogRequest>(header, (value) => logRequest.Check(value), 'log request');
      const records = this.read(request, signal);
      return (stream) => {
        Readable.from(jsonLines(records, this.#parts.clock, signal))
          .on('error', (error) => stream.destroy(error))
          .pipe(stream);
        // Nothing is to come from there, but its end has to be noticed.
        stream.resume();
      };
    });
  }

  /**
   * Lines, some at a time. With `follow`: first what there is, then `isLive`, then what is written, until the container is gone.
   *
   * @throws ShoalError not-found, rate-limited
   */
  read(request: LogRequest, signal: AbortSignal): AsyncIterable<readonly LogRecord[]> {
    if (signal.aborted) throw new ShoalError('cancelled', 'Nobody wants the log any more.');
    const { find, lastOutputs } = this.#parts;
    if (request.previous !== true && find(request.containerId) === undefined) {
      throw new ShoalError('not-found', 'The container is not on this host any more.');
    }
    if (this.#open >= limits.logStreams) {
      throw new ShoalError('rate-limited', `The host serves ${limits.logStreams} log streams already.`);
    }
    this.#open += 1;
    signal.addEventListener('abort', () => this.#closed(), { once: true });
    return request.previous === true ? lastOutputs.records(request) : this.#records(request, signal);
  }

  /** As `read` with `follow`, for this agent itself, from `after` on. No stream of people's is taken for it. */
  tail(request: LogRequest, signal: AbortSignal): AsyncIterable<readonly LogRecord[]> {
    return this.#records(request, signal);
  }

  #closed(): void {
    this.#open -= 1;
  }

  async *#records(request: LogRequest, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const { clock, find } = this.#parts;
    let last = request.after ?? '';
    const engineId = find(request.containerId)?.engineId;
    const history = engineId === undefined ? [] : this.#history(engineId, request, signal);
    for await (const records of history) {
      const news = after(request.after ?? '', records);
      last = latest(last, news);
      yield news;
    }
    if (!request.follow) return;
    yield [{ isLive: true }];
    if (last === '') last = new Date(clock.nowMs()).toISOString().replace('Z', '000000Z');
    yield* this.#live(request, last, signal);
  }

  /** What is written from `last` on: a container may not have been made yet, and may be started again any time. */
  async *#live(request: LogRequest, last: string, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const { clock, find, engine } = this.#parts;
    let seen = { last, startedAt: '' };
    while (!signal.aborted) {
      const state = find(request.containerId);
      if (state === undefined) return;
      const container = state.engineId === undefined ? undefined : await engine.inspect(state.engineId, signal);
      const isRunning = container?.state === 'running';
      if (container !== undefined && (isRunning || container.startedAt !== seen.startedAt)) {
        const since = seen.last;
        const range = { ...rangeOf(request), since, follow: isRunning };
        seen = { last: since, startedAt: container.startedAt };
        for await (const records of this.#lines(container.engineId, range, request, signal)) {
          // Against where it began: the two outputs of a container are in order each by itself only.
          const news = after(since, records);
          seen = { ...seen, last: latest(seen.last, news) };
          if (news.length > 0) yield news;
        }
      }
      await pause(clock, LOOK_MS, signal);
    }
  }

  /** With a filter, the newest lines that pass it; the engine would count those that don't. */
  async *#history(engineId: string, request: LogRequest, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const { tail, grep, until } = request;
    const since = request.after ?? request.since;
    const times = { ...(since === undefined ? {} : { since }), ...(until === undefined ? {} : { until }) };
    const range: LogRange = { ...rangeOf(request), follow: false, ...times };
    if (grep === undefined || tail === undefined) {
      yield* this.#lines(engineId, tail === undefined ? range : { ...range, tail }, request, signal);
      return;
    }
    const newest = new Newest<LogRecord>(tail, FOUND_CHARS_MAX, ({ text = '' }) => text.length);
    for await (const records of this.#lines(engineId, range, request, signal)) {
      for (const record of records) newest.add(record);
    }
    yield newest.items;
  }

  async *#lines(
    engineId: string,
    range: LogRange,
    { grep }: LogRequest,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogRecord[]> {
    const joiner = new LineJoiner();
    const isWanted = ({ text }: Line) => grep === undefined || text.includes(grep);
    for await (const messages of this.#parts.engine.logs(engineId, range, signal)) {
      const lines = messages.flatMap((message) => joiner.take(message) ?? []).filter(isWanted);
      if (lines.length > 0) yield lines.map(recordOf);
    }
    const rest = joiner.rest().filter(isWanted);
    if (rest.length > 0) yield rest.map(recordOf);
  }
}

const recordOf = ({ at, stream, text, isCut }: Line): LogRecord => ({ at, stream, text, ...(isCut ? { isCut } : {}) });

const after = (moment: string, records: readonly LogRecord[]): readonly LogRecord[] =>
  moment === '' ? records : records.filter(({ at = '' }) => at > moment);

const latest = (moment: string, records: readonly LogRecord[]): string =>
  records.reduce((newest, { at = '' }) => (at > newest ? at : newest), moment);

const rangeOf = ({ stream }: LogRequest) => (stream === undefined ? {} : { stream });
/** Records as lines of JSON, with an empty one now and then. */
async function* jsonLines(
  batches: AsyncIterable<readonly LogRecord[]>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  for await (const records of withHeartbeat(batches, [{}], QUIET_MS, clock, signal)) {
    yield Buffer.from(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  }
}

/** The same items, and a sign of life whenever there was none for a while. */
async function* withHeartbeat<T>(
  items: AsyncIterable<T>,
  sign: T,
  quietMs: number,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  try {
    let next = iterator.next();
    for (;;) {
      const waiting = new AbortController();
      const quiet = pause(clock, quietMs, AbortSignal.any([signal, waiting.signal])).then(() => undefined);
      const result = await Promise.race([next, quiet]);
      waiting.abort();
      if (result === undefined) {
        if (signal.aborted) return;
        yield sign;
        continue;
      }
      if (result.done === true) return;
      yield result.value;
      next = iterator.next();
    }
  } finally {
    void iterator.return?.()?.catch(() => {});
  }
}
