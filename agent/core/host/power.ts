import { assertNever, type Context } from '../context.ts';
import { type ManagedContainer, NO_CALL } from './container.ts';
import type { Effect, PowerAction } from './messages.ts';
import { toRemoved, toRemoving, toStarting, toStopped, toStopping } from './moves.ts';

/** What people do to a container. Doing it twice is the same as once. */
export function onPower(
  c: ManagedContainer,
  action: Exclude<PowerAction, 'remove'>,
  signal: string | undefined,
  ctx: Context,
): Effect[] {
  switch (action) {
    case 'start':
      return start(c, ctx);
    case 'stop':
      return stop(c);
    case 'restart':
      return restart(c, ctx);
    case 'kill':
      return c.life.phase === 'running'
        ? [{ type: 'kill', engineId: c.life.engineId, signal: signal ?? 'SIGKILL' }]
        : [];
    default:
      return assertNever(action);
  }
}

function start(c: ManagedContainer, ctx: Context): Effect[] {
  const { life } = c;
  c.wanted = 'running';
  switch (life.phase) {
    case 'stopped':
    case 'completed':
      c.backoffSteps = 0;
      c.setbacks = 0;
      return toStarting(c, life.engineId, ctx);
    case 'backoff':
      c.restarts += 1;
      c.setbacks = 0;
      return toStarting(c, life.engineId, ctx);
    case 'stopping':
      c.life = { ...life, next: 'starting' };
      return [];
    default:
      return [];
  }
}

function stop(c: ManagedContainer): Effect[] {
  const { life } = c;
  c.wanted = 'stopped';
  switch (life.phase) {
    case 'running':
      return toStopping(c, life.engineId, 'stopped');
    case 'backoff':
    case 'completed':
      return toStopped(c, life.engineId);
    case 'stopping':
      c.life = { ...life, next: 'stopped' };
      return [];
    // On its way up: it is stopped as soon as the call in flight is answered.
    default:
      return [];
  }
}

function restart(c: ManagedContainer, ctx: Context): Effect[] {
  const { life } = c;
  if (life.phase !== 'running') return start(c, ctx);
  c.wanted = 'running';
  c.restarts += 1;
  return toStopping(c, life.engineId, 'starting');
}

/** Gives it up for good: stopped politely, then removed. */
export function onRemove(c: ManagedContainer, why: string): Effect[] {
  const { life } = c;
  switch (life.phase) {
    case 'claimed':
    case 'pulling':
      return [{ type: 'abandon', call: life.call }, ...toRemoved(c, 'container.removed', `is removed (${why})`)];
    case 'creating':
      c.life = { phase: 'removing', call: life.call, engineId: undefined, why };
      return [];
    case 'burying':
      c.life = { phase: 'removing', call: life.call, engineId: life.engineId, why };
      return [];
    case 'starting':
    case 'running':
    case 'stopping':
    case 'stopped':
    case 'backoff':
    case 'completed':
      return toRemoving(c, life.engineId, why);
    case 'removing':
      return life.call === NO_CALL && life.engineId !== undefined ? toRemoving(c, life.engineId, life.why) : [];
    case 'failed':
      return toRemoved(c, 'container.removed', `is removed (${why})`);
    case 'removed':
      return [];
    default:
      return assertNever(life);
  }
}
