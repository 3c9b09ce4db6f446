import { describe, expect, it } from 'vitest';
import { rank } from '../../../agent/core/rendezvous.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { FleetController } from '../../../agent/services/controller/fleet-controller.ts';
import type { OperationWriter } from '../../../agent/services/controller/operation-writer.ts';
import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import type { Container } from '../../../protocol/schemas/host.ts';
import { hostIdOf } from './member.ts';

const self = hostIdOf('self');

interface Step {
  readonly app: string;
  readonly atMs: number;
  end(): void;
}

/** A fleet of deleted apps, one container each: a step begins, waits for the test, and asks a host to remove it. */
function world(apps: readonly string[]) {
  const clock = new VirtualClock();
  const steps: Step[] = [];
  const state = { isReady: true, isSlow: false, isHostAway: false, isBroken: false, alive: [self] as HostId[] };
  const logged: string[] = [];
  const container = (app: string) => ({ id: `ct_${app}` as ContainerId, hostId: self, hostStatus: 'alive', app });
  const operations: Pick<OperationWriter, 'endLosers'> = {
    endLosers: async (group, app) => {
      const { promise, resolve } = Promise.withResolvers<void>();
      steps.push({ app: `${group}/${app}`, atMs: clock.monotonicMs(), end: resolve });
      if (state.isBroken) throw new Error('broken');
      if (state.isSlow) await promise;
    },
  };
  const fleet = new FleetController({
    clock,
    selfId: self,
    log: { ...silentLog, child: () => ({ ...silentLog, warn: (_, message) => logged.push(message) }) },
    isReady: () => state.isReady,
    operations: operations as OperationWriter,
    events: { record: () => {} },
    catalog: {
      get: () => undefined,
      list: <T>() => apps.map((app) => ({ key: `apps/${app}`, value: {} as T, revision: '' })),
      record: (key) => ({ key, deleted: true, value: '', hlc: '' as never, author: self, ancestors: [] }),
      draft: () => [],
      commit: async () => {},
      onChange: () => () => {},
    },
    view: {
      containersOf: (_, app) => [{ ...(container(app) as unknown as Container), hostLostMs: 0 }],
      surroundings: () => ({ isolated: false, majority: true, unseenMs: undefined, mustLeave: () => false }),
      aliveIds: () => state.alive,
      memberIds: () => state.alive,
      appsOn: () => [],
    },
    auctioneer: { place: () => Promise.reject(new Error('nothing to place')) },
    hosts: { power: () => (state.isHostAway ? Promise.reject(new Error('away')) : Promise.resolve()) },
  });
  const seen = () => steps.map(({ app }) => app).sort();
  return { clock, fleet, steps, state, logged, seen };
}

describe('FleetController', () => {
  it('looks at every app at its start and every five seconds', async () => {
    const { clock, fleet, seen } = world(['team/a', 'team/b']);
    fleet.start();
    await clock.advance(4_000);
    expect(seen()).toEqual(['team/a', 'team/b']);
    await clock.advance(1_000);
    expect(seen()).toEqual(['team/a', 'team/a', 'team/b', 'team/b']);
  });

  it('takes one step at a time for an app, and one more when something changed meanwhile', async () => {
    const { clock, fleet, steps, state } = world([]);
    state.isSlow = true;
    fleet.wake('team/a');
    await clock.advance(10);
    for (let times = 0; times < 5; times++) fleet.wake('team/a');
    await clock.advance(100);
    expect(steps).toHaveLength(1);
    state.isSlow = false;
    steps[0]?.end();
    await clock.advance(100);
    expect(steps).toHaveLength(2);
  });

  it('takes steps for at most 16 apps at once', async () => {
    const apps = Array.from({ length: 40 }, (_, index) => `team/app-${index}`);
    const { clock, fleet, steps, state } = world(apps);
    state.isSlow = true;
    fleet.wakeAll();
    await clock.advance(100);
    expect(steps).toHaveLength(16);
    state.isSlow = false;
    for (const { end } of steps) end();
    await clock.advance(100);
    expect(new Set(steps.map(({ app }) => app)).size).toBe(40);
  });

  it('leaves apps of other stewards alone', async () => {
    const { clock, fleet, seen, state } = world([]);
    const other = hostIdOf('other');
    state.alive = [self, other];
    const apps = Array.from({ length: 20 }, (_, index) => `team/app-${index}`);
    for (const app of apps) fleet.wake(app);
    await clock.advance(100);
    const own = apps.filter((app) => rank(`apps/${app}`, state.alive, 1)[0] === self);
    expect(seen()).toEqual(own.sort());
    expect(own.length).toBeLessThan(20);
  });

  it('does nothing before it knows enough, and then what it was woken for', async () => {
    const { clock, fleet, seen, state } = world([]);
    state.isReady = false;
    fleet.wake('team/a');
    await clock.advance(1_000);
    expect(seen()).toEqual([]);
    state.isReady = true;
    fleet.wake('team/b');
    await clock.advance(10);
    expect(seen()).toEqual(['team/a', 'team/b']);
  });

  it('comes back when a step asked for it, once for all wishes', async () => {
    const { clock, fleet, steps, state } = world([]);
    state.isHostAway = true;
    fleet.wake('team/a');
    await clock.advance(900);
    fleet.wake('team/a');
    await clock.advance(50);
    state.isHostAway = false;
    await clock.advance(4_000);
    expect(steps.map(({ atMs }) => atMs)).toEqual([0, 900, 1_000]);
    expect(clock.pending).toBe(0);
  });

  it('tries a step again that failed, and complains once', async () => {
    const { clock, fleet, steps, state, logged } = world([]);
    state.isBroken = true;
    fleet.wake('team/a');
    await clock.advance(3_500);
    expect(steps).toHaveLength(4);
    expect(logged).toHaveLength(1);
    state.isBroken = false;
    await clock.advance(5_000);
    expect(steps).toHaveLength(5);
  });

  it('stops when the step under way is over, and is not woken any more', async () => {
    const { clock, fleet, steps, state } = world(['team/a']);
    state.isSlow = true;
    fleet.start();
    await clock.advance(10);
    let isStopped = false;
    const stopping = fleet.stop().then(() => {
      isStopped = true;
    });
    fleet.wake('team/b');
    await clock.advance(10);
    expect(isStopped).toBe(false);
    steps[0]?.end();
    await stopping;
    await clock.advance(60_000);
    expect(steps).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });
});
