import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlacedContainer } from '../../../agent/core/deploy/actual.ts';
import { exchange, type Pace } from '../../../agent/core/deploy/exchange.ts';
import { arrangeSlots, type Slot } from '../../../agent/core/deploy/slots.ts';
import { type Rolling, rescale, resume, revert, startRollout } from '../../../agent/core/rollout/rollout.ts';
import { problemOf } from '../../../protocol/problem.ts';

const HOSTS = ['h1', 'h2', 'h3', 'h4'];
/** Containers of an app in any mess: versions, hosts, health and numbers as they come. */
const container = fc
  .record({
    replica: fc.nat({ max: 6 }),
    version: fc.constantFrom(1, 2, 3),
    hostId: fc.constantFrom(...HOSTS),
    hostStatus: fc.constantFrom('alive', 'suspect', 'dead'),
    ready: fc.boolean(),
    startedAt: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'),
  })
  .map((made): Omit<PlacedContainer, 'id'> => ({ ...made, wanted: 'running', phase: 'running' }) as never);
const containers = fc
  .array(container, { maxLength: 14 })
  .map((all) => all.map((one, index) => ({ ...one, id: `ct_${index}` }) as PlacedContainer));
const world = fc.record({
  counted: containers,
  replicas: fc.nat({ max: 6 }),
  open: fc.option(fc.nat({ max: 6 }), { nil: undefined }),
  first: fc.array(fc.nat({ max: 6 }), { maxLength: 2 }),
  leavingHost: fc.constantFrom('', ...HOSTS),
});
const pace = fc.record<Pace>({
  batch: fc.integer({ min: 1, max: 6 }),
  maxUnavailable: fc.nat({ max: 3 }),
  stopFirst: fc.boolean(),
  isPaused: fc.boolean(),
  isReleaseHeld: fc.boolean(),
  isReverting: fc.constant(false),
});

const arrange = ({
  counted,
  replicas,
  open,
  first,
  leavingHost,
}: typeof world extends fc.Arbitrary<infer T> ? T : never) =>
  arrangeSlots({
    ...{ counted, replicas, open, first, leaving: [], pending: new Set<number>() },
    isNew: ({ version }) => version === 3,
    mustMove: ({ hostId }) => hostId === leavingHost,
  });
const works = (c: PlacedContainer | undefined) => c?.ready === true && c.hostStatus === 'alive';
const working = (slots: readonly Slot[], gone: ReadonlySet<string> = new Set()) =>
  slots.filter(({ fit, outgoing }) => [fit, outgoing].some((c) => works(c) && c !== undefined && !gone.has(c.id)))
    .length;

describe('containers sorted into replicas', () => {
  it('are each in one place, and there are as many replicas as wanted, each number once', () => {
    fc.assert(
      fc.property(world, (given) => {
        const { slots, excess } = arrange(given);
        expect(slots).toHaveLength(given.replicas);
        expect(new Set(slots.map(({ replica }) => replica)).size).toBe(given.replicas);
        const placed = slots.flatMap(({ fit, outgoing }) => [fit, outgoing].flatMap((c) => c?.id ?? []));
        const all = [...placed, ...excess.map(({ container: { id } }) => id)].sort();
        expect(all).toEqual(given.counted.map(({ id }) => id).sort());
      }),
    );
  });
});

describe('an exchange', () => {
  it('never takes away what works below what may be missing', () => {
    fc.assert(
      fc.property(world, pace, (given, how) => {
        const { slots } = arrange(given);
        const moves = exchange({ slots, pace: how, replicas: given.replicas, isProven: ({ ready }) => ready });
        const gone = new Set(moves.removals.map(({ container: { id } }) => id as string));
        const floor = Math.min(working(slots), given.replicas - (how.stopFirst ? how.maxUnavailable : 0));
        expect(working(slots, gone)).toBeGreaterThanOrEqual(floor);
      }),
    );
  });

  it('begins with no more than a batch, and with nothing of another version while it is paused', () => {
    fc.assert(
      fc.property(world, pace, (given, how) => {
        const { slots } = arrange(given);
        const { starts } = exchange({ slots, pace: how, replicas: given.replicas, isProven: ({ ready }) => ready });
        expect(starts.length).toBeLessThanOrEqual(how.batch);
        if (how.isPaused) expect(starts.every(({ isMoving }) => isMoving)).toBe(true);
      }),
    );
  });
});

describe('a rollout', () => {
  const rolling = fc
    .record({
      from: fc.integer({ min: 1, max: 9 }),
      replicas: fc.integer({ min: 1, max: 9 }),
      batch: fc.integer({ min: 1, max: 9 }),
    })
    .map(({ from, replicas, batch }): Rolling => {
      const start = { from: { version: 1, replicas: from }, replicas, policy: { batch }, nowMs: 0 };
      return { cluster: 'default', version: 2, replicas, operationId: 'op', rollout: startRollout(start) };
    });

  it('is never open for more replicas than there are, whatever is done to it', () => {
    const steps = fc.array(fc.oneof(fc.constantFrom('revert', 'resume'), fc.integer({ min: 0, max: 9 })), {
      maxLength: 6,
    });
    fc.assert(
      fc.property(rolling, steps, (start, acts) => {
        let state: Rolling = start;
        for (const act of acts) {
          if (act === 'revert') state = revert(state, problemOf('cancelled', 'x'), 0);
          else if (act === 'resume') state = resume(state, 0);
          else if (typeof act === 'number') state = rescale(state, act);
          expect(state.rollout.open).toBeLessThanOrEqual(state.replicas);
        }
      }),
    );
  });
});
