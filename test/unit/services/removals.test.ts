import { describe, expect, it } from 'vitest';
import type { PlacedContainer } from '../../../agent/core/deploy/actual.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { Removals } from '../../../agent/services/controller/removals.ts';

const containers = ['ct_a', 'ct_b'].map((id) => ({ id, hostId: 'h1', phase: 'running' }) as PlacedContainer);
const removal = { type: 'remove', hostId: 'h1' as never, containerId: 'ct_a' as never, why: 'moved' } as const;

function world(power: () => Promise<void>) {
  const clock = new VirtualClock();
  const later: number[] = [];
  const { signal } = new AbortController();
  const removals = new Removals({
    ...{ clock, log: silentLog, signal, hosts: { power }, later: (ms: number) => void later.push(ms) },
  });
  const phases = () => removals.applied(containers).map(({ phase }) => phase);
  return { clock, later, removals, phases };
}

describe('Removals', () => {
  it('looks at what it asked for as on its way out, before any host has told', async () => {
    const { removals, phases, clock } = world(async () => {});
    expect(phases()).toEqual(['running', 'running']);
    await removals.carryOut([removal]);
    expect(phases()).toEqual(['removing', 'running']);
    // The host forgot it: its agent was killed. Then it is asked again.
    await clock.advance(12_000);
    expect(phases()).toEqual(['running', 'running']);
  });

  it('does not count on a host that could not be asked, and asks again', async () => {
    const { removals, phases, later } = world(() => Promise.reject(new Error('away')));
    await removals.carryOut([removal]);
    expect(phases()).toEqual(['running', 'running']);
    expect(later).toEqual([1_000]);
  });
});
