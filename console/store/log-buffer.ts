import type { LogEntry } from '../../protocol/schemas/logs.ts';

/** A row of a log as it is shown. `seq` counts up from the first ever and names the row. */
export type LogRow =
  | { readonly seq: number; readonly entry: LogEntry }
  /** So many lines came faster than they can be shown. */
  | { readonly seq: number; readonly leftOut: number };

/** What a tab keeps of a log: beyond either, the oldest go. */
export const LOG_ROWS_MAX = 10_000;
const CHARS_MAX = 16 * 1024 * 1024;

const charsOf = (row: LogRow): number =>
  ('entry' in row && row.entry.type === 'line' ? row.entry.text.length : 0) + 200;

/** The newest rows of a log. */
export class LogBuffer {
  rows: LogRow[] = [];
  /** Lines that came faster than they can be shown, in all. */
  leftOut = 0;
  #nextSeq = 0;
  #chars = 0;

  /** All that ever came. */
  get total(): number {
    return this.#nextSeq;
  }

  /** How many of the first are no longer kept. */
  get gone(): number {
    return this.#nextSeq - this.rows.length;
  }

  push(entries: readonly LogEntry[], leftOut: number): void {
    if (leftOut > 0) this.#leaveOut(leftOut);
    for (const entry of entries) this.#add({ seq: this.#nextSeq, entry });
    let drop = 0;
    for (const row of this.rows) {
      if (this.rows.length - drop <= LOG_ROWS_MAX && this.#chars <= CHARS_MAX) break;
      this.#chars -= charsOf(row);
      drop += 1;
    }
    if (drop > 0) this.rows = this.rows.slice(drop);
  }

  #leaveOut(count: number): void {
    this.leftOut += count;
    const last = this.rows.at(-1);
    if (last !== undefined && 'leftOut' in last)
      this.rows[this.rows.length - 1] = { ...last, leftOut: last.leftOut + count };
    else this.#add({ seq: this.#nextSeq, leftOut: count });
  }

  #add(row: LogRow): void {
    this.rows.push(row);
    this.#nextSeq += 1;
    this.#chars += charsOf(row);
  }
}

/**
 * Messages that wait to be read. What comes faster than they are taken pushes out the oldest, unread: the newest are shown, late by
 * one queue at most, and how many were left out is known.
 */
export class LogQueue {
  #messages: string[] = [];
  #chars = 0;
  #leftOut = 0;

  push(messages: readonly string[]): void {
    for (const message of messages) {
      this.#messages.push(message);
      this.#chars += message.length;
    }
    let drop = 0;
    while (this.#messages.length - drop > LOG_ROWS_MAX || this.#chars > CHARS_MAX) {
      this.#chars -= this.#messages[drop]?.length ?? 0;
      drop += 1;
    }
    if (drop === 0) return;
    this.#messages = this.#messages.slice(drop);
    this.#leftOut += drop;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /** The oldest so many, and how many before them were left out. */
  take(most: number): { readonly messages: readonly string[]; readonly leftOut: number } {
    const messages = this.#messages.splice(0, most);
    for (const { length } of messages) this.#chars -= length;
    const leftOut = this.#leftOut;
    this.#leftOut = 0;
    return { messages, leftOut };
  }
}

/** An RFC 3339 moment so that text order is time order: fractions of a second have up to nine digits, or none. */
export function momentKey(at: string): string {
  const [whole = '', fraction = ''] = at.replace(/Z$/, '').split('.');
  return `${whole}.${fraction.padEnd(9, '0')}`;
}
