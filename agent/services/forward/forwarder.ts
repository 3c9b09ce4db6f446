import { ShoalError } from '../../../protocol/errors.ts';
import type { LogForwardState } from '../../../protocol/schemas/log-forward.ts';
import { type ForwardedLine, lossLine } from '../../core/forward/line.ts';
import type { Collector } from '../../ports/collector.ts';
import { pause } from '../../ports/pause.ts';
import { Spool, type SpoolParts } from './spool.ts';

const BACKOFF_MS = 1_000;
const BACKOFF_MAX_MS = 60_000;
/** Lines that wait longer than a moment. */
const BEHIND_BYTES = 1024 * 1024;
/** How long a loss is the state. Milliseconds. */
const DROPPED_MS = 600_000;

export interface ForwarderParts extends Omit<SpoolParts, 'onLost' | 'onLines'> {
  readonly hostName: string;
  /** @throws ShoalError when its secret can't be opened */
  readonly open: () => Collector;
}

/** How far this host is with one place. */
export type ForwardProgress = Omit<LogForwardState, 'hostId' | 'hostName'>;

/** Brings lines to one collector, the oldest first, for as long as it takes. */
export class Forwarder {
  readonly #parts: ForwarderParts;
  readonly #stopped = new AbortController();
  readonly #spool: Promise<Spool>;
  #known: Spool | undefined;
  #collector: Collector | undefined;
  #wake = () => {};
  #sentLines = 0;
  #droppedLines = 0;
  #untoldLines = 0;
  #droppedAtMs = Number.NEGATIVE_INFINITY;
  #detail = '';
  readonly #done: Promise<void>;

  constructor(parts: ForwarderParts) {
    this.#parts = parts;
    this.#spool = Spool.open({
      ...parts,
      onLost: (lines) => this.#lost(lines),
      onLines: () => this.#wake(),
    });
    this.#done = this.#run();
  }

  get progress(): ForwardProgress {
    const waitingBytes = this.#known?.waitingBytes ?? 0;
    const hasDropped = this.#parts.clock.monotonicMs() - this.#droppedAtMs < DROPPED_MS;
    const isBehind = waitingBytes > BEHIND_BYTES || this.#detail !== '';
    const isUntried = this.#sentLines === 0;
    return {
      state: hasDropped ? 'dropped' : isBehind ? 'behind' : isUntried ? 'idle' : 'connected',
      sentLines: this.#sentLines,
      droppedLines: this.#droppedLines,
      waitingBytes,
      detail: this.#detail,
    };
  }

  async position(containerId: string): Promise<string | undefined> {
    return (await this.#spool).position(containerId);
  }

  /** Resolves when there is room for more. */
  async add(containerId: string, lines: readonly ForwardedLine[]): Promise<void> {
    await (await this.#spool).add(containerId, lines);
  }

  async retain(containerIds: ReadonlySet<string>): Promise<void> {
    (await this.#spool).retain(containerIds);
  }

  /** What waits stays on the disk. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.#wake();
    this.#collector?.close();
    await this.#done;
    await this.#known?.flush();
  }

  #lost(lines: number): void {
    if (lines === 0) return;
    this.#droppedLines += lines;
    this.#untoldLines += lines;
    this.#droppedAtMs = this.#parts.clock.monotonicMs();
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = this.#stopped;
    try {
      this.#known = await this.#spool;
    } catch (error) {
      // Its lines stay with the engine until another agent has a disk that works.
      this.#detail = error instanceof ShoalError ? error.message : 'The disk failed.';
      return;
    }
    for (let failures = 0; !signal.aborted; ) {
      try {
        if (!(await this.#sendSome(this.#known))) await this.#moreLines();
        failures = 0;
        this.#detail = '';
      } catch (error) {
        if (!(error instanceof ShoalError)) throw error;
        if (signal.aborted) return;
        this.#detail = error.message.slice(0, 1_000);
        const waitMs = Math.min(BACKOFF_MAX_MS, BACKOFF_MS * 2 ** failures);
        failures = Math.min(failures + 1, 10);
        await pause(clock, waitMs * (0.5 + clock.random() / 2), signal);
      }
    }
  }

  /** @returns whether there was anything to send */
  async #sendSome(spool: Spool): Promise<boolean> {
    const batch = await spool.next();
    const told = this.#untoldLines;
    if (batch === undefined || this.#stopped.signal.aborted) return false;
    const at = batch.lines[0]?.at ?? '';
    const loss = told === 0 ? [] : [lossLine(this.#parts.hostName, told, at)];
    this.#collector ??= this.#parts.open();
    await this.#collector.send([...loss, ...batch.lines], this.#stopped.signal);
    this.#untoldLines -= told;
    this.#sentLines += batch.lines.length;
    await spool.sent(batch);
    return true;
  }

  #moreLines(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (this.#stopped.signal.aborted) resolve();
    });
  }
}
