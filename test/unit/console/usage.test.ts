import { describe, expect, it } from 'vitest';
import { sparkPath } from '../../../console/format/spark-path.ts';
import { seriesOf, summaryOf } from '../../../console/screens/metrics/series-of.ts';
import { sideBySide, summed } from '../../../console/screens/metrics/together.ts';
import { eventsBetween, parseCast, parseSize } from '../../../console/screens/terminal/cast.ts';
import { wordsOf } from '../../../console/screens/terminal/words-of.ts';
import { extended, TRAIL_SLOTS } from '../../../console/store/trails.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { Usage, UsageHistory } from '../../../protocol/schemas/usage.ts';

/** Shows what a small line draws. */
describe('sparkline', () => {
  const box = { slots: 5, most: 10, width: 40, height: 20 };
  it.each<{ name: string; values: (number | undefined)[]; expected: string }>([
    { name: 'a whole one', values: [0, 5, 10, 5, 0], expected: 'M0 20L10 10L20 0L30 10L40 20' },
    { name: 'the first values stand at the right edge', values: [5, 10], expected: 'M30 10L40 0' },
    { name: 'a gap breaks it', values: [1, undefined, 10, 5], expected: 'M10 18M30 0L40 10' },
    { name: 'more than fit', values: [9, 9, 0, 0, 0, 0, 10], expected: 'M0 20L10 20L20 20L30 20L40 0' },
    { name: 'above the edge is at the edge', values: [50], expected: 'M40 0' },
    { name: 'nothing', values: [], expected: '' },
  ])('$name', ({ values, expected }) => expect(sparkPath(values, box)).toBe(expected));

  it('draws a line at the bottom when there is nothing to compare with', () => {
    expect(sparkPath([0, 0], { ...box, most: 0 })).toBe('M30 20L40 20');
  });
});

/** Shows that a chart invents nothing over the time when nothing was measured. */
it('a history has a hole where its points are too far apart', () => {
  const history = {
    stepMs: 5_000,
    atMs: [0, 5_000, 10_200, 60_000],
    cpuMilli: [1, 2, 3, 4],
    memoryBytes: [10, 20, 30, 40],
    receivedBytesPerS: [],
    sentBytesPerS: [],
    readBytesPerS: [],
    writtenBytesPerS: [],
  };
  expect(seriesOf(history, ['cpuMilli', 'memoryBytes'])).toEqual([
    [0, 5, 10.2, 15.2, 60],
    [1, 2, 3, null, 4],
    [10, 20, 30, null, 40],
  ]);
});

/** Shows replicas in one chart, though each host measures at moments of its own. */
describe('histories together', () => {
  const history = (...points: readonly (readonly [atMs: number, cpuMilli: number])[]): UsageHistory => ({
    stepMs: 5_000,
    atMs: points.map(([atMs]) => atMs),
    cpuMilli: points.map(([, cpuMilli]) => cpuMilli),
    ...{ memoryBytes: [], receivedBytesPerS: [], sentBytesPerS: [], readBytesPerS: [], writtenBytesPerS: [] },
  });
  const even = history([0, 1], [5_000, 2], [10_000, 3], [15_000, 4], [20_000, 5]);
  it.each<{ name: string; histories: UsageHistory[]; lines: object; sum: object }>([
    { name: 'none', histories: [], lines: [[]], sum: [[], []] },
    { name: 'nothing measured', histories: [history()], lines: [[], []], sum: [[], []] },
    {
      name: 'other moments, one slot skipped by them',
      histories: [even, history([4_900, 10], [10_100, 20], [14_900, 30], [20_100, 40])],
      lines: [
        [0, 5, 10, 15, 20],
        [1, 2, 3, 4, 5],
        [10, 10, 30, 30, 40],
      ],
      sum: [
        [0, 5, 10, 15, 20],
        [11, 12, 33, 34, 45],
      ],
    },
    {
      name: 'one began later, and its newest value is not there yet',
      histories: [even, history([10_000, 10], [15_000, 20])],
      lines: [
        [0, 5, 10, 15, 20],
        [1, 2, 3, 4, 5],
        [null, null, 10, 20, null],
      ],
      sum: [
        [0, 5, 10, 15],
        [1, 2, 13, 24],
      ],
    },
    {
      name: 'one has gone, and for a while there was nothing at all',
      histories: [history([0, 10]), history([20_000, 5], [25_000, 6])],
      lines: [
        [0, 5, 10, 15, 20, 25],
        [10, null, null, null, null, null],
        [null, null, null, null, 5, 6],
      ],
      sum: [
        [0, 5, 10, 15, 20, 25],
        [10, null, null, null, 5, 6],
      ],
    },
  ])('$name', ({ histories, lines, sum }) => {
    expect(sideBySide(histories, 'cpuMilli')).toEqual(lines);
    expect(summed(histories, 'cpuMilli')).toEqual(sum);
  });
});

