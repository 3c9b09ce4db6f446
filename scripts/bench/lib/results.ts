import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const folder = resolve(import.meta.dirname, '../../../results');

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

/** Writes `results/<name>.json` with the command that reproduces it, and prints it. */
export function writeResults(name: string, results: object): void {
  mkdirSync(folder, { recursive: true });
  const machine = { cpus: cpus().length, model: cpus()[0]?.model, memoryBytes: totalmem(), node: process.version };
  const document = { command: `scripts/bench/run ${name}`, at: new Date().toISOString(), machine, ...results };
  const path = join(folder, `${name}.json`);
  writeFileSync(path, `${JSON.stringify(document, undefined, 2)}\n`);
  console.log(JSON.stringify(document, undefined, 2));
}

/** Share of CPU time that this machine idled since the last call. */
function idleShare(): () => number {
  const read = () => (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').trim().split(/\s+/).slice(1).map(Number);
  let before = read();
  return () => {
    const now = read();
    const spent = now.map((value, index) => value - (before[index] ?? 0));
    before = now;
    return (
      ((spent[3] ?? 0) + (spent[4] ?? 0)) /
      Math.max(
        1,
        spent.reduce((sum, value) => sum + value, 0),
      )
    );
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
