/** Order of texts by UTF-16 units, the same on every machine. Negative when `a` comes first. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The same record with its keys in order, so that equal records are written alike. */
export const sortedByKey = <T>(record: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareText(a, b)));

/** Up to `count` of `items`, picked at random. Sort what comes from a set or a map first: a seed must give one outcome. */
export function pickSome<T>(items: readonly T[], count: number, rng: () => number): T[] {
  const rest = [...items];
  const picked: T[] = [];
  while (picked.length < count && rest.length > 0) picked.push(...rest.splice(Math.floor(rng() * rest.length), 1));
  return picked;
}
