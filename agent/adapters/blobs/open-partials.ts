import type { PartialFile } from './partial-file.ts';

/** Partial blobs whose files stay open, two each. */
const OPEN_MAX = 64;

/** Closes the files of the partial blobs that were not used for longest. */
export class OpenPartials {
  readonly #recent = new Set<PartialFile>();

  used(partial: PartialFile): void {
    this.#recent.delete(partial);
    this.#recent.add(partial);
    for (const oldest of this.#recent) {
      if (this.#recent.size <= OPEN_MAX) return;
      this.#recent.delete(oldest);
      void oldest.park().catch(() => undefined);
    }
  }

  forget(partial: PartialFile): void {
    this.#recent.delete(partial);
  }
}
