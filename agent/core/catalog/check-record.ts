import { limits } from '../../../protocol/limits.ts';
import { isHlc, parseHlc } from './hlc.ts';
import { isKey, parseKey } from './keys.ts';
import type { CatalogRecord } from './record.ts';

/** Most stamps in `CatalogRecord.ancestors`. */
export const ANCESTORS_MAX = 8;

/** Why a record can't be taken in, whoever sent it. */
export type RecordFault =
  | 'bad-key'
  | 'bad-stamp'
  | 'wrong-author'
  | 'bad-ancestors'
  | 'too-large'
  | 'bad-value'
  | 'eviction-deleted'
  | 'from-the-future'
  | 'full';

/** The first thing wrong with a record by itself, or undefined. Never throws. */
export function faultOf(record: CatalogRecord): RecordFault | undefined {
  if (!isKey(record.key)) return 'bad-key';
  const stamp = parseHlc(record.hlc);
  if (stamp === undefined) return 'bad-stamp';
  if (stamp.author !== record.author) return 'wrong-author';
  if (!areAncestors(record)) return 'bad-ancestors';
  const key = parseKey(record.key);
  if (key.kind === 'unknown' && record.key.startsWith('history/')) return 'bad-key';
  if (key.kind === 'history' && (key.loser !== record.hlc || key.of.startsWith('history/') || !isKey(key.of))) {
    return 'bad-key';
  }
  if (record.deleted) {
    if (key.kind === 'eviction') return 'eviction-deleted';
    return record.value === '' ? undefined : 'bad-value';
  }
  if (utf8Length(record.value) > limits.recordBytes) return 'too-large';
  return isJsonObject(record.value) ? undefined : 'bad-value';
}

/** Stamps, newest first, all older than the record's own. */
function areAncestors({ hlc, ancestors }: CatalogRecord): boolean {
  if (ancestors.length > ANCESTORS_MAX) return false;
  let newer = hlc;
  for (const ancestor of ancestors) {
    if (!isHlc(ancestor) || ancestor >= newer) return false;
    newer = ancestor;
  }
  return true;
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

/** Bytes of a text in UTF-8. */
function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    // A surrogate pair is two units and four bytes; every other unit from U+0800 takes three.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
  }
  return bytes;
}
