import { describe, expect, it } from 'vitest';
import { actOf } from '../../../agent/core/model/act-events.ts';
import { matchesEvent } from '../../../agent/services/events/event-filter.ts';
import type { Command } from '../../../protocol/schemas/commands.ts';
import type { Event } from '../../../protocol/schemas/model.ts';

const nameOf = () => 'h1';
const inApp = { group: 'shop', app: 'web', cluster: 'default' } as const;

describe('actOf', () => {
  it.each<[Command, string, RegExp]>([
    [{ kind: 'app.scale', ...inApp, replicas: 5 }, 'app.scaled', /shop\/web.*5 replicas/],
    [{ kind: 'app.deploy', ...inApp, image: 'nginx:2' }, 'app.deployed', /nginx:2/],
    [{ kind: 'app.rollback', ...inApp }, 'app.rolled-back', /what ran before/],
    [{ kind: 'host.set', hostId: 'x' as never, cordoned: true }, 'host.cordoned', /h1/],
    [{ kind: 'host.drain', hostId: 'x' as never, moves: [] }, 'host.draining', /h1/],
    [{ kind: 'app.rollout', ...inApp, action: 'pause' }, 'rollout.pause', /shop\/web/],
  ])('%j', (command, kind, message) => {
    const act = actOf(command, nameOf);
    expect(act.kind).toBe(kind);
    expect(act.message).toMatch(message);
  });

  it('tells no values of variables and no passwords', () => {
    const spec = { image: 'nginx', env: { PASSWORD: 'hunter2' } };
    const told = [
      actOf({ kind: 'version.create', group: 'shop', app: 'web', spec }, nameOf),
      actOf({ kind: 'app.deploy', ...inApp, spec }, nameOf),
      actOf({ kind: 'upstream.put', host: 'registry.example', username: 'me', sealedPassword: null }, nameOf),
    ];
    expect(JSON.stringify(told)).not.toMatch(/hunter2|sealed/);
  });
});

describe('matchesEvent', () => {
  const event: Event = {
    id: 'ev_2',
    at: '2026-01-01T12:00:00Z',
    kind: 'host.dead',
    message: 'H3 is dead',
    source: 'a',
    host: 'c',
    actor: 'me',
  };
  it.each([
    [{}, true],
    [{ kind: 'host.dead' }, true],
    [{ kind: 'host.*' }, true],
    [{ kind: 'host' }, false],
    [{ kind: 'app.*' }, false],
    [{ host: 'a' }, true],
    [{ host: 'b' }, false],
    [{ after: 'ev_1' }, true],
    [{ after: 'ev_2' }, false],
    [{ since: '2026-01-01T12:00:00Z', until: '2026-01-01T12:00:01Z' }, true],
    [{ until: '2026-01-01T12:00:00Z' }, false],
    [{ text: 'h3 IS' }, true],
    [{ actor: 'you' }, false],
    [{ kind: 'host.*', actor: 'me', text: 'dead' }, true],
  ] as const)('%j: %s', (filter, isMatch) => {
    expect(matchesEvent(filter)(event)).toBe(isMatch);
  });
});
