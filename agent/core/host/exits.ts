import type { Context } from '../context.ts';
import { BACKOFF_RESET_MS } from './backoff.ts';
import { FAILURES_MAX, type ManagedContainer, type Reason, type Running, SETBACKS_MAX } from './container.ts';
import type { Effect } from './messages.ts';
import { note, seconds, toBackoff, toBurying, toCompleted, toStopped } from './moves.ts';

/** SIGKILL's exit code: with an out-of-memory report before it, the kernel killed the container itself and not a child. */
const KILLED = 137;

/** What the restart policy makes of an exit. */
export type Verdict = 'restart' | 'completed' | 'failed';

/** `on-failure` means a non-zero exit code; policy `never` never starts again, and a non-zero exit is then a failure. */
export function verdict(policy: 'always' | 'on-failure' | 'never', exitCode: number): Verdict {
  if (policy === 'always') return 'restart';
  if (exitCode === 0) return 'completed';
  return policy === 'on-failure' ? 'restart' : 'failed';
}

/** running -> backoff, completed, stopped or, when it never gets ready, given up. */
export function onExit(c: ManagedContainer, running: Running, exitCode: number, ctx: Context): Effect[] {
  const { engineId } = running;
  const ranMs = Math.max(0, ctx.nowMs - running.startedAtMs);
  const isOomKilled = c.isOomSeen && exitCode === KILLED;
  c.lastExit = { code: exitCode, isOomKilled };
  const words = `${isOomKilled ? 'ran out of memory' : `exited with code ${exitCode}`} after ${seconds(ranMs)}`;
  const notes = [note(c, isOomKilled ? 'container.oom' : 'container.exited', words)];

  if (c.wanted === 'stopped') return [...notes, ...toStopped(c, engineId)];
  const next = verdict(c.identity.spec.restart ?? 'always', exitCode);
  if (next === 'completed') return [...notes, ...toCompleted(c, engineId)];
  if (next === 'failed') return [...notes, ...toBurying(c, engineId, exitReason(c, 1, ranMs))];

  if (ranMs >= BACKOFF_RESET_MS) {
    c.backoffSteps = 0;
    c.setbacks = 0;
  }
  if (!c.hasBeenReady) {
    c.failures += 1;
    c.longestFailedRunMs = Math.max(c.longestFailedRunMs, ranMs);
    if (c.failures >= FAILURES_MAX) {
      return [...notes, ...toBurying(c, engineId, exitReason(c, c.failures, c.longestFailedRunMs))];
    }
  }
  if (c.hasBeenReady) {
    c.setbacks += 1;
    c.trouble = undefined;
    if (c.setbacks >= SETBACKS_MAX) return [...notes, ...toBurying(c, engineId, exitReason(c, c.setbacks, ranMs))];
  }
  return [...notes, ...toBackoff(c, engineId, ctx)];
}

function exitReason(c: ManagedContainer, times: number, longestRunMs: number): Reason {
  const how = c.lastExit?.isOomKilled === true ? outOfMemory(c) : `exited with code ${c.lastExit?.code ?? 0}`;
  return { code: 'container-exited', detail: `${how}${often(times)} within ${seconds(longestRunMs)} of its start` };
}

const outOfMemory = (c: ManagedContainer): string =>
  `was killed for using more than its ${Math.floor(c.identity.spec.memoryBytes / 1024 ** 2)} MiB of memory`;

const often = (times: number): string => (times === 1 ? '' : times === 3 ? ' three times' : ` ${times} times`);
