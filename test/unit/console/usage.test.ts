import { describe, expect, it } from 'vitest';
import { sparkPath } from '../../../console/format/spark-path.ts';
import { seriesOf, summaryOf } from '../../../console/screens/metrics/series-of.ts';
import { wordsOf } from '../../../console/screens/terminal/words-of.ts';

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

it('numbers are now, mean and most', () => {
  expect(summaryOf([1, 5, 3])).toEqual({ now: 3, mean: 3, most: 5 });
  expect(summaryOf([])).toBeUndefined();
});

/** Shows how the command of a shell is split. */
it.each<[string, readonly string[] | undefined]>([
  ['', []],
  ['  ls  -l ', ['ls', '-l']],
  [`sh -c 'echo "a b"'`, ['sh', '-c', 'echo "a b"']],
  ['echo "a \\"b\\" c" d\\ e', ['echo', 'a "b" c', 'd e']],
  [`a""b ''`, ['ab', '']],
  [`echo 'open`, undefined],
])('%s', (text, words) => expect(wordsOf(text)).toEqual(words));
