import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** Projects by level; `cluster` and `browser` need root and real hosts, and run one file at a time. */
const level = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});

export default defineConfig({
  test: {
    // By itself vitest leaves a core to watching: on two cores files would run one after the other.
    maxWorkers: availableParallelism(),
    projects: [
      level('architecture'),
      level('unit'),
      level('property'),
      level('sim', { testTimeout: 120_000 }),
      level('conformance', { testTimeout: 60_000, hookTimeout: 60_000 }),
      level('browser', { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false }),
      level('cluster', { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false }),
    ],
  },
});
