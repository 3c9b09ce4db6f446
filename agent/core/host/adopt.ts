import type { Context } from '../context.ts';
import { onCreated } from './answers.ts';
import { type ContainerIdentity, type ManagedContainer, newContainer, SETTLE_MS, type Wanted } from './container.ts';
import { firstCheck } from './health-check.ts';
import type { Effect, Sighting } from './messages.ts';
import { onFallen } from './sighted.ts';

/**
 * A container that never gets ready is given up within its first restarts, so one whose last start is this long after its
 * creation must have been ready before.
 */
const PROVEN_MS = 60_000;

/**
 * A container of ours found on the engine by an agent that starts: half-made ones are carried on, running ones are taken
 * as they are, fallen ones start again by their policy. How often it restarted before is not known any more.
 */
export function adopt(
  identity: ContainerIdentity,
  seen: Sighting,
  wanted: Wanted,
  ctx: Context,
): { readonly container: ManagedContainer; readonly effects: readonly Effect[] } {
  const c = newContainer(identity, wanted);
  c.hasBeenReady = seen.startedAtMs - seen.createdAtMs >= PROVEN_MS;
  if (seen.hasHealthcheck && identity.spec.health === undefined) c.checkedBy = 'engine';
  if (seen.state === 'created') return { container: c, effects: onCreated(c, seen.engineId, ctx) };
  if (seen.state === 'down') return { container: c, effects: onFallen(c, seen, ctx) };

  const ranMs = ctx.nowMs - seen.startedAtMs;
  if (c.checkedBy === 'agent') return { container: takenAsGood(c, seen, ctx), effects: [] };
  const isReady = seen.health === 'healthy' || (seen.health === 'none' && ranMs >= SETTLE_MS);
  c.hasBeenReady ||= isReady;
  c.life = {
    phase: 'running',
    engineId: seen.engineId,
    issuedAtMs: seen.startedAtMs,
    startedAtMs: seen.startedAtMs,
    health: seen.health,
    isReady,
  };
  return { container: c, effects: [] };
}

/**
 * One that this agent checks by itself: what it found before it stopped is not known any more, so one that runs for long is
 * taken as good until a check says otherwise.
 */
function takenAsGood(c: ManagedContainer, seen: Sighting, ctx: Context): ManagedContainer {
  c.hasBeenReady ||= ctx.nowMs - seen.startedAtMs >= PROVEN_MS;
  c.life = {
    phase: 'running',
    engineId: seen.engineId,
    issuedAtMs: seen.startedAtMs,
    startedAtMs: seen.startedAtMs,
    health: c.hasBeenReady ? 'healthy' : 'starting',
    isReady: c.hasBeenReady,
    check: firstCheck(c.identity.spec.health ?? {}, ctx),
  };
  return c;
}
