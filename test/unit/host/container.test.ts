import { describe, expect, it } from 'vitest';
import { adopt } from '../../../agent/core/host/adopt.ts';
import { BACKOFF_CAP_MS, backoffMs } from '../../../agent/core/host/backoff.ts';
import {
  deadlineOf,
  type Life,
  type ManagedContainer,
  newContainer,
  type Wanted,
} from '../../../agent/core/host/container.ts';
import { verdict } from '../../../agent/core/host/exits.ts';
import type { ContainerEvent, Sighting } from '../../../agent/core/host/messages.ts';
import { report } from '../../../agent/core/host/report.ts';
import { step } from '../../../agent/core/host/step.ts';
import type { ResolvedSpec } from '../../../protocol/schemas/version.ts';
import { identityWith } from './identity.ts';

const T = 1_000_000;
const ctx = { nowMs: T, rng: () => 0.5 };
const engineId = 'e1';

const lives = {
  claimed: { phase: 'claimed', call: 1 },
  pulling: { phase: 'pulling', call: 1, progress: { bytes: 5, totalBytes: 9 } },
  creating: { phase: 'creating', call: 1 },
  starting: { phase: 'starting', call: 1, engineId, issuedAtMs: T },
  running: { phase: 'running', engineId, issuedAtMs: T - 60, startedAtMs: T - 50, health: 'none', isReady: false },
  stopping: { phase: 'stopping', call: 1, engineId, next: 'stopped' },
  restarting: { phase: 'stopping', call: 1, engineId, next: 'starting' },
  stopped: { phase: 'stopped', engineId },
  backoff: { phase: 'backoff', engineId, untilMs: T + 100 },
  completed: { phase: 'completed', engineId },
  burying: { phase: 'burying', call: 1, engineId, reason: { code: 'container-exited', detail: 'exited' } },
  failed: { phase: 'failed', reason: { code: 'container-exited', detail: 'exited' }, untilMs: T + 1 },
  removing: { phase: 'removing', call: 1, engineId, why: 'surplus' },
  removingUncreated: { phase: 'removing', call: 1, engineId: undefined, why: 'surplus' },
} as const satisfies Record<string, Life>;
type Name = keyof typeof lives;

const lost = (name: Name): Life => ({ ...lives[name], call: 0 }) as Life;

function at(life: Life, { spec = {}, ...over }: Partial<ManagedContainer> & { spec?: Partial<ResolvedSpec> } = {}) {
  return Object.assign(newContainer(identityWith(spec)), { life, lastCall: 1, ...over });
}

/** What came of one event: the phase it is in now, and what the shell has to do besides notes. */
function outcome(c: ManagedContainer, event: ContainerEvent) {
  const effects = step(c, event, ctx);
  return { phase: c.life.phase, does: effects.filter((e) => e.type !== 'note').map((e) => e.type) };
}

const sighted = (state: Sighting['state'], extra: Partial<Sighting> = {}): ContainerEvent => ({
  type: 'sighted',
  sighting: {
    engineId,
    state,
    health: 'none',
    exitCode: 0,
    isOomKilled: false,
    hasHealthcheck: false,
    createdAtMs: 0,
    startedAtMs: 5,
    ...extra,
  },
  isAfterLoss: false,
});
const power = (action: 'start' | 'stop' | 'restart' | 'kill'): ContainerEvent => ({ type: 'power', action });
const done: ContainerEvent = { type: 'done', call: 1 };
const created: ContainerEvent = { type: 'done', call: 1, engineId };
const refused: ContainerEvent = { type: 'refused', call: 1, code: 'create-failed', detail: 'no' };
const remove: ContainerEvent = { type: 'remove', why: 'surplus' };
const die: ContainerEvent = { type: 'engine-die', exitCode: 1, atMs: T };

