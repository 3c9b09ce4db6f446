import type { Exchange } from './exchange.ts';
import { linkTo, pageOf } from './pages.ts';
import type { Parts } from './parts.ts';
import { notAllowed } from './registry-error.ts';

/** `GET /v2/_catalog`, which is the reference registry's, not the specification's. */
export async function serveCatalog(exchange: Exchange, query: URLSearchParams, parts: Parts): Promise<void> {
  if (!exchange.isRead) throw notAllowed('GET, HEAD');
  const page = pageOf(query);
  const found = await parts.backend.repositories(page);
  const repositories = found.repositories.slice(0, page.count);
  const last = repositories.at(-1);
  const next = new URLSearchParams({ n: String(page.count), last: last ?? '' });
  const hasNext = found.hasMore && last !== undefined;
  exchange.sendJson({ repositories }, hasNext ? linkTo(`/v2/_catalog?${next}`) : {});
}
