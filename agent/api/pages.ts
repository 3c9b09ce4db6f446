import { ShoalError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { compareText } from '../core/order.ts';

export interface PageQuery {
  readonly limit?: number;
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

/**
 * One page of a list in the order of its keys. The cursor is the last key seen, so items that come or go between two
 * pages neither repeat nor hide others.
 *
 * @param keyOf unique per item
 */
export function pageOfItems<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  page: PageQuery,
  order: 'ascending' | 'descending' = 'ascending',
): Page<T> {
  const sign = order === 'ascending' ? 1 : -1;
  const after = page.cursor === undefined ? undefined : decodeCursor(page.cursor);
  const limit = page.limit ?? limits.pageItems;
  const rest = items
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => after === undefined || compareText(key, after) * sign > 0)
    .sort((a, b) => compareText(a.key, b.key) * sign);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  return {
    items: shown.map(({ item }) => item),
    ...(rest.length > limit && last !== undefined ? { nextCursor: encodeCursor(last.key) } : {}),
  };
}

const encodeCursor = (key: string): string => Buffer.from(key).toString('base64url');

function decodeCursor(cursor: string): string {
  const key = Buffer.from(cursor, 'base64url').toString();
  if (encodeCursor(key) === cursor) return key;
  throw new ShoalError('invalid-request', 'The cursor is not one that this API gave.', {
    faults: [{ pointer: '/cursor', detail: 'not a cursor' }],
  });
}
