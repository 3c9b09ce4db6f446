import { signal } from '@preact/signals';
import type { Problem } from '../../protocol/schemas/common.ts';
import type { LogEntry } from '../../protocol/schemas/logs.ts';
import { open } from '../api/client.ts';
import { EventStreamParser } from '../api/event-stream.ts';
import { ApiProblem } from '../api/problem.ts';
import { LogBuffer, LogQueue, momentKey } from './log-buffer.ts';
import { retryDelayMs } from './retry.ts';

export type LogState = 'reading' | 'reconnecting' | 'ended';

/** Rows are taken this often, at most so many: 10,000 lines a second cost a few per cent of the time, whatever comes. */
const TAKE_MS = 100;
const TAKE_MAX = 1_000;
/** The stream has a heartbeat every 15 s. Milliseconds. */
const SILENCE_MS = 35_000;
/** A line may come later than one that is newer, by this at most. Milliseconds. */
const OVERLAP_MS = 30_000;
/** Longer than any log is looked at. */
const DAY_MS = 24 * 3_600_000;

/** One log that is followed until it is stopped, across broken connections. It holds a bounded part of it. */
export class LogStream {
  readonly buffer = new LogBuffer();
  /** Moves when the buffer has changed. */
  readonly version = signal(0);
  readonly state = signal<LogState>('reading');
  readonly problem = signal<Problem | undefined>(undefined);
  readonly #path: string;
  readonly #query: URLSearchParams;
  readonly #queue = new LogQueue();
  readonly #over = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  /** Newest line of each container: now, and when the connection broke last. Lines of one moment may come in any order. */
  readonly #lastOf = new Map<string, string>();
  #shownOf: ReadonlyMap<string, string> = new Map();
  #newest: string | undefined;
  #hasHeard = false;

  /** @param query of the log routes of the API; it is followed unless an `until` or `previous` is given */
  constructor(path: string, query: URLSearchParams) {
    this.#path = path;
    this.#query = query;
    this.#timer = setInterval(() => this.#take(), TAKE_MS);
    void this.#keepReading();
  }

  stop(): void {
    this.#over.abort();
    clearInterval(this.#timer);
  }

  async #keepReading(): Promise<void> {
    const over = this.#over.signal;
    for (let tries = 0; !over.aborted; tries++) {
      try {
        if (await this.#read(over)) {
          this.state.value = 'ended';
          return;
        }
      } catch (error) {
        if (over.aborted) return;
        // Anything else is a connection that broke.
        const problem = error instanceof ApiProblem ? error.problem : undefined;
        this.problem.value = problem;
        if (problem?.retryable === false) {
          this.state.value = 'ended';
          return;
        }
      }
      if (over.aborted) return;
      if (this.#hasHeard) tries = 0;
      this.state.value = 'reconnecting';
      this.#hasHeard = false;
      while (!this.#queue.isEmpty) this.#take();
      this.#shownOf = new Map(this.#lastOf);
      await new Promise((resolve) => setTimeout(resolve, retryDelayMs(tries, Math.random())));
    }
  }

  /** @returns whether nothing more can come */
  async #read(over: AbortSignal): Promise<boolean> {
    const isFollowed = !this.#query.has('until') && !this.#query.has('previous');
    const silence = new AbortController();
    let timer = setTimeout(() => silence.abort(), SILENCE_MS);
    try {
      const { body } = await open(
        'GET',
        `${this.#path}?${this.#resumed(isFollowed)}`,
        {
          signal: AbortSignal.any([over, silence.signal]),
        },
        DAY_MS,
      );
      if (body === null) return true;
      this.problem.value = undefined;
      this.state.value = 'reading';
      const cut = isFollowed ? eventsIn() : linesIn();
      const reader = body.pipeThrough(new TextDecoderStream()).getReader();
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        clearTimeout(timer);
        if (isFollowed) timer = setTimeout(() => silence.abort(), SILENCE_MS);
        const { messages, isEnd } = cut(next.value);
        this.#queue.push(messages);
        if (isEnd) return true;
        this.#hasHeard = true;
      }
      return !isFollowed;
    } finally {
      clearTimeout(timer);
      silence.abort();
    }
  }

  /** The query of the next connection: after a break it goes on a little before the newest line known. */
  #resumed(isFollowed: boolean): string {
    const query = new URLSearchParams(this.#query);
    if (isFollowed) query.set('follow', 'true');
    if (this.#newest !== undefined) {
      query.delete('tail');
      query.set('since', new Date(Date.parse(this.#newest) - OVERLAP_MS).toISOString());
    }
    return query.toString();
  }

  #take(): void {
    if (this.#queue.isEmpty) return;
    const { messages, leftOut } = this.#queue.take(TAKE_MAX);
    const entries = messages.map((text) => JSON.parse(text) as LogEntry).filter((entry) => this.#isNew(entry));
    if (entries.length === 0 && leftOut === 0) return;
    this.buffer.push(entries, leftOut);
    this.version.value += 1;
  }

  /** A line that the connection before this one brought is not shown twice. */
  #isNew(entry: LogEntry): boolean {
    if (entry.type === 'missing') return true;
    const key = momentKey(entry.at);
    if (key <= (this.#shownOf.get(entry.containerId) ?? '')) return false;
    if (key > (this.#lastOf.get(entry.containerId) ?? '')) this.#lastOf.set(entry.containerId, key);
    if (this.#newest === undefined || key > momentKey(this.#newest)) this.#newest = entry.at;
    return true;
  }
}

interface Cut {
  readonly messages: readonly string[];
  readonly isEnd: boolean;
}

function eventsIn(): (text: string) => Cut {
  const parser = new EventStreamParser();
  return (text) => {
    const events = parser.push(text);
    return {
      messages: events.flatMap(({ event, data }) => (event === 'line' || event === 'missing' ? [data] : [])),
      isEnd: events.some(({ event }) => event === 'end'),
    };
  };
}

/** Of newline-delimited JSON. */
export function linesIn(): (text: string) => Cut {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    return { messages: lines.filter((line) => line !== ''), isEnd: false };
  };
}
