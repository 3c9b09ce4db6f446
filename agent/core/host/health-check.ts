import type { HealthSpec } from '../../../protocol/schemas/version.ts';
import type { Context } from '../context.ts';
import type { CheckState, Health } from './container.ts';

/** Health check times for versions that leave them open: quick enough for a deploy to wait for. Milliseconds. */
export const healthDefaults = { intervalMs: 2_000, timeoutMs: 5_000, retries: 3, startPeriodMs: 0 } as const;

/** A container that starts is looked at this often, so that nobody waits for it longer than need be. Milliseconds. */
const STARTING_EVERY_MS = 250;
/** Checks are spread by this share both ways, so that containers that started together are not checked together for ever. */
const JITTER = 0.1;

/** The state of the checks when a run begins. */
export const firstCheck = (_spec: HealthSpec, { nowMs, rng }: Context): CheckState => ({
  dueMs: nowMs + Math.round(STARTING_EVERY_MS * rng()),
  failures: 0,
  countedMs: nowMs,
});

/**
 * What one check means. Checks come more often while the container starts; failures then count once an interval, and not at
 * all in the start period, so that `retries` mean what they say.
 *
 * @param sinceStartMs how long this run lasts
 * @returns the state after it, and the health if that is known now; `undefined`: as before
 */
export function afterCheck(
  state: CheckState,
  isGood: boolean,
  spec: HealthSpec,
  run: { readonly health: Health; readonly sinceStartMs: number },
  { nowMs, rng }: Context,
): { readonly check: CheckState; readonly health: Health | undefined } {
  const { intervalMs, retries, startPeriodMs } = { ...healthDefaults, ...spec };
  const isStarting = run.health === 'starting';
  if (isGood) {
    return { check: { dueMs: nowMs + spread(intervalMs, rng), failures: 0, countedMs: nowMs }, health: 'healthy' };
  }
  const isCounted = !isStarting || (run.sinceStartMs >= startPeriodMs && nowMs - state.countedMs >= intervalMs);
  const failures = state.failures + Number(isCounted);
  const everyMs = isStarting ? Math.min(intervalMs, STARTING_EVERY_MS) : intervalMs;
  return {
    check: { dueMs: nowMs + spread(everyMs, rng), failures, countedMs: isCounted ? nowMs : state.countedMs },
    health: failures >= retries ? 'unhealthy' : undefined,
  };
}

const spread = (ms: number, rng: () => number): number => Math.round(ms * (1 - JITTER + 2 * JITTER * rng()));