describe('one step of a container', () => {
  it.each<[Name, string, ContainerEvent, string, string[]]>([
    // [from, why, event, to, effects]
    ['claimed', 'the image is there', done, 'creating', ['create']],
    [
      'claimed',
      'it is not there',
      { type: 'pull-progress', call: 1, progress: { bytes: 0, totalBytes: 0 } },
      'pulling',
      [],
    ],
    ['pulling', 'it is there now', done, 'creating', ['create']],
    ['pulling', 'nobody has it', refused, 'failed', ['free']],
    ['creating', 'it is made', created, 'starting', ['start']],
    ['creating', 'the engine refuses', refused, 'failed', ['free']],
    ['starting', 'it runs', done, 'running', []],
    ['starting', 'the event is earlier than the answer', { type: 'engine-start', atMs: T }, 'running', []],
    ['starting', 'an event of an earlier run', { type: 'engine-start', atMs: T - 1 }, 'starting', []],
    ['starting', 'an exit of an earlier run', die, 'starting', []],
    ['starting', 'the engine refuses', refused, 'burying', ['bury']],
    ['starting', 'it is gone', { type: 'refused', call: 1, code: 'not-found', detail: '' }, 'removed', ['free']],
    ['running', 'it exits', die, 'backoff', []],
    ['running', 'an exit of an earlier run', { type: 'engine-die', exitCode: 1, atMs: T - 61 }, 'running', []],
    ['running', 'unhealthy before it was ready', { type: 'engine-health', health: 'unhealthy' }, 'burying', ['bury']],
    ['running', 'removed by hand', { type: 'engine-destroy' }, 'removed', ['free']],
    ['running', 'stop', power('stop'), 'stopping', ['stop']],
    ['running', 'restart', power('restart'), 'stopping', ['stop']],
    ['running', 'kill', power('kill'), 'running', ['kill']],
    ['running', 'start', power('start'), 'running', []],
    ['running', 'remove', remove, 'removing', ['remove']],
    ['stopping', 'stopped', done, 'stopped', []],
    ['stopping', 'its exit is told', die, 'stopping', []],
    ['restarting', 'stopped', done, 'starting', ['start']],
    ['stopped', 'start', power('start'), 'starting', ['start']],
    ['stopped', 'stop', power('stop'), 'stopped', []],
    ['stopped', 'kill', power('kill'), 'stopped', []],
    ['stopped', 'started by hand', { type: 'engine-start', atMs: T }, 'running', []],
    ['backoff', 'too early', { type: 'tick' }, 'backoff', []],
    ['backoff', 'start', power('start'), 'starting', ['start']],
    ['backoff', 'stop', power('stop'), 'stopped', []],
    ['backoff', 'remove', remove, 'removing', ['remove']],
    ['completed', 'restart', power('restart'), 'starting', ['start']],
    ['burying', 'buried', { type: 'done', call: 1, output: 'oh' }, 'failed', ['free']],
    ['burying', 'destroyed by us', { type: 'engine-destroy' }, 'burying', []],
    ['burying', 'remove', remove, 'removing', []],
    ['failed', 'remove', remove, 'removed', []],
    ['claimed', 'remove', remove, 'removed', ['abandon', 'free']],
    ['pulling', 'remove', remove, 'removed', ['abandon', 'free']],
    ['creating', 'remove waits for the create', remove, 'removing', []],
    ['removingUncreated', 'the create comes through', created, 'removing', ['remove']],
    ['removingUncreated', 'the create was refused', refused, 'removed', ['free']],
    ['removing', 'removed', done, 'removed', ['free']],
    ['removing', 'remove again', remove, 'removing', []],
  ])('%s, %s', (from, _why, event, to, effects) => {
    expect(outcome(at(lives[from]), event)).toEqual({ phase: to, does: effects });
  });

  it.each<[Name, ContainerEvent]>([
    ['claimed', { type: 'done', call: 7 }],
    ['starting', { type: 'refused', call: 7, code: 'x', detail: '' }],
    ['removing', { type: 'done', call: 7 }],
  ])('%s ignores the answer to another call', (from, event) => {
    expect(outcome(at(lives[from]), event)).toEqual({ phase: lives[from].phase, does: [] });
  });

  it.each<[Name, ContainerEvent]>([
    ['starting', sighted('down')],
    ['creating', { type: 'absent' }],
    ['stopping', sighted('up')],
  ])('%s, whose call is in flight, learns nothing from a list', (from, event) => {
    expect(outcome(at(lives[from]), event)).toEqual({ phase: lives[from].phase, does: [] });
  });
});

