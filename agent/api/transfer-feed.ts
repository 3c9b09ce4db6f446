import type { Transfer } from '../../protocol/schemas/image.ts';
import type { Platform } from '../services/platform.ts';

/** Nobody tells when bytes arrive, so hosts are asked so often while somebody watches. Milliseconds. */
const ASK_MS = 1_000;

interface Watcher {
  readonly next: (transfers: readonly Transfer[]) => void;
  readonly end: () => void;
}

/** The transfers of the mesh again and again, asked for once for all who watch. Asks nobody when nobody watches. */
export class TransferFeed {
  readonly #platform: Platform;
  readonly #watchers = new Set<Watcher>();
  #timer: NodeJS.Timeout | undefined;
  #isAsking = false;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /** Calls `next` at once and about once a second, `end` when it can't go on; returns what ends it. */
  watch(watcher: Watcher): () => void {
    this.#watchers.add(watcher);
    void this.#ask();
    return () => {
      this.#watchers.delete(watcher);
      if (this.#watchers.size === 0) clearTimeout(this.#timer);
    };
  }

  /** One question at a time: the next one waits for the answer to this one. */
  async #ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    clearTimeout(this.#timer);
    try {
      const transfers = await this.#platform.images.transfers();
      for (const watcher of this.#watchers) watcher.next(transfers);
    } catch {
      // Whoever watches asks again, and is told why if it is for good.
      for (const watcher of [...this.#watchers]) watcher.end();
      this.#watchers.clear();
    }
    this.#isAsking = false;
    if (this.#watchers.size > 0) this.#timer = setTimeout(() => void this.#ask(), ASK_MS);
  }
}
