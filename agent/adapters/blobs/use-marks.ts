import { utimes } from 'node:fs/promises';
import type { Clock } from '../../ports/clock.ts';
import type { DiskBlob } from './disk-blob.ts';
import type { Layout } from './layout.ts';

/** A killed process forgets uses of this time at most. */
const FLUSH_MS = 5 * 60_000;

/** Keeps the last use of each blob as the modification time of its metadata or journal; written now and then, not synced. */
export class UseMarks {
  readonly #layout: Layout;
  readonly #clock: Clock;
  readonly #stale = new Set<DiskBlob>();
  readonly #stopFlushing: () => void;

  constructor(layout: Layout, clock: Clock) {
    this.#layout = layout;
    this.#clock = clock;
    this.#stopFlushing = clock.every(FLUSH_MS, () => void this.#flush());
  }

  used(blob: DiskBlob): void {
    blob.usedAtMs = this.#clock.nowMs();
    this.#stale.add(blob);
  }

  /** Its file was written anew, which is no use. */
  rewritten(blob: DiskBlob): void {
    this.#stale.add(blob);
  }

  forget(blob: DiskBlob): void {
    this.#stale.delete(blob);
  }

  async close(): Promise<void> {
    this.#stopFlushing();
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const blobs = [...this.#stale];
    this.#stale.clear();
    for (const { digest, isComplete, usedAtMs } of blobs) {
      const path = isComplete ? this.#layout.metadata(digest) : this.#layout.journal(digest);
      // A mark that can not be written costs no more than a worse guess at what to evict.
      await utimes(path, usedAtMs / 1000, usedAtMs / 1000).catch(() => undefined);
    }
  }
}
