import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { Efforts } from '../../../agent/services/controller/efforts.ts';
import type { Deployment } from '../../../protocol/schemas/model.ts';

const deployment = (operationId: string): Deployment => ({ cluster: 'default', version: 1, replicas: 1, operationId });

describe('Efforts', () => {
  it('waits about twice as long after each attempt in vain, up to a minute or so', async () => {
    const clock = new VirtualClock();
    const efforts = new Efforts(clock);
    for (const about of [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]) {
      const waitMs = efforts.failed();
      expect(waitMs / about).toBeGreaterThanOrEqual(0.75);
      expect(waitMs / about).toBeLessThanOrEqual(1.25);
      expect(efforts.waitMs()).toBe(waitMs);
      await clock.advance(waitMs);
      expect(efforts.waitMs()).toBe(0);
    }
  });

  it('is not confused by a clock that is set back', () => {
    const clock = new VirtualClock();
    const efforts = new Efforts(clock);
    efforts.failed();
    clock.nowMs = () => 0;
    expect(efforts.waitMs()).toBeLessThanOrEqual(1_250);
  });

  it('begins anew once the goal was reached', () => {
    const efforts = new Efforts(new VirtualClock());
    efforts.failed();
    expect(efforts.waitMs()).toBeGreaterThan(0);
    efforts.reached();
    expect(efforts.waitMs()).toBe(0);
  });

  it('knows what people were told last', () => {
    const efforts = new Efforts(new VirtualClock());
    const heard = ['no memory', 'no memory', 'no port', 'no memory'].map((text) => efforts.isNews(text));
    expect(heard).toEqual([true, false, true, true]);
  });

  it('lets an operation contend four times, and the next one as often', () => {
    const efforts = new Efforts(new VirtualClock());
    const tries = (operationId: string) => [1, 2, 3, 4].map(() => efforts.mayContend(deployment(operationId)));
    expect(tries('op_1')).toEqual([true, true, true, false]);
    expect(tries('op_2')).toEqual([true, true, true, false]);
  });
});
