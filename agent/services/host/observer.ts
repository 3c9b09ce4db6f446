import { ShoalError } from '../../../protocol/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import { type Engine, type EngineContainer, type EngineEvent, SUBSCRIBED } from '../../ports/engine.ts';
import type { Log } from '../../ports/log.ts';

/** A whole list this often, in case an event was missed. */
const RESYNC_MS = 30_000;
/** Lists asked for by events wait this long for company. */
const RESYNC_SOON_MS = 250;
/** ... and this long since the list before: other programs may make and remove containers all the time. */
const RESYNC_GAP_MS = 1_000;
const RETRY_FIRST_MS = 100;
const RETRY_CAP_MS = 5_000;

/** What the engine holds, as of one list. */
export interface Inventory {
  readonly containers: readonly EngineContainer[];
  /** Only in a whole list, which costs the engine more. */
  readonly images: readonly string[] | undefined;
  readonly engineVersion: string | undefined;
}

type Scope = 'containers' | 'everything';

export interface ObserverDeps {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  /** Called before a list is asked for; what it returns comes back with the list. */
  readonly mark: () => number;
  readonly onInventory: (inventory: Inventory, mark: number, isAfterLoss: boolean) => void;
  readonly onEvent: (event: EngineEvent) => void;
  readonly onState: (isReady: boolean) => void;
}

/**
 * Watches the engine: its events as they come, a whole list after each gap in them and every 30 s, and whether it answers
 * at all. An engine that went away is looked for again for ever, with a delay that doubles to 5 s, spread by half.
 */
export class Observer {
  readonly #deps: ObserverDeps;
  readonly #stopped = new AbortController();
  readonly #firstAttempt = Promise.withResolvers<void>();
  #isReady = false;
  #attempts = 0;
  #isAfterLoss = true;
  #stream = new AbortController();
  #listing = false;
  #cancelSoon: (() => void) | undefined;
  #askedAgain: Scope | undefined;
  #listedAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: ObserverDeps) {
    this.#deps = deps;
  }

  /** Resolves after the first list, or when the engine turned out to be away. */
  async start(): Promise<void> {
    const cancel = this.#deps.clock.every(RESYNC_MS, () => void this.#resync('everything'));
    this.#stopped.signal.addEventListener('abort', cancel, { once: true });
    void this.#watch();
    await this.#firstAttempt.promise;
  }

  stop(): void {
    this.#stopped.abort();
    this.#cancelSoon?.();
    this.#firstAttempt.resolve();
  }

  /** Asks for a list soon; many askers share one. */
  resyncSoon(): void {
    if (this.#cancelSoon !== undefined || this.#stopped.signal.aborted) return;
    const gapMs = this.#listedAtMs + RESYNC_GAP_MS - this.#deps.clock.monotonicMs();
    this.#cancelSoon = this.#deps.clock.after(Math.max(RESYNC_SOON_MS, gapMs), () => {
      this.#cancelSoon = undefined;
      void this.#resync('containers');
    });
  }

  async #watch(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      this.#stream = new AbortController();
      const cause = await this.#follow(AbortSignal.any([signal, this.#stream.signal]));
      if (signal.aborted) return;
      this.#isAfterLoss = true;
      // The first break may be a hiccup of the stream; an engine that can't be reached again is away.
      if (this.#attempts > 0 || !this.#isReady) this.#lost(cause);
      await this.#pause();
    }
  }

  /** Passes events on until the stream ends; answers why it ended. */
  async #follow(signal: AbortSignal): Promise<string> {
    try {
      for await (const event of this.#deps.engine.events(signal)) {
        if (event.action === SUBSCRIBED) void this.#resync('everything');
        else this.#deps.onEvent(event);
      }
      return 'the event stream ended';
    } catch (error) {
      if (error instanceof ShoalError) return error.message;
      throw error;
    }
  }

  /** One list at a time; asked for meanwhile, it is made once more. */
  async #resync(scope: Scope): Promise<void> {
    if (this.#listing) {
      if (this.#askedAgain !== 'everything') this.#askedAgain = scope;
      return;
    }
    this.#listing = true;
    let next: Scope | undefined = scope;
    while (next !== undefined && !this.#stopped.signal.aborted) {
      this.#askedAgain = undefined;
      await this.#list(next);
      next = this.#askedAgain;
    }
    this.#listing = false;
  }

  async #list(scope: Scope): Promise<void> {
    const { mark, onInventory, onState, log, clock } = this.#deps;
    const { signal } = this.#stopped;
    const stream = this.#stream;
    const changes = mark();
    const isAfterLoss = this.#isAfterLoss;
    this.#listedAtMs = clock.monotonicMs();
    try {
      const inventory = await this.#take(isAfterLoss ? 'everything' : scope);
      if (signal.aborted) return;
      this.#isAfterLoss = false;
      this.#attempts = 0;
      onInventory(inventory, changes, isAfterLoss);
      if (!this.#isReady) {
        this.#isReady = true;
        log.info(
          { engineVersion: inventory.engineVersion, containers: inventory.containers.length },
          'the engine answers',
        );
        onState(true);
      }
      this.#firstAttempt.resolve();
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ShoalError)) throw error;
      this.#isAfterLoss = true;
      this.#lost(error.message);
      stream.abort();
    }
  }

  async #take(scope: Scope): Promise<Inventory> {
    const { engine } = this.#deps;
    const { signal } = this.#stopped;
    const containers = await engine.list(signal);
    if (scope === 'containers') return { containers, images: undefined, engineVersion: undefined };
    const [images, info] = await Promise.all([engine.images(signal), engine.info(signal)]);
    return { containers, images, engineVersion: info.version };
  }

  #lost(cause: string): void {
    if (this.#isReady) {
      this.#isReady = false;
      this.#deps.log.warn({ cause }, 'the engine does not answer');
      this.#deps.onState(false);
    }
    this.#firstAttempt.resolve();
  }

  #pause(): Promise<void> {
    const capMs = Math.min(RETRY_CAP_MS, RETRY_FIRST_MS * 2 ** Math.min(this.#attempts, 10));
    this.#attempts += 1;
    const delayMs = capMs * (0.5 + this.#deps.clock.random() / 2);
    return new Promise((resolve) => {
      const cancel = this.#deps.clock.after(delayMs, () => {
        this.#stopped.signal.removeEventListener('abort', end);
        resolve();
      });
      const end = () => {
        cancel();
        resolve();
      };
      this.#stopped.signal.addEventListener('abort', end, { once: true });
    });
  }
}