it('numbers are now, mean and most', () => {
  expect(summaryOf([1, 5, 3])).toEqual({ now: 3, mean: 3, most: 5 });
  expect(summaryOf([])).toBeUndefined();
});

/** Shows that a table remembers what it saw, and forgets who is gone. */
it('trails grow by a value each, with gaps, up to five minutes', () => {
  const usage = (...ids: readonly string[]): Usage => ({
    hosts: ids.map((id, index) => ({ ...point, hostId: id as HostId, hostName: id, cpuMilli: index })),
    containers: [],
    missing: [],
  });
  let trails = extended(new Map(), usage('a', 'b'));
  trails = extended(trails, usage('a'));
  trails = extended(trails, usage('c', 'b'));
  expect([...trails].map(([id, { cpuMilli }]) => [id, cpuMilli])).toEqual([
    ['a', [0, 0, undefined]],
    ['b', [1, undefined, 1]],
    ['c', [0]],
  ]);
  for (let round = 0; round < TRAIL_SLOTS; round++) trails = extended(trails, usage('a'));
  expect([...trails].map(([id, { memoryBytes }]) => [id, memoryBytes.length])).toEqual([['a', TRAIL_SLOTS]]);
});

const point = {
  at: '2030-01-01T00:00:00Z',
  cpuMilli: 0,
  memoryBytes: 7,
  receivedBytesPerS: 0,
  sentBytesPerS: 0,
  readBytesPerS: 0,
  writtenBytesPerS: 0,
};

/** Shows how the command of a shell is split. */
it.each<[string, readonly string[] | undefined]>([
  ['', []],
  ['  ls  -l ', ['ls', '-l']],
  [`sh -c 'echo "a b"'`, ['sh', '-c', 'echo "a b"']],
  ['echo "a \\"b\\" c" d\\ e', ['echo', 'a "b" c', 'd e']],
  [`a""b ''`, ['ab', '']],
  [`echo 'open`, undefined],
])('%s', (text, words) => expect(wordsOf(text)).toEqual(words));

/** Shows that a recording is read, and that whatever else stands in the file is left out. */
it('a recording has a size, events and a length', () => {
  const cast = parseCast(
    [
      '{"version":2,"width":100,"height":30}',
      '[0.5, "o", "$ "]',
      '[1.25, "r", "120x40"]',
      'nonsense',
      '[2, "x", "?"]',
      '[-1, "o", "?"]',
      '[3, "o", "bye"]',
      '',
    ].join('\n'),
  );
  expect([cast.cols, cast.rows, cast.lengthS, cast.events.length]).toEqual([100, 30, 3, 3]);
  expect(eventsBetween(cast, 0.5, 3).map(({ data }) => data)).toEqual(['120x40', 'bye']);
  expect(parseSize('120x40')).toEqual({ cols: 120, rows: 40 });
  expect([parseSize('12'), parseSize('0x0')]).toEqual([undefined, { cols: 80, rows: 24 }]);
  expect(parseCast('')).toEqual({ cols: 80, rows: 24, events: [], lengthS: 0 });
});