describe('after a call whose answer was lost, the next list decides', () => {
  it.each<[Name, ContainerEvent, string, string[]]>([
    ['claimed', { type: 'absent' }, 'claimed', ['fetch']],
    ['creating', { type: 'absent' }, 'claimed', ['fetch']],
    ['creating', sighted('created'), 'starting', ['start']],
    ['creating', sighted('up'), 'running', []],
    ['starting', sighted('created'), 'starting', ['start']],
    ['starting', sighted('up'), 'running', []],
    ['starting', { type: 'absent' }, 'removed', ['free']],
    ['stopping', sighted('up'), 'stopping', ['stop']],
    ['stopping', sighted('down'), 'stopped', []],
    ['restarting', sighted('down'), 'starting', ['start']],
    ['burying', sighted('down'), 'burying', ['bury']],
    ['burying', { type: 'absent' }, 'failed', ['free']],
    ['removing', sighted('up'), 'removing', ['remove']],
    ['removing', { type: 'absent' }, 'removed', ['free']],
    ['removingUncreated', sighted('created'), 'removing', ['remove']],
  ])('%s', (from, event, to, effects) => {
    expect(outcome(at(lost(from)), event)).toEqual({ phase: to, does: effects });
  });

  it('a container that failed and turns up after all is removed, for its memory is promised to others by then', () => {
    expect(outcome(at(lives.failed), sighted('created'))).toEqual({ phase: 'failed', does: ['remove'] });
  });
});

describe('what is wanted while it is on its way', () => {
  it.each<[Name, ContainerEvent, string, string[]]>([
    ['creating', created, 'stopped', []],
    ['starting', done, 'stopping', ['stop']],
    ['starting', { type: 'engine-start', atMs: T }, 'stopping', ['stop']],
    ['running', die, 'stopped', []],
  ])('stopped: %s', (from, event, to, effects) => {
    expect(outcome(at(lives[from], { wanted: 'stopped' }), event)).toEqual({ phase: to, does: effects });
  });
});

describe('exits', () => {
  it.each([
    ['always', 0, 'restart'],
    ['always', 1, 'restart'],
    ['on-failure', 0, 'completed'],
    ['on-failure', 137, 'restart'],
    ['never', 0, 'completed'],
    ['never', 1, 'failed'],
  ] as const)('policy %s makes of code %i: %s', (policy, code, expected) => {
    expect(verdict(policy, code)).toBe(expected);
  });

  it('three in a row before it was ever ready are the end; once it was ready, never', () => {
    const never = at(lives.running, { failures: 2 });
    expect(outcome(never, die)).toEqual({ phase: 'burying', does: ['bury'] });
    const proven = at(lives.running, { failures: 2, hasBeenReady: true });
    expect(outcome(proven, die)).toEqual({ phase: 'backoff', does: [] });
  });

  it('by the kernel for want of memory are named so, but not those with another code', () => {
    const oom: ContainerEvent = { type: 'engine-oom' };
    const killed = at(lives.running);
    step(killed, oom, ctx);
    const notes = step(killed, { type: 'engine-die', exitCode: 137, atMs: T }, ctx);
    expect(notes).toContainEqual(expect.objectContaining({ kind: 'container.oom' }));
    const childOnly = at(lives.running);
    step(childOnly, oom, ctx);
    expect(step(childOnly, { type: 'engine-die', exitCode: 0, atMs: T }, ctx)).toContainEqual(
      expect.objectContaining({ kind: 'container.exited' }),
    );
  });

  it('wait longer each time, until it is given up, and from the beginning after ten seconds of running', () => {
    const c = at(lives.running, { hasBeenReady: true });
    const delays = Array.from({ length: 7 }, () => {
      c.life = { ...lives.running, startedAtMs: T - 1 };
      step(c, die, ctx);
      return (deadlineOf(c) ?? 0) - T;
    });
    expect(delays).toEqual([100, 200, 400, 800, 1_600, 3_200, 6_400]);
    const last = at(lives.running, { hasBeenReady: true, setbacks: c.setbacks });
    expect(outcome(last, die)).toEqual({ phase: 'burying', does: ['bury'] });
    c.life = { ...lives.running, startedAtMs: T - 10_000 };
    step(c, die, ctx);
    expect((deadlineOf(c) ?? 0) - T).toBe(100);
  });

  it.each([0, 3, 9, 1_000])('the delay after %i restarts is spread by a fifth and capped', (steps) => {
    const full = Math.min(BACKOFF_CAP_MS, 100 * 2 ** steps);
    expect(backoffMs(steps, () => 0)).toBe(Math.round(full * 0.8));
    expect(backoffMs(steps, () => 0.999_999)).toBeLessThanOrEqual(full * 1.2);
  });
});

