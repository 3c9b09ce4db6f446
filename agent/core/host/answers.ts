import type { Context } from '../context.ts';
import { type ManagedContainer, NO_CALL, type Reason } from './container.ts';
import { verdict } from './exits.ts';
import type { ContainerEvent, Effect } from './messages.ts';
import {
  toBackoff,
  toBurying,
  toCreating,
  toFailed,
  toRemoved,
  toRemovedByHand,
  toRemoving,
  toRunning,
  toStarting,
  toStopped,
  toStopping,
} from './moves.ts';

type Answer = Extract<ContainerEvent, { type: 'pull-progress' | 'done' | 'refused' | 'lost' }>;

/** The engine's answer to the call in flight. */
export function onAnswer(c: ManagedContainer, answer: Answer, ctx: Context): Effect[] {
  const { life } = c;
  if (!('call' in life) || life.call === NO_CALL || life.call !== answer.call) return [];
  switch (answer.type) {
    case 'pull-progress':
      if (life.phase === 'claimed' || life.phase === 'pulling') {
        c.life = { phase: 'pulling', call: life.call, progress: answer.progress };
      }
      return [];
    case 'done':
      if (answer.hasHealthcheck === true && c.identity.spec.health === undefined) c.checkedBy = 'engine';
      return onDone(c, answer.engineId, answer.output ?? '', ctx);
    case 'refused':
      return onRefused(c, answer.code, answer.detail, ctx);
    case 'lost':
      c.life = { ...life, call: NO_CALL };
      return [];
  }
}

function onDone(c: ManagedContainer, engineId: string | undefined, output: string, ctx: Context): Effect[] {
  const { life } = c;
  switch (life.phase) {
    case 'claimed':
    case 'pulling':
      return toCreating(c);
    case 'creating':
      return engineId === undefined ? [] : onCreated(c, engineId, ctx);
    case 'starting':
      return onStarted(c, life.engineId, life.issuedAtMs, ctx);
    case 'stopping':
      return afterStop(c, life, ctx);
    case 'burying':
      return toFailed(c, withOutput(life.reason, output), ctx);
    case 'removing':
      return life.engineId === undefined && engineId !== undefined
        ? toRemoving(c, engineId, life.why)
        : toRemoved(c, 'container.removed', `is removed (${life.why})`);
    default:
      return [];
  }
}

/** stopping -> stopped, starting or backoff, as was wanted of the stop. */
export function afterStop(
  c: ManagedContainer,
  { next, engineId }: { readonly next: 'stopped' | 'starting' | 'backoff'; readonly engineId: string },
  ctx: Context,
): Effect[] {
  switch (next) {
    case 'stopped':
      return toStopped(c, engineId);
    case 'starting':
      return toStarting(c, engineId, ctx);
    case 'backoff':
      return toBackoff(c, engineId, ctx);
  }
}

/** creating -> starting, or stopped when that is wanted of it by now. */
export const onCreated = (c: ManagedContainer, engineId: string, ctx: Context): Effect[] =>
  c.wanted === 'stopped' ? toStopped(c, engineId) : toStarting(c, engineId, ctx);

/** starting -> running, and on to stopping when that is wanted of it by now. */
export function onStarted(c: ManagedContainer, engineId: string, issuedAtMs: number, ctx: Context): Effect[] {
  const effects = toRunning(c, engineId, issuedAtMs, ctx);
  return c.wanted === 'stopped' ? [...effects, ...toStopping(c, engineId, 'stopped')] : effects;
}

function onRefused(c: ManagedContainer, code: string, detail: string, ctx: Context): Effect[] {
  const { life } = c;
  if (code === 'not-found' && (life.phase === 'starting' || life.phase === 'stopping')) return toRemovedByHand(c);
  switch (life.phase) {
    case 'claimed':
    case 'pulling':
      return toFailed(c, { code: 'image-not-found', detail: `cannot pull ${c.identity.spec.image}: ${detail}` }, ctx);
    case 'creating':
      return toFailed(c, { code: code === 'image-not-found' ? code : 'create-failed', detail }, ctx);
    case 'starting':
      return onStartRefused(c, life.engineId, detail, ctx);
    // What the engine will not do is tried again when its next list still shows the need.
    case 'stopping':
    case 'burying':
      c.life = { ...life, call: NO_CALL };
      return [];
    case 'removing':
      if (life.engineId === undefined) return toRemoved(c, 'container.removed', `is removed (${life.why})`);
      c.life = { ...life, call: NO_CALL };
      return [];
    default:
      return [];
  }
}

/**
 * A container that was never ready is given up: what the engine objects to (no such program, a port in use) seldom passes,
 * and another host may do better. One that worked before is tried again.
 */
function onStartRefused(c: ManagedContainer, engineId: string, detail: string, ctx: Context): Effect[] {
  const mayRestart = verdict(c.identity.spec.restart ?? 'always', 1) === 'restart';
  if (c.hasBeenReady && mayRestart) return toBackoff(c, engineId, ctx);
  return toBurying(c, engineId, { code: 'create-failed', detail });
}

const DETAIL_MAX = 4_000;

/** The reason with the container's last words. The newest output is kept when it is too long. */
function withOutput(reason: Reason, output: string): Reason {
  const words = output.trim();
  if (words === '') return reason;
  const room = DETAIL_MAX - reason.detail.length;
  return { code: reason.code, detail: `${reason.detail}; last output: ${words.slice(-room)}` };
}
