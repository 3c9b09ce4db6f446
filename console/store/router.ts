import { signal } from '@preact/signals';

/** Where the page is: `#/apps/shop/web?tab=versions` is `['apps', 'shop', 'web']` with a query. */
export interface Route {
  readonly parts: readonly string[];
  readonly query: URLSearchParams;
}

/** A part that is no valid text is taken as it stands. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#?\/?/, '').split('?', 2);
  return {
    parts: path
      .split('/')
      .filter((part) => part !== '')
      .map(decode),
    query: new URLSearchParams(query),
  };
}

/** A link within the console. Parts may hold any text. */
export function linkTo(parts: readonly string[], query: Readonly<Record<string, string | undefined>> = {}): string {
  const set = Object.entries(query).filter((entry): entry is [string, string] => (entry[1] ?? '') !== '');
  const search = new URLSearchParams(set).toString();
  return `#/${parts.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

export const route = signal<Route>(parseRoute(location.hash));

window.addEventListener('hashchange', () => {
  route.value = parseRoute(location.hash);
});

export function goTo(link: string): void {
  location.hash = link;
}

/** Changes the query of where the page is, without a step to go back to. */
export function setQuery(changes: Readonly<Record<string, string | undefined>>): void {
  const { parts, query } = route.peek();
  history.replaceState(null, '', linkTo(parts, { ...Object.fromEntries(query), ...changes }));
  route.value = parseRoute(location.hash);
}
