/** 64 bits as two unsigned 32-bit lanes; numbers of JavaScript hold 53 bits only. */
export interface Hash64 {
  readonly high: number;
  readonly low: number;
}

export const emptyHash: Hash64 = { high: 0, low: 0 };

/**
 * Hash of a text's UTF-16 units: cyrb53 by bryc (public domain, github.com/bryc/code, `jshash/experimental/cyrb53.js`)
 * with both lanes kept whole; the finalizer's constants are MurmurHash3's fmix32. Fast and well mixed, not
 * cryptographic: only for buckets, summaries and rendezvous among admitted members.
 *
 * @param seed gives independent hashes of the same text
 */
export function hash64(text: string, seed = 0): Hash64 {
  let a = 0xdeadbeef ^ seed;
  let b = 0x41c6ce57 ^ seed;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2654435761);
    b = Math.imul(b ^ unit, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  return { high: b >>> 0, low: a >>> 0 };
}

/** Adds a hash to a sum of hashes, or takes it out again: the sum of a set does not depend on the order. */
export const xor64 = (a: Hash64, b: Hash64): Hash64 => ({ high: (a.high ^ b.high) >>> 0, low: (a.low ^ b.low) >>> 0 });

/** 16 lower-case hex digits. */
export const toHex = (hash: Hash64): string =>
  hash.high.toString(16).padStart(8, '0') + hash.low.toString(16).padStart(8, '0');

/** Hash of a text as 16 hex digits. */
export const hashHex = (text: string, seed = 0): string => toHex(hash64(text, seed));

/** Total order of hashes as unsigned 64-bit numbers: negative when `a` is the smaller. */
export const compareHash = (a: Hash64, b: Hash64): number => (a.high === b.high ? a.low - b.low : a.high - b.high);
