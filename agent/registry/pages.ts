import { limits } from '../../protocol/limits.ts';
import { RegistryError } from './registry-error.ts';

export interface PageQuery {
  readonly count: number;
  readonly last: string | undefined;
}

/** `n` and `last` of a list. More than a page holds is given in pages. @throws RegistryError 400 */
export function pageOf(query: URLSearchParams): PageQuery {
  const n = query.get('n');
  if (n !== null && !/^[0-9]{1,9}$/.test(n)) {
    throw new RegistryError(400, 'PAGINATION_NUMBER_INVALID', 'n is the number of entries wanted.');
  }
  const count = Math.min(n === null ? limits.pageItems : Number(n), limits.pageItems);
  return { count, last: query.get('last') ?? undefined };
}

/** The header that leads to the next page (RFC 8288). */
export const linkTo = (path: string): { readonly Link: string } => ({ Link: `<${path}>; rel="next"` });
