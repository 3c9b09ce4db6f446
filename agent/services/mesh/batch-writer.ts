import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Store, StoreOp } from '../../ports/store.ts';

/** What nobody waits for, such as what others told, may be written this much later, together with what comes meanwhile. */
const LATER_MS = 200;
/** What could not be written is tried again this often, also when nothing new comes. */
const AGAIN_MS = 5_000;

/**
 * One synced write at a time; what comes meanwhile goes into the next. What could not be written stays, goes with the
 * next write, and `flushed` says so until it is on disk: nobody is told that a record is safe when it is not.
 */
export class BatchWriter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  /** By key: of two changes of one key only the later one counts. */
  readonly #waiting = new Map<string, StoreOp>();
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isFailing = false;
  #isDue = false;

  constructor(store: Store, clock: Clock, log: Log) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Whether the last write failed. */
  get isFailing(): boolean {
    return this.#isFailing;
  }

  /** Takes in what is to be written soon; `flushed` writes it now. */
  add(ops: readonly StoreOp[]): void {
    for (const op of ops) this.#waiting.set(op.key, op);
    if (this.#waiting.size > 0) this.#writeIn(LATER_MS);
  }

  #writeIn(delayMs: number): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#clock.after(delayMs, () => {
      this.#isDue = false;
      // Whoever needs to know awaits `flushed`; a failure must not go unhandled for those who don't.
      this.flushed().catch(() => undefined);
    });
  }

  /** Writes everything added so far. Resolves when it is synced; rejects when the write of it failed. */
  flushed(): Promise<void> {
    if (this.#waiting.size > 0) this.#next ??= this.#write();
    return this.#next ?? this.#running ?? Promise.resolve();
  }

  async #write(): Promise<void> {
    await this.#running?.catch(() => undefined);
    const ops = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#running = this.#next;
    this.#next = undefined;
    try {
      await this.#store.write(ops);
      this.#isFailing = false;
    } catch (error) {
      for (const op of ops) if (!this.#waiting.has(op.key)) this.#waiting.set(op.key, op);
      if (!this.#isFailing)
        this.#log.error({ error }, 'records cannot be written to disk; every write tries them again');
      this.#isFailing = true;
      this.#writeIn(AGAIN_MS);
      throw error;
    } finally {
      if (this.#next === undefined) this.#running = undefined;
    }
  }
}
