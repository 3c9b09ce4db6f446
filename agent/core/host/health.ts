import type { Context } from '../context.ts';
import { type Health, type ManagedContainer, type Running, SETBACKS_MAX } from './container.ts';
import { afterCheck } from './health-check.ts';
import type { ContainerEvent, Effect } from './messages.ts';
import { note, toBurying, toReady, toStopping } from './moves.ts';

/** A run of this length before it got unhealthy was a good one: what went wrong before it counts no more. */
const GOOD_RUN_MS = 60_000;

/** running -> running with another health; stopping or given up when it gets unhealthy. */
export function onHealth(c: ManagedContainer, health: Health, { nowMs }: Context, why = ''): Effect[] {
  const { life } = c;
  if (life.phase !== 'running' || life.health === health) return [];
  if (health === 'healthy') {
    toReady(c, { ...life, health });
    return [note(c, 'container.healthy', 'is healthy')];
  }
  c.life = { ...life, health, isReady: false };
  return health === 'unhealthy' ? onUnhealthy(c, life, why, nowMs) : [];
}

/** One that was ready before starts again, unless it has done so too often or is never to. */
function onUnhealthy(c: ManagedContainer, { engineId, startedAtMs }: Running, why: string, nowMs: number): Effect[] {
  const last = why === '' ? '' : `; last: ${why}`;
  if (!c.hasBeenReady) {
    const detail = `its health check failed too often in a row before it was ever healthy${last}`;
    return toBurying(c, engineId, { code: 'container-unhealthy', detail });
  }
  const notes = [note(c, 'container.unhealthy', `is unhealthy${last}`)];
  if (nowMs - startedAtMs >= GOOD_RUN_MS) {
    c.setbacks = 0;
    c.backoffSteps = 0;
  }
  c.setbacks += 1;
  c.trouble = 'got unhealthy';
  if (c.setbacks >= SETBACKS_MAX || c.identity.spec.restart === 'never') {
    const detail = `it got unhealthy again and again${last}`;
    return [...notes, ...toBurying(c, engineId, { code: 'container-unhealthy', detail })];
  }
  return [...notes, ...toStopping(c, engineId, 'backoff')];
}

/** running -> running with its check under way. */
export function toChecking(c: ManagedContainer, life: Running): Effect[] {
  if (life.check === undefined) return [];
  c.life = { ...life, check: { ...life.check, dueMs: undefined } };
  return [{ type: 'check', engineId: life.engineId, runMs: life.issuedAtMs }];
}

/** What a check found. Late ones, of an earlier run, say nothing. */
export function onChecked(
  c: ManagedContainer,
  { runMs, isGood, detail }: Extract<ContainerEvent, { type: 'checked' }>,
  ctx: Context,
): Effect[] {
  const { life } = c;
  if (life.phase !== 'running' || life.check === undefined || life.issuedAtMs !== runMs) return [];
  const run = { health: life.health, sinceStartMs: ctx.nowMs - life.startedAtMs };
  const { check, health } = afterCheck(life.check, isGood, c.identity.spec.health ?? {}, run, ctx);
  c.life = { ...life, check };
  return health === undefined ? [] : onHealth(c, health, ctx, detail);
}
