import type { LogEntry } from '../../../protocol/schemas/logs.ts';

/** Some of one container's log, in order. `isLive`: all that was there before has come. */
export interface Piece {
  readonly entries: readonly LogEntry[];
  readonly isLive: boolean;
}

/** One container's log and what was taken from it and not given on yet: one piece. */
interface Cursor {
  readonly pieces: AsyncIterator<Piece>;
  entries: readonly LogEntry[];
  at: number;
  isLive: boolean;
  isEnded: boolean;
  pending: Promise<Cursor> | undefined;
}

/** Entries of one turn, at most: between turns others get the event loop. */
const TURN_ENTRIES = 512;

/** Merges logs by time while they are history, and as they come afterwards. Holds one piece of each. */
export class MergedLogs {
  readonly #cursors = new Set<Cursor>();
  readonly #signal: AbortSignal;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', () => this.#wake?.(), { once: true });
  }

  /** @param isLive there is no history to wait for */
  add(pieces: AsyncIterable<Piece>, isLive: boolean): void {
    const iterator = pieces[Symbol.asyncIterator]();
    this.#cursors.add({ pieces: iterator, entries: [], at: 0, isLive, isEnded: false, pending: undefined });
    this.#wake?.();
  }

  async *entries(isFollowed: boolean): AsyncGenerator<readonly LogEntry[]> {
    try {
      yield* this.#history();
      while (!this.#signal.aborted) {
        for (const cursor of this.#cursors) {
          const rest = cursor.entries.slice(cursor.at);
          take(cursor, rest.length);
          if (rest.length > 0) yield rest;
          if (cursor.isEnded) this.#cursors.delete(cursor);
        }
        // Without a follow all ends; with it another container may come.
        if (this.#cursors.size === 0 && !isFollowed) return;
        await this.#any();
      }
    } finally {
      for (const { pieces } of this.#cursors) void pieces.return?.()?.catch(() => {});
    }
  }

  /** The oldest entry of all, again and again, until each log is live or over. */
  async *#history(): AsyncGenerator<readonly LogEntry[]> {
    let turn: LogEntry[] = [];
    for (;;) {
      const waiting = [...this.#cursors].filter((cursor) => isEmpty(cursor) && !cursor.isLive && !cursor.isEnded);
      if (waiting.length > 0) {
        if (turn.length > 0) yield turn;
        turn = [];
        await Promise.race([Promise.all(waiting.map(pull)), aborted(this.#signal)]);
        if (this.#signal.aborted) return;
        continue;
      }
      const oldest = this.#oldest();
      if (oldest === undefined) break;
      const entry = oldest.entries[oldest.at];
      take(oldest, 1);
      if (entry !== undefined) turn.push(entry);
      if (turn.length >= TURN_ENTRIES) {
        yield turn;
        turn = [];
      }
    }
    if (turn.length > 0) yield turn;
  }

  #oldest(): Cursor | undefined {
    let oldest: Cursor | undefined;
    for (const cursor of this.#cursors) {
      if (!isEmpty(cursor) && (oldest === undefined || headOf(cursor) < headOf(oldest))) oldest = cursor;
    }
    return oldest;
  }

  /** Until one of them has more, or another one came. */
  #any(): Promise<unknown> {
    const changed = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (this.#signal.aborted) return Promise.resolve();
    return Promise.race([changed, ...[...this.#cursors].map(pull)]);
  }
}

const isEmpty = ({ entries, at }: Cursor): boolean => at >= entries.length;

/** What is missing comes first: nothing else tells its time. */
function headOf({ entries, at }: Cursor): string {
  const entry = entries[at];
  return entry?.type === 'line' ? entry.at : '';
}

function take(cursor: Cursor, count: number): void {
  cursor.at += count;
  if (isEmpty(cursor)) [cursor.entries, cursor.at] = [[], 0];
}

function pull(cursor: Cursor): Promise<Cursor> {
  cursor.pending ??= cursor.pieces.next().then(({ done, value }) => {
    cursor.pending = undefined;
    if (done === true) cursor.isEnded = true;
    else {
      [cursor.entries, cursor.at] = [value.entries, 0];
      cursor.isLive ||= value.isLive;
    }
    return cursor;
  });
  return cursor.pending;
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
