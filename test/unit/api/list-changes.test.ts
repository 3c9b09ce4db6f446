import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ListChanges } from '../../../agent/api/list-changes.ts';
import type { Topic } from '../../../agent/services/platform.ts';

/** A list that changes, and whoever follows it. */
function follow() {
  const items = new Map<string, number>();
  const watchers = new Set<(topics: ReadonlySet<Topic>) => void>();
  const changes = new ListChanges({
    platform: {
      watch: (watcher) => {
        watchers.add(watcher);
        return () => watchers.delete(watcher);
      },
    },
    topics: ['containers'],
    items: () => [...items].map(([id, value]) => ({ id, value })),
    idOf: ({ id }) => id,
  });
  const tell = (topic: Topic = 'containers'): void => {
    for (const watcher of watchers) watcher(new Set([topic]));
  };
  return { items, watchers, changes, tell };
}

afterEach(() => vi.useRealTimers());

describe('changes of a list', () => {
  it('whoever begins, and whoever comes with a revision of another member, is told to read the list', () => {
    const { changes } = follow();
    for (const revision of ['0', 'f'.repeat(16).concat('.1'), '', '.', 'x.y']) {
      expect(changes.since(revision)).toMatchObject({ stale: true, items: [], removed: [] });
    }
    changes.stop();
  });

  it('one item that changed is told alone, one that went by its id, and nothing when nothing did', () => {
    const { items, changes, tell } = follow();
    items.set('a', 1).set('b', 1);
    const { revision } = changes.since('0');
    expect(changes.since(revision)).toEqual({ items: [], removed: [], revision, stale: false });
    items.set('b', 2);
    items.delete('a');
    tell();
    const next = changes.since(revision);
    expect(next).toMatchObject({ items: [{ id: 'b', value: 2 }], removed: ['a'], stale: false });
    tell('events');
    tell();
    expect(changes.since(next.revision)).toEqual({ items: [], removed: [], revision: next.revision, stale: false });
    changes.stop();
  });

  it('too many at once are not told, nor what went too long ago', () => {
    const { items, changes, tell } = follow();
    const { revision } = changes.since('0');
    for (let at = 0; at < 501; at++) items.set(`i${at}`, at);
    tell();
    expect(changes.since(revision).stale).toBe(true);
    const before = changes.since(changes.since('0').revision).revision;
    for (let round = 0; round < 1_100; round++) {
      items.set('came', round);
      tell();
      changes.since('0');
      items.delete('came');
      items.set(`kept${round}`, 0);
      tell();
      changes.since('0');
      items.delete(`kept${round}`);
      tell();
    }
    expect(changes.since(before).stale).toBe(true);
    changes.stop();
  });

  it('are forgotten when nobody asks for a minute', () => {
    vi.useFakeTimers();
    const { changes, watchers } = follow();
    const { revision } = changes.since('0');
    expect(watchers.size).toBe(1);
    vi.advanceTimersByTime(60_001);
    expect(watchers.size).toBe(0);
    expect(changes.since(revision).stale).toBe(true);
    changes.stop();
  });

  it('add up to the list, whatever happens and whenever somebody asks', () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      value: fc.option(fc.nat(3)),
      asks: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { items, changes, tell } = follow();
        let seen = new Map<string, number>();
        let { revision } = changes.since('0');
        const ask = (): void => {
          const answer = changes.since(revision);
          revision = answer.revision;
          if (answer.stale) seen = new Map(items);
          for (const { id, value } of answer.items) seen.set(id, value);
          for (const id of answer.removed) seen.delete(id);
        };
        for (const { id, value, asks } of steps) {
          if (value === null) items.delete(id);
          else items.set(id, value);
          tell();
          if (asks) ask();
        }
        ask();
        expect(new Map([...seen].sort())).toEqual(new Map([...items].sort()));
        changes.stop();
      }),
    );
  });
});
