import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { Name } from '../../../protocol/schemas/common.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import {
  LastOutput,
  type LogEntry,
  type LogLine,
  type LogMissing,
  LogRecord,
  type LogRequest,
} from '../../../protocol/schemas/logs.ts';
import type { Clock } from '../../ports/clock.ts';
import { pause } from '../../ports/pause.ts';
import type { Transport } from '../../ports/transport.ts';
import { askAll } from '../ask-all.ts';
import { decodeJson, encodeJson } from '../catalog/record-body.ts';
import type { HostLoss } from '../view/host-loss.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { LastOutputs } from './last-output.ts';
import { LOG_STREAM, type LogSource } from './log-source.ts';
import { MergedLogs, type Piece } from './merged-logs.ts';

/** Until the host has said that it sends. Milliseconds. */
const OPEN_MS = 5_000;
/** Before a host that went away is asked again. Milliseconds. */
const RETRY_MS = 2_000;
/** A record in JSON, each character escaped. */
const RECORD_CHARS_MAX = 6 * limits.logLineBytes + 1_024;

const logRecord = Compile(LogRecord);

/** What of the logs somebody wants. */
export type LogWish = Omit<LogRequest, 'containerId' | 'previous'>;

/** A container whose log is read. */
type Logged = Pick<Container, 'id' | 'name' | 'replica' | 'hostId' | 'hostName' | 'hostStatus'>;

/** Which removed containers are meant: one, or those of an app. */
const LastWanted = Type.Object({
  containerId: Type.Optional(Type.String({ maxLength: 200 })),
  group: Type.Optional(Name),
  app: Type.Optional(Name),
  replica: Type.Optional(Type.Integer({ minimum: 0 })),
});
export type LastWanted = Type.Static<typeof LastWanted>;
const lastWanted = Compile(LastWanted);
const lastOutputList = Compile(Type.Array(LastOutput, { maxItems: 10_000 }));
const LAST_OUTPUTS = 'logs.last';
/** Who does not answer by then is left out. Milliseconds. */
const LIST_MS = 1_500;

export interface LogReaderParts {
  readonly transport: Pick<Transport, 'hostId' | 'openStream' | 'call' | 'handle'>;
  readonly view: Pick<MeshView, 'hosts'>;
  readonly lastOutputs: Pick<LastOutputs, 'list'>;
  readonly source: LogSource;
  readonly clock: Clock;
  readonly container: (id: string) => Container | undefined;
  readonly losses: Pick<HostLoss, 'watch'>;
}

/** Reads the logs of any containers of the mesh, merged by time. Nothing is read ahead: whoever takes no more stops the hosts. */
export class LogReader {
  readonly #parts: LogReaderParts;

  constructor(parts: LogReaderParts) {
    this.#parts = parts;
    parts.transport.handle(LAST_OUTPUTS, async (_from, body) => {
      const wanted = decodeJson<LastWanted>(body, (value) => lastWanted.Check(value), 'last outputs');
      return encodeJson(await parts.lastOutputs.list(wantedBy(wanted)));
    });
  }

