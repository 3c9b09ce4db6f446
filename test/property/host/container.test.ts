import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deadlineOf, isCalling, type ManagedContainer, newContainer } from '../../../agent/core/host/container.ts';
import type { ContainerEvent, Effect } from '../../../agent/core/host/messages.ts';
import { report } from '../../../agent/core/host/report.ts';
import { step } from '../../../agent/core/host/step.ts';
import { identityWith } from '../../unit/host/identity.ts';

const sighting = fc.record({
  engineId: fc.constant('e1'),
  state: fc.constantFrom('created', 'up', 'down'),
  health: fc.constantFrom('none', 'starting', 'healthy', 'unhealthy'),
  exitCode: fc.integer({ min: 0, max: 255 }),
  isOomKilled: fc.boolean(),
  createdAtMs: fc.constant(0),
  startedAtMs: fc.nat(100_000),
});

/** Events in any order; answers name the call in flight, which is what an executor does. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant('answer' as const), how: fc.constantFrom('done', 'refused', 'lost', 'pull-progress') }),
  fc.record({ kind: fc.constant('late' as const) }),
  fc.record({
    kind: fc.constant('event' as const),
    event: fc.oneof(
      fc.constant<ContainerEvent>({ type: 'run' }),
      fc.constant<ContainerEvent>({ type: 'tick' }),
      fc.constant<ContainerEvent>({ type: 'absent' }),
      fc.constant<ContainerEvent>({ type: 'engine-oom' }),
      fc.constant<ContainerEvent>({ type: 'engine-stop' }),
      fc.constant<ContainerEvent>({ type: 'engine-destroy' }),
      fc.record({ type: fc.constant('engine-start' as const), atMs: fc.nat(100_000) }),
      fc.record({ type: fc.constant('engine-die' as const), exitCode: fc.nat(255), atMs: fc.nat(100_000) }),
      fc.record({ type: fc.constant('engine-health' as const), health: fc.constantFrom('healthy', 'unhealthy') }),
      fc.record({ type: fc.constant('sighted' as const), sighting, isAfterLoss: fc.boolean() }),
      fc.record({ type: fc.constant('power' as const), action: fc.constantFrom('start', 'stop', 'restart', 'kill') }),
      fc.constant<ContainerEvent>({ type: 'remove', why: 'surplus' }),
    ) as fc.Arbitrary<ContainerEvent>,
  }),
);

function answer(c: ManagedContainer, how: string): ContainerEvent {
  const call = 'call' in c.life ? c.life.call : 0;
  switch (how) {
    case 'refused':
      return { type: 'refused', call, code: 'create-failed', detail: 'no' };
    case 'lost':
      return { type: 'lost', call };
    case 'pull-progress':
      return { type: 'pull-progress', call, progress: { bytes: 1, totalBytes: 2 } };
    default:
      return { type: 'done', call, engineId: 'e1' };
  }
}

const restart = fc.constantFrom('always', 'on-failure', 'never');

describe('a container, whatever happens in whatever order', () => {
  it('frees its claim exactly once, makes one call at a time, and can always be reported', () => {
    fc.assert(
      fc.property(restart, fc.array(fc.tuple(happening, fc.nat(20_000)), { maxLength: 60 }), (policy, happenings) => {
        const c = newContainer(identityWith({ restart: policy }));
        let nowMs = 0;
        let freed = 0;
        for (const [what, passedMs] of happenings) {
          nowMs += passedMs;
          const event =
            what.kind === 'event'
              ? what.event
              : what.kind === 'late'
                ? ({ type: 'done', call: c.lastCall + 1, engineId: 'e1' } as const)
                : answer(c, what.how);
          const wasCalling = isCalling(c.life);
          const effects: Effect[] = step(c, event, { nowMs, rng: () => 0.5 });
          freed += effects.filter((effect) => effect.type === 'free').length;
          const calls = effects.filter((effect) => 'call' in effect && effect.call === c.lastCall && effect.call !== 0);
          expect(calls.length).toBeLessThanOrEqual(1);
          if (isCalling(c.life) && !wasCalling) expect(calls.length).toBe(1);
          const isOver = c.life.phase === 'failed' || c.life.phase === 'removed';
          expect(freed).toBe(isOver ? 1 : 0);
          expect(report(c).ready && c.life.phase !== 'running' && c.life.phase !== 'completed').toBe(false);
          expect(deadlineOf(c) ?? nowMs).toBeLessThanOrEqual(nowMs + 300_000);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('that is wanted removed is gone as soon as the engine answers', () => {
    fc.assert(
      fc.property(restart, fc.array(happening, { maxLength: 40 }), (policy, happenings) => {
        const c = newContainer(identityWith({ restart: policy }));
        const ctx = { nowMs: 50_000, rng: () => 0.5 };
        for (const what of happenings)
          if (what.kind === 'event') step(c, what.event, ctx);
          else if (what.kind === 'answer') step(c, answer(c, what.how), ctx);
        step(c, { type: 'remove', why: 'surplus' }, ctx);
        // At most: the create in flight, then the removal.
        for (let answers = 0; answers < 2 && c.life.phase !== 'removed'; answers++) {
          if (isCalling(c.life)) step(c, answer(c, 'done'), ctx);
          else step(c, { type: 'absent' }, ctx);
        }
        expect(c.life.phase).toBe('removed');
      }),
      { numRuns: 2_000 },
    );
  });
});
