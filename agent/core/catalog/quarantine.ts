import { limits } from '../../../protocol/limits.ts';

/** Something that could not be taken in, kept apart so that people see it and nothing else suffers. */
export interface Quarantined {
  /** What it is: a key and stamp, cut to a bounded length. */
  readonly what: string;
  readonly reason: string;
  readonly atMs: number;
}

const WHAT_LENGTH_MAX = 512;

/** The last `limits.quarantine` entries, one per thing. */
export class Quarantine {
  readonly #entries = new Map<string, Quarantined>();

  add(what: string, reason: string, atMs: number): Quarantined {
    const entry = { what: what.slice(0, WHAT_LENGTH_MAX), reason, atMs };
    this.#entries.delete(entry.what);
    this.#entries.set(entry.what, entry);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= limits.quarantine) break;
      this.#entries.delete(oldest);
    }
    return entry;
  }

  remove(what: string): void {
    this.#entries.delete(what);
  }

  get(what: string): Quarantined | undefined {
    return this.#entries.get(what);
  }

  /** Oldest first. */
  list(): readonly Quarantined[] {
    return [...this.#entries.values()];
  }
}
