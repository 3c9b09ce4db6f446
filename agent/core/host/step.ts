import { assertNever, type Context } from '../context.ts';
import { onAnswer, onStarted } from './answers.ts';
import { type ManagedContainer, NO_CALL, SETTLE_MS } from './container.ts';
import { onExit } from './exits.ts';
import { onChecked, onHealth, toChecking } from './health.ts';
import type { ContainerEvent, Effect } from './messages.ts';
import { note, toFetching, toReady, toRemoved, toRunningByHand, toStarting } from './moves.ts';
import { onPower, onRemove } from './power.ts';
import { onAbsent, onSighted } from './sighted.ts';

const STOPPED_BY_HAND = 'was stopped outside Shoal, and starts again: a stop through Shoal lasts';

/**
 * One step of a container's life: changes `c` in place and returns what the shell must do. Events that don't fit the
 * phase are late or repeated ones, and change nothing.
 */
export function step(c: ManagedContainer, event: ContainerEvent, ctx: Context): Effect[] {
  switch (event.type) {
    case 'run':
      return c.life.phase === 'claimed' && c.life.call === NO_CALL ? toFetching(c) : [];
    case 'tick':
      return onTick(c, ctx);
    case 'pull-progress':
    case 'done':
    case 'refused':
    case 'lost':
      return onAnswer(c, event, ctx);
    case 'engine-start':
      return onEngineStart(c, event.atMs, ctx);
    case 'engine-die':
      return onEngineDie(c, event.exitCode, event.atMs, ctx);
    case 'engine-oom':
      c.isOomSeen = true;
      return [];
    // Its exit was told before. While it waits to start again, the stop was none of ours.
    case 'engine-stop':
      return c.life.phase === 'backoff' ? [note(c, 'container.stopped-externally', STOPPED_BY_HAND)] : [];
    case 'engine-health':
      return c.checkedBy === 'agent' ? [] : onHealth(c, event.health, ctx);
    case 'checked':
      return onChecked(c, event, ctx);
    case 'engine-destroy':
      return c.life.phase === 'removing' || c.life.phase === 'burying' ? [] : onAbsent(c, ctx);
    case 'sighted':
      return onSighted(c, event.sighting, event.isAfterLoss, ctx);
    case 'absent':
      return onAbsent(c, ctx);
    case 'power':
      return onPower(c, event.action, event.signal, ctx);
    case 'remove':
      return onRemove(c, event.why);
    default:
      return assertNever(event);
  }
}

function onTick(c: ManagedContainer, { nowMs, rng }: Context): Effect[] {
  const { life } = c;
  if (life.phase === 'backoff' && nowMs >= life.untilMs) {
    c.restarts += 1;
    return toStarting(c, life.engineId, { nowMs, rng });
  }
  if (life.phase === 'failed' && nowMs >= life.untilMs) return toRemoved(c, 'container.removed', 'is forgotten');
  if (life.phase === 'running' && life.check?.dueMs !== undefined && nowMs >= life.check.dueMs)
    return toChecking(c, life);
  if (life.phase === 'running' && life.health === 'none' && nowMs >= life.startedAtMs + SETTLE_MS) toReady(c, life);
  return [];
}

/** Its own end, or what came of our stop: that is told when the call is answered, which may be before this. */
function onEngineDie(c: ManagedContainer, exitCode: number, atMs: number, ctx: Context): Effect[] {
  const { life } = c;
  if (life.phase === 'running' && atMs >= life.issuedAtMs) return onExit(c, life, exitCode, ctx);
  if (life.phase === 'stopping' || life.phase === 'stopped') c.lastExit = { code: exitCode, isOomKilled: false };
  return [];
}

/** Ours, seen before the call's own answer, or somebody's `docker start`. */
function onEngineStart(c: ManagedContainer, atMs: number, ctx: Context): Effect[] {
  const { life } = c;
  switch (life.phase) {
    case 'starting':
      return atMs >= life.issuedAtMs ? onStarted(c, life.engineId, life.issuedAtMs, ctx) : [];
    case 'backoff':
    case 'stopped':
    case 'completed':
      return toRunningByHand(c, life.engineId, atMs, ctx);
    default:
      return [];
  }
}
