import { describe, expect, it } from 'vitest';
import { EventStreamParser } from '../../../console/api/event-stream.ts';
import { linkTo, parseRoute } from '../../../console/store/link.ts';
import { retryDelayMs } from '../../../console/store/retry.ts';
import { merge, reuse } from '../../../console/store/reuse.ts';

describe('an event stream', () => {
  it('is cut into messages wherever the chunks end; heartbeats are none', () => {
    const text = ': begin\n\nevent: changes\ndata: {"a":1}\n\n: still here\n\nid: 7\nevent: changes\ndata: {"a":2}\n\n';
    for (let cut = 0; cut <= text.length; cut++) {
      const parser = new EventStreamParser();
      const messages = [...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))];
      expect(messages.map(({ event, data }) => `${event} ${data}`)).toEqual(['changes {"a":1}', 'changes {"a":2}']);
    }
  });

  it('that never ends a message is given up', () => {
    const parser = new EventStreamParser();
    expect(() => {
      for (let chunk = 0; chunk < 100; chunk++) parser.push(`data: ${'x'.repeat(64 * 1_024)}`);
    }).toThrow(RangeError);
  });
});

describe('lists that are read again', () => {
  const keyOf = ({ id }: { id: string }) => id;

  it('are the same object when nothing changed, and keep the items that did not', () => {
    const before = [
      { id: 'a', n: 1 },
      { id: 'b', n: 1 },
    ];
    expect(reuse(before, structuredClone(before), keyOf)).toBe(before);
    const after = reuse(
      before,
      [
        { id: 'b', n: 1 },
        { id: 'a', n: 2 },
      ],
      keyOf,
    );
    expect(after).toEqual([
      { id: 'b', n: 1 },
      { id: 'a', n: 2 },
    ]);
    expect(after[0]).toBe(before[1]);
    expect(reuse(before, before.slice(0, 1), keyOf)).toEqual([{ id: 'a', n: 1 }]);
  });
});

it('changes are merged: what changed keeps its place, what is new comes last, and the rest is what it was', () => {
  const before = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const changed = [{ id: 'b', n: 2 }, { id: 'd' }];
  const after = merge<{ id: string; n?: number }>(before, changed, new Set(['a']), ({ id }) => id);
  expect(after).toEqual([{ id: 'b', n: 2 }, { id: 'c' }, { id: 'd' }]);
  expect(after[1]).toBe(before[2]);
});

it('tries again later and later, up to 15 s, never all tabs at once', () => {
  expect([0, 1, 2, 3].map((tries) => retryDelayMs(tries, 1))).toEqual([500, 1_000, 2_000, 4_000]);
  expect(retryDelayMs(1_000, 1)).toBe(15_000);
  expect(retryDelayMs(1_000, 0)).toBe(7_500);
});

it('names of any text become links and back, and broken links harm nobody', () => {
  const parts = ['apps', 'a/b?c#d', '<script>', '%', '名'];
  const link = linkTo(parts, { q: 'x & y', none: undefined, empty: '' });
  expect(parseRoute(link).parts).toEqual(parts);
  expect([...parseRoute(link).query]).toEqual([['q', 'x & y']]);
  expect(parseRoute('#/images/%E0%A4%A').parts).toEqual(['images', '%E0%A4%A']);
  expect(parseRoute('').parts).toEqual([]);
});
