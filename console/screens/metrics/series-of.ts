import type { UsageHistory } from '../../../protocol/schemas/usage.ts';

/** Numbers of a history that are drawn. */
export type Measure = Exclude<keyof UsageHistory, 'stepMs' | 'atMs'>;

/** Columns of a chart: seconds since the epoch, then a column a measure. null is a gap. */
export type ChartColumns = readonly [readonly number[], ...(readonly (number | null)[])[]];

/** Points further apart than this many steps have a gap between them. */
const GAP_STEPS = 1.75;

/** What was measured, with a hole wherever nothing was: a line over an agent's absence would be an invention. */
export function seriesOf(history: UsageHistory, measures: readonly Measure[]): ChartColumns {
  const atS: number[] = [];
  const columns: (number | null)[][] = measures.map(() => []);
  for (const [index, atMs] of history.atMs.entries()) {
    const before = history.atMs[index - 1];
    if (before !== undefined && atMs - before > GAP_STEPS * history.stepMs) {
      atS.push((before + history.stepMs) / 1_000);
      for (const column of columns) column.push(null);
    }
    atS.push(atMs / 1_000);
    for (const [at, measure] of measures.entries()) columns[at]?.push(history[measure][index] ?? null);
  }
  return [atS, ...columns];
}

export interface Summary {
  readonly now: number;
  readonly mean: number;
  readonly most: number;
}

/** A column in three numbers; undefined when nothing was measured. */
export function summaryOf(values: readonly number[]): Summary | undefined {
  const now = values.at(-1);
  if (now === undefined) return undefined;
  let sum = 0;
  let most = 0;
  for (const value of values) {
    sum += value;
    most = Math.max(most, value);
  }
  return { now, mean: sum / values.length, most };
}
