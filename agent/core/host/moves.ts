import type { Context } from '../context.ts';
import { backoffMs } from './backoff.ts';
import { type Call, FAILED_RETENTION_MS, type ManagedContainer, type Reason, type Running } from './container.ts';
import { firstCheck } from './health-check.ts';
import type { Effect, NoteKind } from './messages.ts';

/** Grace of a stop when the version names none, as Docker's own. Milliseconds. */
export const STOP_GRACE_MS = 10_000;

export const graceMs = (c: ManagedContainer): number => c.identity.spec.stopGraceMs ?? STOP_GRACE_MS;

/** A line for the timeline; the message starts with the container's name. */
export const note = (c: ManagedContainer, kind: NoteKind, words: string): Effect => ({
  type: 'note',
  kind,
  message: `${c.identity.name} ${words}`,
});

const nextCall = (c: ManagedContainer): Call => {
  c.lastCall += 1;
  return c.lastCall;
};

/** (claimed | pulling) -> claimed: look for the image, again after the engine was away. */
export function toFetching(c: ManagedContainer): Effect[] {
  const call = nextCall(c);
  c.life = { phase: 'claimed', call };
  return [{ type: 'fetch', call }];
}

/** (claimed | pulling | creating) -> creating */
export function toCreating(c: ManagedContainer): Effect[] {
  const call = nextCall(c);
  c.life = { phase: 'creating', call };
  return [{ type: 'create', call }];
}

/** (creating | backoff | stopped | completed | stopping) -> starting */
export function toStarting(c: ManagedContainer, engineId: string, ctx: Context): Effect[] {
  const call = nextCall(c);
  c.isOomSeen = false;
  c.life = { phase: 'starting', call, engineId, issuedAtMs: ctx.nowMs };
  return [{ type: 'start', call, engineId }];
}

/** starting -> running */
export function toRunning(c: ManagedContainer, engineId: string, issuedAtMs: number, ctx: Context): Effect[] {
  const health = c.checkedBy === 'nobody' ? 'none' : 'starting';
  const check = c.checkedBy === 'agent' ? { check: firstCheck(c.identity.spec.health ?? {}, ctx) } : {};
  c.life = { phase: 'running', engineId, issuedAtMs, startedAtMs: ctx.nowMs, health, isReady: false, ...check };
  return [note(c, 'container.started', c.restarts === 0 ? 'started' : `started again (restart ${c.restarts})`)];
}

/** (stopped | backoff | completed) -> running: somebody's `docker start`. What people want of it here stays. */
export function toRunningByHand(c: ManagedContainer, engineId: string, atMs: number, ctx: Context): Effect[] {
  toRunning(c, engineId, atMs, ctx);
  return [note(c, 'container.started-externally', 'was started outside Shoal')];
}

/** running -> running, ready */
export function toReady(c: ManagedContainer, running: Running): void {
  c.life = { ...running, isReady: true };
  c.hasBeenReady = true;
  c.failures = 0;
  c.longestFailedRunMs = 0;
}

/** running -> stopping */
export function toStopping(c: ManagedContainer, engineId: string, next: 'stopped' | 'starting' | 'backoff'): Effect[] {
  const call = nextCall(c);
  c.life = { phase: 'stopping', call, engineId, next };
  return [{ type: 'stop', call, engineId, graceMs: graceMs(c) }];
}

/** (stopping | starting | running | backoff | completed) -> stopped */
export function toStopped(c: ManagedContainer, engineId: string): Effect[] {
  c.life = { phase: 'stopped', engineId };
  return [note(c, 'container.stopped', 'is stopped')];
}

/** running -> completed: it did its work, which is as good as ready. */
export function toCompleted(c: ManagedContainer, engineId: string): Effect[] {
  c.life = { phase: 'completed', engineId };
  c.hasBeenReady = true;
  return [note(c, 'container.completed', 'completed')];
}

/** (running | starting | stopping) -> backoff */
export function toBackoff(c: ManagedContainer, engineId: string, ctx: Context): Effect[] {
  const delayMs = backoffMs(c.backoffSteps, ctx.rng);
  c.backoffSteps += 1;
  c.life = { phase: 'backoff', engineId, untilMs: ctx.nowMs + delayMs };
  return [note(c, 'container.restarting', `starts again in ${seconds(delayMs)}`)];
}

/** (starting | running) -> burying */
export function toBurying(c: ManagedContainer, engineId: string, reason: Reason): Effect[] {
  const call = nextCall(c);
  c.life = { phase: 'burying', call, engineId, reason };
  return [{ type: 'bury', call, engineId }];
}

/** (claimed | pulling | creating | burying) -> failed: nothing of it is left in the engine. */
export function toFailed(c: ManagedContainer, reason: Reason, ctx: Context): Effect[] {
  c.life = { phase: 'failed', reason, untilMs: ctx.nowMs + FAILED_RETENTION_MS };
  return [{ type: 'free' }, note(c, 'container.failed', `failed: ${reason.detail}`)];
}

/** anything with an engine container -> removing */
export function toRemoving(c: ManagedContainer, engineId: string, why: string): Effect[] {
  const call = nextCall(c);
  c.life = { phase: 'removing', call, engineId, why };
  return [{ type: 'remove', call, engineId, graceMs: graceMs(c) }];
}

/** anything -> removed: the last phase, after which the shell forgets it. */
export function toRemoved(c: ManagedContainer, kind: NoteKind, words: string): Effect[] {
  const held = c.life.phase !== 'failed';
  c.life = { phase: 'removed' };
  return [...(held ? [{ type: 'free' } as const] : []), note(c, kind, words)];
}

/** anything -> removed: somebody's `docker rm`. */
export const toRemovedByHand = (c: ManagedContainer): Effect[] =>
  toRemoved(c, 'container.removed-externally', 'was removed outside Shoal');

/** `1 s`, `0.3 s`: for people. */
export const seconds = (ms: number): string => `${ms < 1_000 ? Math.ceil(ms / 100) / 10 : Math.round(ms / 1_000)} s`;
