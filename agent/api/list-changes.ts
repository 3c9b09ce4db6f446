import { randomBytes } from 'node:crypto';
import type { Platform, Topic } from '../services/platform.ts';

/** More than this is not sent as changes: reading the list again costs no more. */
const CHANGES_MAX = 500;
/** What went is remembered for so many items. */
const REMOVED_MAX = 1_000;
/** Nobody has asked for so long: what was remembered is let go. Milliseconds. */
const IDLE_MS = 60_000;

/** What changed in a list since an earlier answer of this member. */
export interface ListSince<T> {
  readonly items: readonly T[];
  readonly revision: string;
  readonly removed: readonly string[];
  /** Too much has changed, or this member doesn't know that revision: nothing is told, and the list is to be read again. */
  readonly stale: boolean;
}

interface Known<T> {
  readonly item: T;
  readonly text: string;
  readonly changedAt: number;
}

interface ListOptions<T> {
  readonly platform: Pick<Platform, 'watch'>;
  readonly topics: readonly Topic[];
  readonly items: () => readonly T[];
  readonly idOf: (item: T) => string;
}

/**
 * Revisions of a list, kept while somebody asks for them. The list is compared once after each announced change, whoever many
 * ask. A change is told at the latest to whoever asks after it was announced.
 */
export class ListChanges<T> {
  readonly #options: ListOptions<T>;
  readonly #known = new Map<string, Known<T>>();
  /** When it went, oldest first. */
  readonly #removed = new Map<string, number>();
  #epoch = '';
  #now = 0;
  /** Before this it is not known any more what went. */
  #floor = 0;
  #isDirty = true;
  #unwatch: (() => void) | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: ListOptions<T>) {
    this.#options = options;
  }

  /** @param revision of an earlier answer; anything else begins anew */
  since(revision: string): ListSince<T> {
    this.#begin();
    if (this.#isDirty) this.#compare();
    const answer = { revision: `${this.#epoch}.${this.#now}`, stale: false };
    const [epoch, number] = revision.split('.');
    const at = Number(number);
    if (epoch !== this.#epoch || at < this.#floor || at > this.#now)
      return { ...answer, items: [], removed: [], stale: true };
    const items = [...this.#known.values()].filter(({ changedAt }) => changedAt > at).map(({ item }) => item);
    const removed = [...this.#removed].filter(([, removedAt]) => removedAt > at).map(([id]) => id);
    if (items.length + removed.length > CHANGES_MAX) return { ...answer, items: [], removed: [], stale: true };
    return { ...answer, items, removed };
  }

  /** Forgets everything; whoever asks next begins anew. */
  stop(): void {
    clearTimeout(this.#idle);
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#known.clear();
    this.#removed.clear();
  }

  #begin(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.stop(), IDLE_MS).unref();
    if (this.#unwatch !== undefined) return;
    this.#epoch = randomBytes(8).toString('hex');
    this.#isDirty = true;
    [this.#now, this.#floor] = [0, 0];
    this.#unwatch = this.#options.platform.watch((topics) => {
      this.#isDirty ||= this.#options.topics.some((topic) => topics.has(topic));
    });
  }

  #compare(): void {
    this.#isDirty = false;
    const next = this.#now + 1;
    const seen = new Set<string>();
    for (const item of this.#options.items()) {
      const id = this.#options.idOf(item);
      const text = JSON.stringify(item);
      seen.add(id);
      if (this.#known.get(id)?.text === text) continue;
      this.#known.set(id, { item, text, changedAt: next });
      this.#removed.delete(id);
      this.#now = next;
    }
    for (const id of this.#known.keys()) {
      if (seen.has(id)) continue;
      this.#known.delete(id);
      this.#removed.set(id, next);
      this.#now = next;
    }
    for (const [id, removedAt] of this.#removed) {
      if (this.#removed.size <= REMOVED_MAX) break;
      this.#removed.delete(id);
      this.#floor = removedAt;
    }
  }
}
