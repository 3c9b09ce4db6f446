import { merge } from '../store/reuse.ts';
import { get } from './client.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** Whoever has more than this sees the first of them. */
const PAGES_MAX = 40;

/** A list as it was read last, and the revision from which on changes are to be asked for. */
export interface Followed<T> {
  readonly items: readonly T[];
  readonly revision: string;
}

interface Changes<T> {
  readonly items: readonly T[];
  readonly revision: string;
  readonly removed: readonly string[];
  readonly stale: boolean;
}

/** A list that is read once; after that only what has changed. */
export async function getChanges<T>(
  path: string,
  before: Followed<T> | undefined,
  keyOf: (item: T) => string,
  signal?: AbortSignal,
): Promise<Followed<T>> {
  const { items, revision, removed, stale } = await get<Changes<T>>(`${path}?since=${before?.revision ?? '0'}`, signal);
  // The revision was taken first: what changes while the pages are read is told again, which does no harm.
  if (stale || before === undefined) return { items: await getAll<T>(path, signal), revision };
  if (items.length + removed.length === 0) return { items: before.items, revision };
  return { items: merge(before.items, items, new Set(removed), keyOf), revision };
}

/** All items of a list, page by page; when the path's query says a `limit`, the first so many. */
export async function getAll<T>(path: string, signal?: AbortSignal): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor = '';
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer: Page<T> = await get(`${path}${cursor}`, signal);
    items.push(...answer.items);
    if (answer.nextCursor === undefined || path.includes('limit=')) break;
    cursor = `${path.includes('?') ? '&' : '?'}cursor=${answer.nextCursor}`;
  }
  return items;
}
