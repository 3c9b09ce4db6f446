import type { UsageSample } from './history.ts';

/** Totals since something began, and what it holds now. */
export interface Counters {
  readonly cpuMicros: number;
  readonly memoryBytes: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Means between two looks. A counter that went back began anew: what it shows came since then. */
export function sampleOf(before: Counters, now: Counters, elapsedMs: number): UsageSample {
  const perS = (field: keyof Counters): number => {
    const grown = now[field] >= before[field] ? now[field] - before[field] : now[field];
    return elapsedMs <= 0 ? 0 : (grown * 1_000) / elapsedMs;
  };
  return [
    perS('cpuMicros') / 1_000,
    now.memoryBytes,
    perS('receivedBytes'),
    perS('sentBytes'),
    perS('readBytes'),
    perS('writtenBytes'),
  ];
}
