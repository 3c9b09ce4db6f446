import picocolors from 'picocolors';
import { exitCodes } from '../../protocol/errors.ts';
import { Api } from './client/api.ts';
import { resolveTarget } from './client/target.ts';
import { type CliFailure, usage } from './failure.ts';
import type { Outside } from './outside.ts';
import { printable, printableJson } from './view/format.ts';
import { type Paint, paintWith } from './view/paint.ts';
import { type Column, tableLines } from './view/table.ts';

/** Options that every command understands. */
export interface GlobalOptions {
  readonly context?: string;
  readonly api?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  /** `--no-color` makes it false. */
  readonly color: boolean;
  readonly debug?: boolean;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** How long one request may take unless --timeout is shorter. Milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;

/** One run of one command: what was asked, where answers go, and the way to the mesh. */
export class Session {
  readonly outside: Outside;
  readonly options: GlobalOptions;
  readonly paint: Paint;
  readonly #ending = new AbortController();
  /** What the process ends with when the command has done its part. */
  exitCode: number = exitCodes.ok;
  #api: Promise<Api> | undefined;

  constructor(outside: Outside, options: GlobalOptions) {
    this.outside = outside;
    this.options = options;
    this.paint = paintWith(picocolors.createColors(this.#wantsColor()));
  }

  /** Aborted when the command is over or interrupted. */
  get signal(): AbortSignal {
    return this.#ending.signal;
  }

  /** Ends everything under way. */
  end(): void {
    this.#ending.abort();
  }

  /** The way to the mesh; the configuration is read when it is first needed. */
  api(): Promise<Api> {
    this.#api ??= this.#connect();
    return this.#api;
  }

  /** Data, one line. */
  print(line: string): void {
    this.outside.out.write(`${line}\n`);
  }

  /** Talk, one line; silent with -q and --json. */
  say(line: string): void {
    if (this.options.quiet !== true && this.options.json !== true) this.outside.err.write(`${line}\n`);
  }

  /** Talk: the command to try next. */
  suggest(command: string): void {
    this.say(this.paint('dim', `next: ${command}`));
  }

  json(value: unknown): void {
    this.print(printableJson(JSON.stringify(value, undefined, 2)));
  }

  /** One line of a stream. */
  jsonLine(value: unknown): void {
    this.print(printableJson(JSON.stringify(value)));
  }

  lines(lines: readonly string[]): void {
    for (const line of lines) this.print(printableButColours(line));
  }

  /** A list: JSON with --json, the keys alone with -q, else a table; `empty` says what an empty list means. */
  table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], key: (row: Row) => string, empty: string): void {
    if (this.options.json === true) this.json(rows);
    else if (this.options.quiet === true) for (const row of rows) this.print(key(row));
    else if (rows.length === 0) this.say(empty);
    else this.lines(tableLines(columns, rows, this.paint));
  }

  /** The end of a failed command: what, why, what to do. */
  report(failure: CliFailure): void {
    if (this.options.json === true && 'problem' in failure) this.jsonLine(failure.problem);
    const { err } = this.outside;
    err.write(`${this.paint('bad', 'error')}: ${printable(failure.message).replaceAll('\n', '\n  ')}\n`);
    for (const line of failure.lines) err.write(`  ${printableButColours(line)}\n`);
    if (failure.next !== '') err.write(`next: ${printable(failure.next)}\n`);
    if (this.options.debug === true) err.write(`${failure.stack ?? ''}\n${String(failure.cause ?? '')}\n`);
  }

  async #connect(): Promise<Api> {
    const { timeout, debug } = this.options;
    if (timeout !== undefined && timeout < 1) throw usage('--timeout must be longer than nothing');
    return new Api(await resolveTarget(this.options, this.outside.env), {
      requestTimeoutMs: Math.min(timeout ?? REQUEST_TIMEOUT_MS, REQUEST_TIMEOUT_MS),
      trace: (line) => debug === true && this.outside.err.write(`debug: ${printable(line)}\n`),
      signal: this.signal,
    });
  }

  #wantsColor(): boolean {
    const { env, out } = this.outside;
    return this.options.color && out.isTty && !env.NO_COLOR && env.TERM !== 'dumb' && this.options.json !== true;
  }
}

/** Lines of ours carry colours; everything in them that came from the network was made printable before. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: SGR colour sequences start with ESC
const OTHER_ESCAPES = /\u001b(?!\[[0-9;]*m)/g;
const printableButColours = (line: string): string => line.replace(OTHER_ESCAPES, '');
