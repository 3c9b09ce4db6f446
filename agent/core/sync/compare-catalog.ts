import type { CatalogState } from '../catalog/catalog.ts';
import { ALL_BUCKETS, LEAF_BUCKETS, leavesOf, UPPER_BUCKETS } from '../catalog/hash-tree.ts';
import { compareHlc } from '../catalog/hlc.ts';
import { wants } from '../catalog/merge.ts';
import type { CatalogRecord, Hlc } from '../catalog/record.ts';
import { isExpired } from '../catalog/retention.ts';
import { bounds } from './bounds.ts';

export interface BucketHash {
  readonly bucket: number;
  readonly hash: string;
}

export interface KeyStamp {
  readonly key: string;
  readonly hlc: Hlc;
}

const hashesOf = (catalog: CatalogState, buckets: readonly number[]): readonly BucketHash[] =>
  buckets.map((bucket) => ({ bucket, hash: catalog.tree.hashOf(bucket) ?? '' }));

/** The upper level of the own tree: where a comparison begins. */
export const upperHashes = (catalog: CatalogState): readonly BucketHash[] =>
  hashesOf(
    catalog,
    Array.from({ length: UPPER_BUCKETS }, (_, bucket) => bucket),
  );

/** The own hashes of the leaves below the upper buckets in which the peer differs. */
export function leafHashes(catalog: CatalogState, theirs: readonly BucketHash[]): readonly BucketHash[] {
  return hashesOf(
    catalog,
    differing(catalog, theirs)
      .filter((bucket) => bucket < UPPER_BUCKETS)
      .flatMap(leavesOf),
  );
}

/** The leaves in which the peer differs. */
export const differingLeaves = (catalog: CatalogState, theirs: readonly BucketHash[]): readonly number[] =>
  differing(catalog, theirs).filter((bucket) => bucket >= UPPER_BUCKETS);

/** Ascending and each once, whatever the peer sent. */
function differing(catalog: CatalogState, theirs: readonly BucketHash[]): readonly number[] {
  const found = theirs.slice(0, ALL_BUCKETS).filter(({ bucket, hash }) => {
    const own = catalog.tree.hashOf(bucket);
    return own !== undefined && own !== hash;
  });
  return [...new Set(found.map(({ bucket }) => bucket))].sort((a, b) => a - b);
}

/**
 * The own keys in some leaves, whole leaves as far as they fit one message. Begins anywhere, so that leaves that never
 * become equal don't keep the others waiting for ever.
 *
 * @param start in [0, 1)
 */
export function keysOfLeaves(
  catalog: CatalogState,
  leaves: readonly number[],
  start: number,
): { readonly buckets: readonly number[]; readonly keys: readonly KeyStamp[] } {
  const buckets: number[] = [];
  const keys: KeyStamp[] = [];
  let bytes = 0;
  const first = Math.floor(start * leaves.length);
  for (const leaf of [...leaves.slice(first), ...leaves.slice(0, first)]) {
    const own = [...catalog.tree.keysOf(leaf)].sort().map((key) => stampOf(catalog, key));
    const size = own.reduce((sum, pair) => sum + stampBytes(pair), 0);
    if (buckets.length > 0 && bytes + size > bounds.messageBytes) break;
    buckets.push(leaf);
    for (const pair of own) {
      bytes += stampBytes(pair);
      if (bytes <= bounds.messageBytes) keys.push(pair);
    }
  }
  return { buckets, keys };
}

const stampOf = (catalog: CatalogState, key: string): KeyStamp => ({
  key,
  hlc: catalog.records.get(key)?.hlc ?? ('' as Hlc),
});

/** About what a key and its stamp take on the wire. */
const stampBytes = ({ key, hlc }: KeyStamp): number => key.length + hlc.length + 8;

/** The keys to ask for of those a peer has. */
export function keysWanted(catalog: CatalogState, theirs: readonly KeyStamp[], nowMs: number): readonly string[] {
  const wanted: string[] = [];
  let bytes = 0;
  for (const { key, hlc } of theirs.slice(0, bounds.keysPerMessage)) {
    if (!wants(catalog, key, hlc, nowMs)) continue;
    bytes += key.length + 4;
    if (bytes > bounds.messageBytes) break;
    wanted.push(key);
  }
  return wanted;
}

/** The own records in some leaves that a peer lacks or has an earlier version of, unless they are about to expire. */
export function recordsLacking(
  catalog: CatalogState,
  buckets: readonly number[],
  theirs: readonly KeyStamp[],
  nowMs: number,
): readonly CatalogRecord[] {
  const known = new Map(theirs.slice(0, bounds.keysPerMessage).map(({ key, hlc }) => [key, hlc]));
  const lacking: CatalogRecord[] = [];
  for (const leaf of new Set(buckets.slice(0, LEAF_BUCKETS))) {
    for (const key of catalog.tree.keysOf(leaf)) {
      const record = catalog.records.get(key);
      if (record === undefined || isExpired(record, nowMs)) continue;
      const their = known.get(key);
      if (their === undefined || compareHlc(their, record.hlc) < 0) lacking.push(record);
    }
  }
  return lacking;
}

/** The records of the keys a peer asks for. */
export function recordsOf(catalog: CatalogState, keys: readonly string[]): readonly CatalogRecord[] {
  const records: CatalogRecord[] = [];
  for (const key of new Set(keys.slice(0, bounds.keysPerMessage))) {
    const record = catalog.records.get(key);
    if (record !== undefined) records.push(record);
  }
  return records;
}

/** About what a record takes on the wire. Bytes; text that is not ASCII takes up to three times that. */
export const recordBytes = ({ key, hlc, value, ancestors }: CatalogRecord): number =>
  key.length + value.length + hlc.length * (2 + ancestors.length) + 32;