describe('readiness', () => {
  it('comes with a second of running without a health check, and the deadline says when', () => {
    const c = at(lives.running);
    expect(deadlineOf(c)).toBe(lives.running.startedAtMs + 1_000);
    step(c, { type: 'tick' }, { ...ctx, nowMs: lives.running.startedAtMs + 999 });
    expect(report(c).ready).toBe(false);
    step(c, { type: 'tick' }, { ...ctx, nowMs: lives.running.startedAtMs + 1_000 });
    expect(report(c).ready).toBe(true);
    expect(deadlineOf(c)).toBeUndefined();
  });

  it('goes with bad health and comes back with good', () => {
    const c = at(lives.running, { spec: { health: { command: ['true'] } } });
    step(c, { type: 'engine-health', health: 'healthy' }, ctx);
    expect(report(c)).toMatchObject({ ready: true, health: 'healthy' });
    expect(outcome(c, { type: 'engine-health', health: 'unhealthy' })).toEqual({ phase: 'stopping', does: ['stop'] });
    expect(report(c)).toMatchObject({ ready: false, reason: { code: 'container-unhealthy' } });
    step(c, { type: 'done', call: c.lastCall }, ctx);
    expect(report(c)).toMatchObject({ ready: false, phase: 'backoff', reason: { code: 'container-unhealthy' } });
  });
});

describe('adoption', () => {
  const M = 60_000;
  it.each<[string, Partial<Sighting> & Pick<Sighting, 'state'>, Wanted, Partial<ResolvedSpec>, string, string[]]>([
    ['made and never started', { state: 'created', startedAtMs: 0 }, 'running', {}, 'starting', ['start']],
    ['made, and stopped by people', { state: 'created', startedAtMs: 0 }, 'stopped', {}, 'stopped', []],
    ['up', { state: 'up', startedAtMs: T - M }, 'running', {}, 'running', []],
    ['fallen with the host', { state: 'down', exitCode: 255 }, 'running', {}, 'starting', ['start']],
    ['fallen, and stopped by people', { state: 'down', exitCode: 255 }, 'stopped', {}, 'stopped', []],
    ['ended well, policy on-failure', { state: 'down' }, 'running', { restart: 'on-failure' }, 'completed', []],
    ['ended badly, policy never', { state: 'down', exitCode: 2 }, 'running', { restart: 'never' }, 'burying', ['bury']],
  ])('of one %s', (_what, seen, wanted, spec, phase, does) => {
    const sighting = {
      engineId,
      health: 'none',
      exitCode: 0,
      isOomKilled: false,
      hasHealthcheck: false,
      createdAtMs: T - 2 * M,
      startedAtMs: T - M,
      ...seen,
    } as const;
    const { container, effects } = adopt(identityWith(spec), sighting, wanted, ctx);
    expect(container.life.phase).toBe(phase);
    expect(effects.filter((e) => e.type !== 'note').map((e) => e.type)).toEqual(does);
  });

  it('takes one that has run for a minute as proven, so that it is never given up', () => {
    const seen = { engineId, health: 'starting', exitCode: 0, isOomKilled: false, state: 'up' } as const;
    const sighting = { ...seen, hasHealthcheck: true };
    const proven = adopt(identityWith(), { ...sighting, createdAtMs: T - 2 * M, startedAtMs: T - M }, 'running', ctx);
    const young = adopt(identityWith(), { ...sighting, createdAtMs: T - 500, startedAtMs: T - 400 }, 'running', ctx);
    expect([proven.container.hasBeenReady, young.container.hasBeenReady]).toEqual([true, false]);
  });
});
