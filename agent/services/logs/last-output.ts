import { Compile } from 'typebox/compile';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { LastOutput, LogRecord, type LogRequest } from '../../../protocol/schemas/logs.ts';
import { LineJoiner } from '../../core/logs/lines.ts';
import { Newest } from '../../core/logs/newest.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Engine } from '../../ports/engine.ts';
import type { Folder } from '../../ports/folder.ts';
import type { Log } from '../../ports/log.ts';

/** A removal waits for its container's last output at most so long. Milliseconds. */
const KEEP_MS = 3_000;
const KEPT_LINES = 10_000;
const HEAD_BYTES_MAX = 4_096;
/** In JSON, escapes and all. */
const FILE_BYTES_MAX = 8 * limits.lastOutputBytes;
const LOOK_MS = 60_000;
const BATCH_LINES = 512;
const fileOf = (containerId: string): string => `${containerId}.ndjson`;
const [head, logRecord] = [Compile(LastOutput), Compile(LogRecord)];

export interface LastOutputsParts {
  readonly folder: Folder;
  readonly engine: Pick<Engine, 'logs'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What containers of this host wrote last before they were removed: for an hour, and within bounds. */
export class LastOutputs {
  readonly #parts: LastOutputsParts;
  readonly #known = new Map<string, { readonly about: LastOutput; readonly sizeBytes: number }>();
  #loading: Promise<void> | undefined;
  #stopLooking = () => {};

  constructor(parts: LastOutputsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#stopLooking = this.#parts.clock.every(LOOK_MS, () => void this.#makeRoom().catch(() => {}));
  }

  stop(): void {
    this.#stopLooking();
  }

  /** Keeps the output of a container that is about to be removed. Nothing that goes wrong here keeps it from that. */
  async keep(about: Omit<LastOutput, 'removedAt'>, engineId: string): Promise<void> {
    const { clock, folder, log } = this.#parts;
    const late = new AbortController();
    const cancel = clock.after(KEEP_MS, () => late.abort());
    try {
      await this.#load();
      const records = await this.#read(engineId, late.signal);
      if (records.length === 0) return;
      const removed: LastOutput = { ...about, removedAt: new Date(clock.nowMs()).toISOString() };
      const content = Buffer.from([removed, ...records].map((value) => `${JSON.stringify(value)}\n`).join(''));
      await folder.put(fileOf(about.containerId), content);
      this.#known.set(about.containerId, { about: removed, sizeBytes: content.length });
      await this.#makeRoom();
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      log.debug({ container: about.containerId, code: error.code }, 'the last output of a container was not kept');
    } finally {
      cancel();
    }
  }

  /** Of these containers, the newest last. */
  async list(isWanted: (about: LastOutput) => boolean): Promise<readonly LastOutput[]> {
    await this.#load();
    return [...this.#known.values()]
      .map(({ about }) => about)
      .filter((about) => isWanted(about) && !this.#isOld(about))
      .sort((a, b) => (a.removedAt < b.removedAt ? -1 : 1));
  }

  /** @throws ShoalError not-found */
  async *records(request: LogRequest): AsyncGenerator<readonly LogRecord[]> {
    await this.#load();
    const { containerId, since = '', until, tail = KEPT_LINES, grep, stream } = request;
    if (!this.#known.has(containerId))
      throw new ShoalError('not-found', 'No output of the container is kept any more.');
    const text = Buffer.from(await this.#parts.folder.read(fileOf(containerId), 0, FILE_BYTES_MAX)).toString();
    const wanted = text
      .split('\n')
      .slice(1)
      .flatMap((line) => parse(line, (value) => logRecord.Check(value)) ?? [])
      .filter(
        (record: LogRecord) =>
          (stream === undefined || record.stream === stream) &&
          (grep === undefined || record.text?.includes(grep) === true) &&
          (record.at ?? '') >= since &&
          (until === undefined || (record.at ?? '') <= until),
      );
    const shown = tail === 0 ? [] : wanted.slice(-tail);
    for (let at = 0; at < shown.length; at += BATCH_LINES) yield shown.slice(at, at + BATCH_LINES);
  }

  async #read(engineId: string, signal: AbortSignal): Promise<readonly LogRecord[]> {
    const newest = new Newest<LogRecord>(KEPT_LINES, limits.lastOutputBytes, ({ text = '' }) => text.length);
    const joiner = new LineJoiner();
    for await (const messages of this.#parts.engine.logs(engineId, { follow: false, tail: KEPT_LINES }, signal)) {
      for (const message of messages) {
        const line = joiner.take(message);
        if (line !== undefined) newest.add(line);
      }
    }
    for (const line of joiner.rest()) newest.add(line);
    return newest.items;
  }

  #isOld({ removedAt }: LastOutput): boolean {
    return this.#parts.clock.nowMs() - Date.parse(removedAt) > limits.lastOutputMs;
  }

  #load(): Promise<void> {
    this.#loading ??= this.#readAll().catch((error: unknown) => {
      this.#loading = undefined;
      throw error;
    });
    return this.#loading;
  }

  async #readAll(): Promise<void> {
    const { folder } = this.#parts;
    for (const { name, sizeBytes } of await folder.list()) {
      const [first = ''] = Buffer.from(await folder.read(name, 0, HEAD_BYTES_MAX))
        .toString()
        .split('\n');
      const about = parse<LastOutput>(first, (value) => head.Check(value));
      if (about === undefined || fileOf(about.containerId) !== name) await folder.remove(name).catch(() => {});
      else this.#known.set(about.containerId, { about, sizeBytes });
    }
  }

  async #makeRoom(): Promise<void> {
    await this.#load();
    let bytes = [...this.#known.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const oldestFirst = [...this.#known.values()].sort((a, b) => (a.about.removedAt < b.about.removedAt ? -1 : 1));
    for (const { about, sizeBytes } of oldestFirst) {
      if (!this.#isOld(about) && bytes <= limits.lastOutputsBytes) continue;
      this.#known.delete(about.containerId);
      bytes -= sizeBytes;
      await this.#parts.folder.remove(fileOf(about.containerId)).catch(() => {});
    }
  }
}

function parse<T>(line: string, check: (value: unknown) => boolean): T | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return check(value) ? (value as T) : undefined;
  } catch {
    return undefined;
  }
}
