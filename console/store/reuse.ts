/**
 * The next list, with the objects of the previous one wherever nothing changed, and the previous list itself when nothing
 * changed at all: what is drawn from them need not be drawn again.
 */
export function reuse<T>(
  previous: readonly T[] | undefined,
  next: readonly T[],
  keyOf: (item: T) => string,
): readonly T[] {
  if (previous === undefined) return next;
  const known = new Map(previous.map((item) => [keyOf(item), item]));
  let isSame = previous.length === next.length;
  const merged = next.map((item, index) => {
    const old = known.get(keyOf(item));
    const kept = old !== undefined && old !== item && JSON.stringify(old) === JSON.stringify(item) ? old : item;
    isSame &&= kept === previous[index];
    return kept;
  });
  return isSame ? previous : merged;
}

/** The same for one thing. */
export const reuseOne = <T>(previous: T | undefined, next: T): T =>
  previous !== undefined && JSON.stringify(previous) === JSON.stringify(next) ? previous : next;

/** Changed items take their old place, new ones come last, and all others are the objects that they were. */
export function merge<T>(
  before: readonly T[],
  changed: readonly T[],
  removed: ReadonlySet<string>,
  keyOf: (item: T) => string,
): readonly T[] {
  const news = new Map(changed.map((item) => [keyOf(item), item]));
  const kept = before.flatMap((item) => {
    const key = keyOf(item);
    if (removed.has(key)) return [];
    const now = news.get(key);
    news.delete(key);
    return [now ?? item];
  });
  return [...kept, ...news.values()];
}
