import type { Trace } from './trace.ts';

/**
 * Seeds of one scenario: `SIM_SEED=n` runs only that one, `SIM_SEEDS=n` that many, otherwise `count`.
 *
 * @param base keeps the seeds of different scenarios apart
 */
export function seedsFor(base: number, count: number): number[] {
  const only = process.env.SIM_SEED;
  if (only !== undefined) return [Number(only)];
  const many = process.env.SIM_SEEDS;
  return Array.from({ length: many === undefined ? count : Number(many) }, (_, index) => base * 100_000 + index);
}

/** Runs one seed; a failure carries the command that repeats it and the last trace lines. */
export function runSeed(seed: number, file: string, trace: Trace, run: () => void): void {
  try {
    run();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const repeat = `SIM_SEED=${seed} npx vitest run --project sim ${file}`;
    throw new Error(`${reason}\n${trace.lines().join('\n')}\n${reason}\nrepeat with: ${repeat}`, { cause: error });
  }
}
