import { get } from './client.ts';

interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/** Whoever has more than this sees the first of them. */
const PAGES_MAX = 40;

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
