/** First part of a key: `apps` of `apps/shop/web`. */
export const familyOf = (key: string): string => {
  const slash = key.indexOf('/');
  return slash < 0 ? key : key.slice(0, slash);
};

interface Family {
  readonly present: Set<string>;
  /** Sorted when last read; since then added keys are at its end and removed ones still in it. */
  sorted: string[];
  isStale: boolean;
}

/** Keys in order, one array per family, brought up to date when next read: a bulk load sorts once. */
export class KeyIndex {
  readonly #families = new Map<string, Family>();

  add(key: string): void {
    const name = familyOf(key);
    let family = this.#families.get(name);
    if (family === undefined) {
      family = { present: new Set(), sorted: [], isStale: false };
      this.#families.set(name, family);
    }
    if (family.present.has(key)) return;
    const last = family.sorted.at(-1);
    if (last !== undefined && key <= last) family.isStale = true;
    family.present.add(key);
    family.sorted.push(key);
  }

  remove(key: string): void {
    const family = this.#families.get(familyOf(key));
    if (family?.present.delete(key)) family.isStale = true;
  }

  /** Keys that start with `prefix`, ascending. The prefix must contain the whole family (`apps/`, `apps/shop/`). */
  scan(prefix: string): readonly string[] {
    const family = this.#families.get(familyOf(prefix));
    if (family === undefined) return [];
    if (family.isStale) refresh(family);
    const start = lowerBound(family.sorted, prefix);
    let end = start;
    while (family.sorted[end]?.startsWith(prefix)) end += 1;
    return family.sorted.slice(start, end);
  }

  /** How many keys a family has. */
  size(family: string): number {
    return this.#families.get(family)?.present.size ?? 0;
  }
}

/** Sorting what was sorted but for its end takes linear time (TimSort). A key removed and added again is there twice. */
function refresh(family: Family): void {
  family.sorted.sort();
  family.sorted = family.sorted.filter((key, i, all) => key !== all[i - 1] && family.present.has(key));
  family.isStale = false;
}

/** Index of the first key that is not below `prefix`. */
function lowerBound(keys: readonly string[], prefix: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < prefix) low = middle + 1;
    else high = middle;
  }
  return low;
}
