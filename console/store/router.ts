import { signal } from '@preact/signals';
import { linkTo, parseRoute, type Route } from './link.ts';

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
