import { defineConfig } from 'vitest/config';

/** Projects by level; `cluster` needs root and real hosts, and runs one file at a time. */
const level = (name: string, extra: object = {}) => ({
  test: { name, include: [`test/${name}/**/*.test.ts`], ...extra },
});

export default defineConfig({
  test: {
    projects: [
      level('architecture'),
      level('unit'),
      level('property'),
      level('sim', { testTimeout: 120_000 }),
      level('conformance', { testTimeout: 60_000, hookTimeout: 60_000 }),
      level('cluster', { testTimeout: 180_000, hookTimeout: 180_000, fileParallelism: false }),
    ],
  },
});
