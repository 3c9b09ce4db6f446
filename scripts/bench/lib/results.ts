import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const folder = process.env.BENCH_RESULTS ?? resolve(import.meta.dirname, '../../../results');
/** Set by `scripts/bench/run --quick`: for a look while developing, not for results to keep. */
export const isQuick = process.env.BENCH_QUICK === '1';

/** How often to measure: what `--runs` says, or `usual`, or 2 with `--quick`. */
export const runs = (usual: number): number => Number(process.env.BENCH_RUNS ?? (isQuick ? Math.min(2, usual) : usual));

/** Middle value; the mean of the two middle ones of an even count. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? upper)) / 2;
}

/** Nearest-rank percentile. `share` in [0, 1]. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export const round = (value: number, digits = 0): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** What people ask of many measured values. */
export const spread = (values: readonly number[], digits = 0) => ({
  count: values.length,
  p50: round(percentile(values, 0.5), digits),
  p99: round(percentile(values, 0.99), digits),
  max: round(percentile(values, 1), digits),
});

/** Writes `results/<name>.json` with the command that reproduces it. */
export function writeResults(name: string, results: object): void {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryBytes: totalmem(), node: process.version };
  const command = process.env.BENCH_COMMAND ?? `scripts/bench/run ${name}`;
  const document = { command, at: new Date().toISOString(), machine, ...results };
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${name}.json`);
  writeFileSync(path, `${JSON.stringify(document, undefined, 2)}\n`);
  console.error(`\nwritten to ${path}`);
}

/** Prints rows by name on standard error, their numbers under their names. */
export function table(title: string, rows: Readonly<Record<string, Readonly<Record<string, number | string>>>>): void {
  const columns = [...new Set(Object.values(rows).flatMap((row) => Object.keys(row)))];
  const widths = columns.map((column) => Math.max(column.length, 8));
  const first = Math.max(title.length, ...Object.keys(rows).map((name) => name.length));
  console.error(
    `\n${title.padEnd(first)}  ${columns.map((column, index) => column.padStart(widths[index] ?? 0)).join('  ')}`,
  );
  for (const [name, row] of Object.entries(rows)) {
    const cells = columns.map((column, index) => String(row[column] ?? '-').padStart(widths[index] ?? 0));
    console.error(`${name.padEnd(first)}  ${cells.join('  ')}`);
  }
}

/** Share of CPU time that this machine idled since the last call. */
export function idleShare(): () => number {
  const read = () => (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
  let before = read();
  return () => {
    const now = read();
    const spent = now.map((value, index) => value - (before[index] ?? 0));
    before = now;
    const all = spent.reduce((sum, value) => sum + value, 0);
    return ((spent[3] ?? 0) + (spent[4] ?? 0)) / Math.max(1, all);
  };
}

const QUIET_SHARE = 0.85;
const QUIET_TRIES = Number(process.env.BENCH_QUIET_TRIES ?? 60);

/** Waits until the machine idles for a second, at most a minute: other work on it would be measured too. */
export async function quiet(): Promise<void> {
  const share = idleShare();
  for (let tries = 0; tries < QUIET_TRIES; tries++) {
    await delay(1_000);
    if (share() >= QUIET_SHARE) return;
  }
  console.error('the machine does not become quiet; measuring all the same');
}
