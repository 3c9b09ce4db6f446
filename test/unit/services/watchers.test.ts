import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { Watchers } from '../../../agent/services/view/watchers.ts';

function world() {
  const clock = new VirtualClock();
  const watchers = new Watchers(clock, silentLog);
  const told: string[] = [];
  const watch = () => watchers.watch((topics) => told.push(`${clock.monotonicMs()} ${[...topics].sort()}`));
  return { clock, watchers, told, watch };
}

describe('Watchers', () => {
  it('tells of the first change at once and of those close behind it together', async () => {
    const { clock, watchers, told, watch } = world();
    watch();
    watchers.touch('apps');
    await clock.advance(10);
    watchers.touch('hosts');
    watchers.touch('events');
    watchers.touch('hosts');
    await clock.advance(200);
    expect(told).toEqual(['0 apps', '50 events,hosts']);
  });

  it('calls at most 20 times a second, however much changes', async () => {
    const { clock, watchers, told, watch } = world();
    watch();
    const stop = clock.every(1, () => watchers.touch('containers'));
    await clock.advance(1_000);
    stop();
    expect(told.length).toBeGreaterThan(15);
    expect(told.length).toBeLessThanOrEqual(20);
  });

  it('keeps the others going when one of them fails', async () => {
    const { clock, watchers, told, watch } = world();
    watchers.watch(() => {
      throw new Error('mine');
    });
    watch();
    watchers.touch('apps');
    await clock.advance(100);
    expect(told).toEqual(['0 apps']);
  });

  it('keeps no timer when nobody watches, or nobody does any more', async () => {
    const { clock, watchers, told, watch } = world();
    watchers.touch('apps');
    expect(clock.pending).toBe(0);
    const unwatch = watch();
    unwatch();
    watchers.touch('apps');
    expect(clock.pending).toBe(0);
    watch();
    watchers.touch('apps');
    watchers.stop();
    watchers.touch('apps');
    expect(clock.pending).toBe(0);
    await clock.advance(100);
    expect(told).toEqual([]);
  });
});
