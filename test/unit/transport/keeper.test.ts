import { describe, expect, it } from 'vitest';
import { backoffMs, Keeper } from '../../../agent/adapters/libp2p/keeper.ts';
import type { Clock } from '../../../agent/ports/clock.ts';
import type { HostId } from '../../../protocol/ids.ts';

const [low, high] = ['A' as HostId, 'B' as HostId];

/** Time by hand: timers run when `advance` passes them. Chance is always one half. */
function manualClock() {
  let now = 0;
  let timers: { readonly atMs: number; readonly callback: () => void }[] = [];
  const clock: Clock = {
    nowMs: () => now,
    monotonicMs: () => now,
    random: () => 0.5,
    after(delayMs, callback) {
      const timer = { atMs: now + delayMs, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    every: () => () => {},
  };
  const advance = async (ms: number) => {
    now += ms;
    const due = timers.filter(({ atMs }) => atMs <= now);
    timers = timers.filter(({ atMs }) => atMs > now);
    for (const { callback } of due) callback();
    // Lets the dial and what follows it settle.
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  };
  return { clock, advance, nextMs: () => (timers[0] === undefined ? undefined : timers[0].atMs - now) };
}

function scene(self: HostId) {
  const time = manualClock();
  const state = { isConnected: false, dials: 0, answers: false };
  const keeper = new Keeper({
    self,
    clock: time.clock,
    isConnected: () => state.isConnected,
    connect: async () => {
      state.dials++;
      if (!state.answers) throw new Error('no answer');
      state.isConnected = true;
    },
  });
  return { keeper, state, ...time };
}

describe('the back-off', () => {
  it.each([
    [0, 1, 100],
    [1, 1, 200],
    [3, 0.5, 400],
    [6, 1, 5_000],
    [1_000, 1, 5_000],
    [9, 0, 0],
  ])('after %i failures and chance %d is %i ms', (failures, random, expected) => {
    expect(backoffMs(failures, random)).toBe(expected);
  });
});

describe('the keeper', () => {
  it('dials at once when its id is the lower one, and lets the other go first when not', () => {
    const [lower, higher] = [scene(low), scene(high)];
    lower.keeper.keep([high]);
    higher.keeper.keep([low]);
    expect([lower.nextMs(), higher.nextMs()]).toEqual([0, 100]);
  });

  it('dials for ever, less and less often', async () => {
    const { keeper, state, advance, nextMs } = scene(low);
    keeper.keep([high]);
    const delays: (number | undefined)[] = [];
    for (let round = 0; round < 9; round++) {
      await advance(nextMs() ?? 0);
      delays.push(nextMs());
    }
    expect(state.dials).toBe(9);
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 2_500, 2_500, 2_500, 2_500]);
  });

  it('stops waiting when the peer comes in by itself, and dials at once when a proven link breaks', async () => {
    const { keeper, state, advance, nextMs } = scene(low);
    keeper.keep([high]);
    await advance(0);
    await advance(100);
    state.isConnected = true;
    keeper.connected(high);
    expect(nextMs()).toBeUndefined();
    keeper.proven(high);
    state.isConnected = false;
    keeper.disconnected(high, true);
    expect(nextMs()).toBe(0);
  });

  it('does not hammer a peer that takes the connection and ends it', async () => {
    const { keeper, state, advance, nextMs } = scene(low);
    state.answers = true;
    keeper.keep([high]);
    const delays: (number | undefined)[] = [];
    for (let round = 0; round < 4; round++) {
      await advance(nextMs() ?? 0);
      state.isConnected = false;
      keeper.disconnected(high, false);
      delays.push(nextMs());
    }
    expect(delays).toEqual([100, 200, 400, 800]);
  });

  it('forgets a peer that is not to be kept any more', async () => {
    const { keeper, state, advance, nextMs } = scene(low);
    keeper.keep([high]);
    keeper.keep([]);
    expect(nextMs()).toBeUndefined();
    keeper.disconnected(high, true);
    await advance(10_000);
    expect(state.dials).toBe(0);
  });
});
