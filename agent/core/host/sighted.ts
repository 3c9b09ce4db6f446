import { assertNever, type Context } from '../context.ts';
import { afterStop, onCreated, onStarted } from './answers.ts';
import { isCalling, type ManagedContainer, NO_CALL, type Running } from './container.ts';
import { onExit, verdict } from './exits.ts';
import { onHealth } from './health.ts';
import type { Effect, Sighting } from './messages.ts';
import {
  graceMs,
  toBurying,
  toCompleted,
  toFailed,
  toFetching,
  toRemoved,
  toRemovedByHand,
  toRemoving,
  toRunningByHand,
  toStarting,
  toStopped,
  toStopping,
} from './moves.ts';

/**
 * A list of the engine shows the container. It repairs what events missed and goes on with calls whose outcome is unknown;
 * a container whose call is in flight is left alone.
 */
export function onSighted(c: ManagedContainer, seen: Sighting, isAfterLoss: boolean, ctx: Context): Effect[] {
  const { life } = c;
  if (isCalling(life)) return [];
  switch (life.phase) {
    case 'claimed':
    case 'pulling':
    case 'creating':
    case 'starting':
      return onUnknownOutcome(c, seen, ctx);
    case 'running':
      if (seen.state !== 'up') return onDown(c, life, seen, isAfterLoss, ctx);
      return c.checkedBy === 'agent' ? [] : onHealth(c, seen.health, ctx);
    case 'stopping':
      if (seen.state === 'up') return toStopping(c, seen.engineId, life.next);
      return afterStop(c, { next: life.next, engineId: seen.engineId }, ctx);
    case 'stopped':
    case 'backoff':
    case 'completed':
      return seen.state === 'up' ? toRunningByHand(c, seen.engineId, seen.startedAtMs, ctx) : [];
    case 'burying':
      return toBurying(c, seen.engineId, life.reason);
    case 'removing':
      return toRemoving(c, seen.engineId, life.why);
    // Left over from a create whose answer never came; its claim is free already, so it must not run.
    case 'failed':
      return [{ type: 'remove', call: NO_CALL, engineId: seen.engineId, graceMs: graceMs(c) }];
    case 'removed':
      return [];
    default:
      return assertNever(life);
  }
}

/** (creating | starting) whose answer was lost -> wherever it got to. */
function onUnknownOutcome(c: ManagedContainer, seen: Sighting, ctx: Context): Effect[] {
  if (seen.state === 'up') return onStarted(c, seen.engineId, seen.startedAtMs, ctx);
  return onCreated(c, seen.engineId, ctx);
}

/** running, and found to be down. The engine's own fall is no fault of the container, and it starts again at once. */
function onDown(c: ManagedContainer, running: Running, seen: Sighting, isAfterLoss: boolean, ctx: Context): Effect[] {
  if (isAfterLoss) return onFallen(c, seen, ctx);
  c.isOomSeen ||= seen.isOomKilled;
  return onExit(c, { ...running, engineId: seen.engineId }, seen.exitCode, ctx);
}

/** Found down after the engine, the host or the agent was away: on by policy, without delay and without blame. */
export function onFallen(c: ManagedContainer, seen: Sighting, ctx: Context): Effect[] {
  c.lastExit = { code: seen.exitCode, isOomKilled: false };
  if (c.wanted === 'stopped') return toStopped(c, seen.engineId);
  switch (verdict(c.identity.spec.restart ?? 'always', seen.exitCode)) {
    case 'restart':
      c.restarts += 1;
      return toStarting(c, seen.engineId, ctx);
    case 'completed':
      return toCompleted(c, seen.engineId);
    case 'failed': {
      const detail = `exited with code ${seen.exitCode} while the engine was away, and its restart policy is never`;
      return toBurying(c, seen.engineId, { code: 'container-exited', detail });
    }
  }
}

/** The engine does not have it (any more). */
export function onAbsent(c: ManagedContainer, ctx: Context): Effect[] {
  const { life } = c;
  if (isCalling(life)) return [];
  switch (life.phase) {
    case 'claimed':
    case 'pulling':
    case 'creating':
      return toFetching(c);
    case 'starting':
    case 'running':
    case 'stopping':
    case 'stopped':
    case 'backoff':
    case 'completed':
      return toRemovedByHand(c);
    case 'burying':
      return toFailed(c, life.reason, ctx);
    case 'removing':
      return toRemoved(c, 'container.removed', `is removed (${life.why})`);
    case 'failed':
    case 'removed':
      return [];
    default:
      return assertNever(life);
  }
}
