import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Topic } from '../platform.ts';

/** At most 20 calls a second, whatever the rate of changes. */
const COALESCE_MS = 50;

/** Tells watchers that something changed; the first change of a burst at once, the rest together. */
export class Watchers {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #handlers = new Set<(topics: ReadonlySet<Topic>) => void>();
  #topics = new Set<Topic>();
  #cancel: (() => void) | undefined;
  #lastMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  watch(handler: (topics: ReadonlySet<Topic>) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  touch(topic: Topic): void {
    if (this.#handlers.size === 0) return;
    this.#topics.add(topic);
    const waitMs = Math.max(0, this.#lastMs + COALESCE_MS - this.#clock.monotonicMs());
    this.#cancel ??= this.#clock.after(waitMs, () => this.#tell());
  }

  /** Nobody is told any more. */
  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#handlers.clear();
  }

  #tell(): void {
    this.#cancel = undefined;
    this.#lastMs = this.#clock.monotonicMs();
    const topics = this.#topics;
    this.#topics = new Set();
    for (const handler of this.#handlers) {
      try {
        handler(topics);
      } catch (error) {
        this.#log.error({ error }, 'a watcher failed');
      }
    }
  }
}
