import { describe, expect, it } from 'vitest';
import { prefixes } from '../../../agent/core/catalog/keys.ts';
import { EventRecorder } from '../../../agent/services/events/event-recorder.ts';
import type { Event } from '../../../protocol/schemas/model.ts';
import { CatalogMember } from './member.ts';

function world() {
  const member = new CatalogMember();
  const { catalog, clock, hostId } = member;
  const commits: number[] = [];
  const state = { isBroken: false };
  const recorder = new EventRecorder({
    clock,
    hostId,
    log: member.log,
    catalog: {
      draft: (writes) => catalog.draft(writes),
      commit: async (records) => {
        if (state.isBroken) throw new Error('no space left');
        commits.push(records.length);
        await catalog.commit(records);
      },
    },
  });
  const events = () => catalog.list<Event>(prefixes.events).map(({ value }) => value);
  const record = (message: string) => recorder.record({ kind: 'test.happened', message });
  return { member, recorder, record, events, commits, state };
}

describe('EventRecorder', () => {
  it('writes what comes together as one batch, with time and source, in order', async () => {
    const { member, record, events, commits } = world();
    for (const message of ['one', 'two', 'three']) record(message);
    expect(events()).toEqual([]);
    await member.clock.advance(1_000);
    expect(commits).toEqual([3]);
    expect(events().map(({ message }) => message)).toEqual(['one', 'two', 'three']);
    expect(events()[0]).toMatchObject({ source: member.hostId, at: '2030-01-01T00:00:00.000Z' });
  });

  it('takes only so many in a minute, and says how many it dropped', async () => {
    const { member, record, events } = world();
    for (let count = 0; count < 1_000; count++) record(`${count}`);
    await member.clock.advance(60_000);
    expect(events()).toHaveLength(300);
    record('after');
    await member.clock.advance(1_000);
    expect(
      events()
        .slice(300)
        .map(({ message }) => message),
    ).toEqual(['700 events in a minute were too many to keep', 'after']);
  });

  it('leaves room for others when one app has much to tell', async () => {
    const { member, recorder, record, events } = world();
    const of = { kind: 'container.exited', group: 'team', app: 'loop' };
    for (let count = 0; count < 500; count++) recorder.record({ ...of, message: `${count}` });
    for (let count = 0; count < 100; count++) record('other');
    await member.clock.advance(1_000);
    expect(events().filter(({ app }) => app === 'loop')).toHaveLength(60);
    expect(events().filter(({ message }) => message === 'other')).toHaveLength(100);
  });

  it('cuts a message that is too long to be stored', async () => {
    const { member, record, events } = world();
    record('x'.repeat(10_000));
    await member.clock.advance(1_000);
    expect(events()[0]?.message).toHaveLength(2_048);
  });

  it('goes on after events could not be stored', async () => {
    const { member, record, events, state } = world();
    state.isBroken = true;
    record('lost');
    await member.clock.advance(1_000);
    state.isBroken = false;
    record('kept');
    await member.clock.advance(1_000);
    expect(events().map(({ message }) => message)).toEqual(['kept']);
    expect(member.logged).toEqual(['events could not be stored']);
  });

  it('writes the rest when it stops, and nothing after', async () => {
    const { member, recorder, record, events } = world();
    record('last');
    await recorder.stop();
    record('too late');
    await member.clock.advance(1_000);
    expect(events().map(({ message }) => message)).toEqual(['last']);
    expect(member.clock.pending).toBe(0);
  });
});