  /**
   * Entries, some at a time. First what there is, oldest first; with `follow` then what is written, as it comes.
   *
   * @param containers looked at again whenever `onChange` calls back: those that are new are read too
   */
  read(
    containers: () => readonly Container[],
    wish: LogWish,
    onChange: (callback: () => void) => () => void,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogEntry[]> {
    const merged = new MergedLogs(signal);
    const known = new Set<string>();
    const startedAt = new Date(this.#parts.clock.nowMs()).toISOString();
    const add = (isNew: boolean) => {
      for (const container of containers()) {
        if (known.has(container.id)) continue;
        known.add(container.id);
        const { tail: _, ...rest } = wish;
        merged.add(this.#pieces(container, isNew ? { ...rest, since: startedAt } : wish, signal), isNew);
      }
    };
    add(false);
    if (wish.follow)
      signal.addEventListener(
        'abort',
        onChange(() => add(true)),
        { once: true },
      );
    return merged.entries(wish.follow);
  }

  /**
   * What removed containers wrote last, merged by time.
   *
   * @throws ShoalError not-found, host-unreachable when those who may know do not answer
   */
  async previous(
    isWanted: LastWanted,
    wish: LogWish,
    signal: AbortSignal,
  ): Promise<AsyncIterable<readonly LogEntry[]>> {
    const { view, lastOutputs, transport } = this.#parts;
    const { answers, missing } = await askAll(view, async (hostId, hostName) => {
      const kept =
        hostId === transport.hostId
          ? await lastOutputs.list(wantedBy(isWanted))
          : decodeJson<LastOutput[]>(
              await transport.call(hostId, LAST_OUTPUTS, encodeJson(isWanted), { timeoutMs: LIST_MS }),
              (value) => lastOutputList.Check(value),
              'last outputs',
            );
      return kept.map(({ containerId, container, replica }) => ({
        ...{ id: containerId, name: container, replica, hostId, hostName, hostStatus: 'alive' as const },
      }));
    });
    const found = answers.flatMap(({ answer }) => answer);
    if (found.length === 0) {
      if (missing.length === 0) throw new ShoalError('not-found', 'No output of removed containers is kept.');
      const names = missing.map(({ hostName }) => hostName).join(', ');
      throw new ShoalError('host-unreachable', `No host that answers keeps such output; ${names} did not answer.`);
    }
    const merged = new MergedLogs(signal);
    const { follow: _, ...rest } = wish;
    for (const container of found) {
      merged.add(this.#pieces(container, { ...rest, follow: false, previous: true }, signal), false);
    }
    return merged.entries(false);
  }

  /** One container's log; when its host goes away under a follow, that is said once, and it is asked again. */
  async *#pieces(container: Logged, wish: Omit<LogRequest, 'containerId'>, signal: AbortSignal): AsyncGenerator<Piece> {
    let request: LogRequest = { ...wish, containerId: container.id };
    let isMissing = false;
    for (;;) {
      try {
        for await (const records of this.#records(container, request, signal)) {
          isMissing = false;
          const entries = records.flatMap((record) => lineOf(container, record) ?? []);
          const last = entries.at(-1)?.at;
          if (last !== undefined) {
            const { tail: _, since: __, ...rest } = request;
            request = { ...rest, after: last };
          }
          yield { entries, isLive: records.some(({ isLive }) => isLive === true) };
        }
        return;
      } catch (error) {
        if (signal.aborted) return;
        const known = error instanceof ShoalError ? error : new ShoalError('internal', 'The log cannot be read.');
        if (!isMissing) yield { entries: [missing(container, known)], isLive: true };
        isMissing = true;
        if (!wish.follow || known.code === 'not-found') return;
        await pause(this.#parts.clock, RETRY_MS, signal);
        if (signal.aborted || this.#parts.container(container.id) === undefined) return;
      }
    }
  }

  async *#records(container: Logged, request: LogRequest, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const { transport, source, container: find } = this.#parts;
    if (container.hostId === transport.hostId) {
      const mine = new AbortController();
      try {
        yield* source.read(request, AbortSignal.any([signal, mine.signal]));
      } finally {
        mine.abort();
      }
      return;
    }
    const { hostStatus, hostName } = find(container.id) ?? container;
    if (hostStatus === 'dead' || hostStatus === 'left') {
      throw new ShoalError('host-unreachable', `Its host ${hostName} is ${hostStatus}.`);
    }
    yield* this.#remote(container.hostId, request, signal);
  }

  async *#remote(hostId: HostId, request: LogRequest, signal: AbortSignal): AsyncGenerator<readonly LogRecord[]> {
    const { transport, losses } = this.#parts;
    const stream = await transport.openStream(hostId, LOG_STREAM, encodeJson(request), { timeoutMs: OPEN_MS, signal });
    const end = () => stream.destroy();
    const unwatch = losses.watch(hostId, (error) => stream.destroy(error));
    signal.addEventListener('abort', end, { once: true });
    try {
      yield* parseRecords(stream);
    } catch (cause) {
      throw cause instanceof ShoalError ? cause : new ShoalError('host-unreachable', 'The host went away.', { cause });
    } finally {
      signal.removeEventListener('abort', end);
      unwatch();
      stream.destroy();
    }
  }
}

const wantedBy =
  ({ containerId, group, app, replica }: LastWanted) =>
  (about: LastOutput): boolean =>
    (containerId === undefined || about.containerId === containerId || about.container === containerId) &&
    (group === undefined || about.group === group) &&
    (app === undefined || about.app === app) &&
    (replica === undefined || about.replica === replica);

/** @throws ShoalError internal for what is no record: the other side is broken or hostile */
async function* parseRecords(chunks: AsyncIterable<Buffer>): AsyncGenerator<readonly LogRecord[]> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > RECORD_CHARS_MAX) throw broken();
    yield lines.map(parseRecord);
  }
}

function parseRecord(line: string): LogRecord {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw broken();
  }
  if (!logRecord.Check(value)) throw broken();
  return value;
}

const broken = () => new ShoalError('internal', "The host's log cannot be read.");

function lineOf(container: Logged, { at, stream, text, isCut }: LogRecord): LogLine | undefined {
  if (at === undefined || stream === undefined || text === undefined) return undefined;
  return {
    type: 'line',
    containerId: container.id,
    container: container.name,
    hostName: container.hostName,
    replica: container.replica,
    at,
    stream,
    text,
    ...(isCut === true ? { isCut } : {}),
  };
}

const missing = (container: Logged, { code, message }: ShoalError): LogMissing => ({
  type: 'missing',
  containerId: container.id,
  container: container.name,
  replica: container.replica,
  hostId: container.hostId,
  hostName: container.hostName,
  code,
  detail: message,
});
