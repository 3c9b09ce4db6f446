import type { UsageHistory } from '../../../protocol/schemas/usage.ts';
import type { ChartColumns, Measure } from './series-of.ts';

/**
 * Histories of several containers on one axis of time. Each host measures at moments of its own, so points are put into slots as long
 * as a step; a slot that the moments just skip gets the value before it, a longer absence stays a hole.
 */
export function sideBySide(histories: readonly UsageHistory[], measure: Measure): ChartColumns {
  const stepMs = Math.max(1, ...histories.map((history) => history.stepMs));
  const columns = histories.map((history) => slotsOf(history, measure, stepMs));
  const slots = columns.flatMap((column) => [...column.keys()]);
  if (slots.length === 0) return [[], ...histories.map(() => [])];
  // One by one: there may be too many for the arguments of a call.
  const [first, last] = slots.reduce(([least, most], slot) => [Math.min(least, slot), Math.max(most, slot)], [
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ] as [number, number]);
  const axis = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return [
    axis.map((slot) => (slot * stepMs) / 1_000),
    ...columns.map((column) => axis.map((slot) => column.get(slot) ?? null)),
  ];
}

/** All of them together: what was measured at each moment, a hole where nothing was. */
export function summed(histories: readonly UsageHistory[], measure: Measure): ChartColumns {
  const [atS, ...columns] = sideBySide(histories, measure);
  const sums = atS.map((_, index) => {
    const values = columns.flatMap((column) => column[index] ?? []);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0);
  });
  // The newest slots fill one host after the other: a sum of the first few would look like a fall.
  const ends = columns.map((column) => column.findLastIndex((value) => value !== null));
  const current = ends.filter((end) => end >= atS.length - 1 - FILLING_SLOTS);
  const length = current.length === 0 ? atS.length : Math.min(...current) + 1;
  return [atS.slice(0, length), sums.slice(0, length)];
}

/** A container without a value for longer than this has gone, or its host has. */
const FILLING_SLOTS = 2;

function slotsOf(history: UsageHistory, measure: Measure, stepMs: number): ReadonlyMap<number, number> {
  const slots = new Map<number, number>();
  let before: { readonly slot: number; readonly value: number } | undefined;
  for (const [index, atMs] of history.atMs.entries()) {
    const value = history[measure][index];
    if (value === undefined) continue;
    const slot = Math.floor(atMs / stepMs);
    if (before !== undefined && slot - before.slot === 2) slots.set(slot - 1, before.value);
    slots.set(slot, value);
    before = { slot, value };
  }
  return slots;
}
