import type { Digest } from '../../../protocol/digest.ts';
import { compareText } from '../order.ts';

/** Writes that would bring a store above this part of its quota make it evict. */
const HIGH_WATER = 0.9;
/** It evicts down to this part. */
const LOW_WATER = 0.7;
/** A partial blob that was used within this time is still wanted. */
const PARTIAL_WANTED_MS = 60_000;

/** A blob that may have to go. */
export interface Evictable {
  readonly digest: Digest;
  /** What its going would free. */
  readonly bytes: number;
  readonly isComplete: boolean;
  readonly isPinned: boolean;
  /** Somebody reads it right now. */
  readonly isBeingRead: boolean;
  readonly usedAtMs: number;
}

/** Bytes that have to be freed before a write, and bytes that should be. */
export interface Shortage {
  readonly mustFreeBytes: number;
  readonly shouldFreeBytes: number;
}

/** What a write of `neededBytes` lacks of the quota; nothing below the high water mark. */
export function quotaShortage(usedBytes: number, neededBytes: number, quotaBytes: number): Shortage {
  const afterBytes = usedBytes + neededBytes;
  if (afterBytes <= quotaBytes * HIGH_WATER) return { mustFreeBytes: 0, shouldFreeBytes: 0 };
  return {
    mustFreeBytes: Math.max(0, afterBytes - quotaBytes),
    shouldFreeBytes: afterBytes - Math.floor(quotaBytes * LOW_WATER),
  };
}

/**
 * Blobs to evict: complete ones first, then partial ones that nobody wants any more, each longest unused first, until enough
 * is free; undefined when all of them together are too little, so that none goes in vain. Pinned ones and those being read stay.
 */
export function chooseEvictions(
  blobs: Iterable<Evictable>,
  shortage: Shortage,
  nowMs: number,
): readonly Digest[] | undefined {
  if (shortage.shouldFreeBytes <= 0) return [];
  const candidates = [...blobs].filter((blob) => mayGo(blob, nowMs)).sort(byWorth);
  const chosen: Digest[] = [];
  let freedBytes = 0;
  for (const blob of candidates) {
    const isRecent = nowMs - blob.usedAtMs <= RECENT_MS;
    if (freedBytes >= (isRecent ? shortage.mustFreeBytes : shortage.shouldFreeBytes)) break;
    chosen.push(blob.digest);
    freedBytes += blob.bytes;
  }
  return freedBytes >= shortage.mustFreeBytes ? chosen : undefined;
}

/** What was used within this time goes only when there is no other way: it may have been made a moment ago. */
const RECENT_MS = 60_000;

const mayGo = (blob: Evictable, nowMs: number): boolean =>
  !blob.isPinned && !blob.isBeingRead && (blob.isComplete || nowMs - blob.usedAtMs > PARTIAL_WANTED_MS);

const byWorth = (a: Evictable, b: Evictable): number =>
  Number(b.isComplete) - Number(a.isComplete) || a.usedAtMs - b.usedAtMs || compareText(a.digest, b.digest);
