import type { Exchange } from './exchange.ts';
import { linkTo, pageOf } from './pages.ts';
import type { Parts } from './parts.ts';
import { notAllowed, RegistryError } from './registry-error.ts';
import { type Name, pathIn } from './route.ts';

/** `GET /v2/<name>/tags/list`. */
export async function serveTags(exchange: Exchange, name: Name, query: URLSearchParams, parts: Parts): Promise<void> {
  if (!exchange.isRead) throw notAllowed('GET, HEAD');
  const page = pageOf(query);
  const found = await parts.backend.tags(name.repository, page);
  if (found === undefined) throw new RegistryError(404, 'NAME_UNKNOWN', 'There is no such repository.');
  const tags = found.tags.slice(0, page.count);
  const last = tags.at(-1);
  const next =
    found.hasMore && last !== undefined ? pathIn(name, 'tags/list', { n: String(page.count), last }) : undefined;
  exchange.sendJson({ name: name.asked, tags }, next === undefined ? {} : linkTo(next));
}
