import { describe, expect, it } from 'vitest';
import type { Health } from '../../../agent/core/host/container.ts';
import { afterCheck, firstCheck } from '../../../agent/core/host/health-check.ts';
import type { HealthSpec } from '../../../protocol/schemas/version.ts';

const spec: HealthSpec = { tcp: { port: 1 }, intervalMs: 1_000, retries: 3, startPeriodMs: 0 };
const rng = () => 0.5;

/** Feeds results at the moments that the state asks for, and says when which health was known. Milliseconds since the start. */
function run(results: readonly boolean[], change: Partial<HealthSpec> = {}, first: Health = 'starting') {
  let health: Health = first;
  let state = firstCheck(spec, { nowMs: 0, rng });
  let nowMs = state.dueMs ?? 0;
  const seen: [number, Health][] = [];
  for (const isGood of results) {
    const next = afterCheck(state, isGood, { ...spec, ...change }, { health, sinceStartMs: nowMs }, { nowMs, rng });
    state = next.check;
    if (next.health !== undefined && next.health !== health) {
      health = next.health;
      seen.push([nowMs, health]);
    }
    nowMs = state.dueMs ?? nowMs;
  }
  return { seen, nextMs: nowMs };
}

describe('checks of a container that this agent makes', () => {
  it('come often while it starts, so that it counts as soon as it works', () => {
    expect(run([false, false, true])).toEqual({ seen: [[625, 'healthy']], nextMs: 1_625 });
  });

  it('give it up after as many intervals as it may fail, however often it was looked at', () => {
    const { seen } = run(Array(40).fill(false));
    expect(seen).toEqual([[3_125, 'unhealthy']]);
  });

  it('do not count in the start period', () => {
    const { seen } = run(Array(80).fill(false), { startPeriodMs: 10_000 });
    expect(seen[0]?.[0]).toBeGreaterThanOrEqual(12_000);
  });

  it('find a healthy one unhealthy after so many failures in a row, and only then', () => {
    expect(run([true, false, false, true, false, false, false], {}, 'healthy').seen).toEqual([[6_125, 'unhealthy']]);
  });

  it('are spread, so that containers that started together part', () => {
    const at = (random: number) =>
      afterCheck(
        firstCheck(spec, { nowMs: 0, rng }),
        true,
        spec,
        { health: 'healthy', sinceStartMs: 0 },
        { nowMs: 0, rng: () => random },
      );
    expect([at(0).check.dueMs, at(1).check.dueMs]).toEqual([900, 1_100]);
  });
});
