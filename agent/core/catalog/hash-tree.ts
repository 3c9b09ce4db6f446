import { emptyHash, type Hash64, hash64, toHex, xor64 } from '../hash.ts';
import type { Hlc } from './record.ts';

/** Buckets of the upper level are numbered from 0, the leaves' numbers follow: one number names any node but the root. */
export const UPPER_BUCKETS = 32;
const LEAVES_PER_UPPER = 32;
export const LEAF_BUCKETS = UPPER_BUCKETS * LEAVES_PER_UPPER;
export const ALL_BUCKETS = UPPER_BUCKETS + LEAF_BUCKETS;

/** The leaves below an upper bucket. */
export const leavesOf = (upper: number): readonly number[] =>
  Array.from({ length: LEAVES_PER_UPPER }, (_, i) => UPPER_BUCKETS + upper * LEAVES_PER_UPPER + i);

const upperOf = (leaf: number): number => Math.floor((leaf - UPPER_BUCKETS) / LEAVES_PER_UPPER);

/** The leaf that a key belongs to; the same on every member. */
export const leafOf = (key: string): number => UPPER_BUCKETS + (hash64(key, 1).high % LEAF_BUCKETS);

/**
 * Hash tree over (key, stamp) pairs: a node is the XOR of the hashes below it, so a change costs three XORs and two
 * members with the same pairs have the same tree, whatever came first.
 */
export class HashTree {
  #root: Hash64 = emptyHash;
  readonly #buckets: Hash64[] = new Array<Hash64>(ALL_BUCKETS).fill(emptyHash);
  readonly #keys: Set<string>[] = Array.from({ length: LEAF_BUCKETS }, () => new Set<string>());

  add(key: string, hlc: Hlc): void {
    const leaf = this.#toggle(key, hlc);
    this.#keys[leaf - UPPER_BUCKETS]?.add(key);
  }

  /** The pair must have been added. */
  remove(key: string, hlc: Hlc): void {
    const leaf = this.#toggle(key, hlc);
    this.#keys[leaf - UPPER_BUCKETS]?.delete(key);
  }

  root(): string {
    return toHex(this.#root);
  }

  /** Undefined when there is no such bucket. */
  hashOf(bucket: number): string | undefined {
    const hash = this.#buckets[bucket];
    return hash === undefined ? undefined : toHex(hash);
  }

  /** Keys of a leaf in no particular order; empty for anything that is not a leaf. */
  keysOf(leaf: number): ReadonlySet<string> {
    return this.#keys[leaf - UPPER_BUCKETS] ?? new Set();
  }

  #toggle(key: string, hlc: Hlc): number {
    const hash = hash64(`${key}\n${hlc}`);
    const leaf = leafOf(key);
    this.#root = xor64(this.#root, hash);
    for (const bucket of [upperOf(leaf), leaf]) this.#buckets[bucket] = xor64(this.#buckets[bucket] ?? emptyHash, hash);
    return leaf;
  }
}
