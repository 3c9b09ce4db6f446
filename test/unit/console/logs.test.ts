import { describe, expect, it } from 'vitest';
import { plain, segmentsOf } from '../../../console/screens/logs/ansi.ts';
import { choiceOf, logQueryOf } from '../../../console/screens/logs/query-of.ts';
import { asJson, fileLine, rowPart } from '../../../console/screens/logs/row-text.ts';
import { windowOf } from '../../../console/screens/logs/window-of.ts';
import { LOG_ROWS_MAX, LogBuffer, LogQueue, momentKey } from '../../../console/store/log-buffer.ts';
import type { ContainerId } from '../../../protocol/ids.ts';
import type { LogLine } from '../../../protocol/schemas/logs.ts';

const ESC = '\u001b';
const line = (text: string): LogLine => ({
  type: 'line',
  containerId: 'ct_1' as ContainerId,
  container: 'shop-web-0',
  hostName: 'h1',
  replica: 0,
  at: '2030-01-01T00:00:00.5Z',
  stream: 'stdout',
  text,
});

/** Shows that a log line can say what it likes, and only its colours are taken from it. */
describe('escape sequences', () => {
  const table: readonly { readonly name: string; readonly input: string; readonly expected: readonly string[] }[] = [
    { name: 'plain text', input: 'all is well', expected: ['all is well|'] },
    { name: 'a colour and its end', input: `${ESC}[31mbad${ESC}[0m ok`, expected: ['bad|ansi-fg-1', ' ok|'] },
    { name: 'no parameter is a reset', input: `${ESC}[1mA${ESC}[mB`, expected: ['A|ansi-bold', 'B|'] },
    {
      name: 'several at once',
      input: `${ESC}[1;4;92;44mA`,
      expected: ['A|ansi-fg-2 ansi-bg-4 ansi-bold ansi-underline'],
    },
    { name: 'single attributes end', input: `${ESC}[1;31mA${ESC}[22;39mB`, expected: ['A|ansi-fg-1 ansi-bold', 'B|'] },
    {
      name: '256 colours',
      input: `${ESC}[38;5;196mA${ESC}[38;5;9mB${ESC}[48;5;238mC`,
      expected: ['A|ansi-fg-1', 'B|ansi-fg-1', 'C|ansi-fg-1 ansi-bg-8'],
    },
    {
      name: 'true colour',
      input: `${ESC}[38;2;10;200;20mA${ESC}[38;2;128;128;128;4mB`,
      expected: ['A|ansi-fg-2', 'B|ansi-fg-8 ansi-underline'],
    },
    { name: 'a cursor is not moved', input: `a${ESC}[2J${ESC}[10;10Hb${ESC}[?25lc`, expected: ['a|', 'b|', 'c|'] },
    {
      name: 'a title is not set',
      input: `a${ESC}]0;owned\u0007b${ESC}]8;;http://x${ESC}\\c`,
      expected: ['a|', 'b|', 'c|'],
    },
    { name: 'what never ends', input: `a${ESC}]0;open`, expected: ['a|'] },
    { name: 'a lonely escape', input: `a${ESC}`, expected: ['a|'] },
    { name: 'unknown sequences', input: `a${ESC}(Bb${ESC}c${ESC}[99mc`, expected: ['a|', 'b|', 'c|'] },
    {
      name: 'control characters are drawn',
      input: 'a\u0000\u0007\tb\u0085\r',
      expected: ['a\u2400\u2407\tb\ufffd\u240d|'],
    },
    { name: 'markup is text', input: '<img src=x onerror=1>', expected: ['<img src=x onerror=1>|'] },
    { name: 'nothing', input: '', expected: [] },
  ];
  it.each(table)('$name', ({ input, expected }) => {
    expect(segmentsOf(input).map(({ text, classes }) => `${text}|${classes}`)).toEqual(expected);
    expect(plain(input)).toBe(expected.map((part) => part.replace(/\|[^|]*$/, '')).join(''));
  });
});

/** Shows that few of ten thousand rows are drawn, and the right ones. */
describe('the window of a long list', () => {
  const view = { rows: 10_000, rowPx: 20, tall: [], scrollPx: 0, heightPx: 400 };
  it('begins at the top', () => {
    expect(windowOf(view)).toEqual({ start: 0, end: 33, topPx: 0, totalPx: 200_000 });
  });
  it('is where it was scrolled to', () => {
    expect(windowOf({ ...view, scrollPx: 100_000 })).toEqual({
      start: 4_988,
      end: 5_033,
      topPx: 99_760,
      totalPx: 200_000,
    });
  });
  it('ends with the list, also when the list became shorter', () => {
    expect(windowOf({ ...view, scrollPx: 199_600 }).end).toBe(10_000);
    expect(windowOf({ ...view, rows: 3, scrollPx: 199_600 })).toEqual({ start: 3, end: 3, topPx: 60, totalPx: 60 });
    expect(windowOf({ ...view, rows: 0 })).toEqual({ start: 0, end: 0, topPx: 0, totalPx: 0 });
  });
  it('knows rows whose details are open', () => {
    const tall = [
      { index: 2, extraPx: 1_000 },
      { index: 50, extraPx: 300 },
    ];
    expect(windowOf({ ...view, tall }).totalPx).toBe(201_300);
    // Within the details of row 2.
    expect(windowOf({ ...view, tall, scrollPx: 500 }).start).toBe(0);
    // Row 20 stands 1,000 px lower.
    expect(windowOf({ ...view, tall, scrollPx: 1_400 })).toMatchObject({ start: 8, topPx: 1_160 });
  });
});

/** Shows that a log of any length and speed costs a tab a bounded part, and that what is missing is counted. */
describe('what is kept', () => {
  it('is the newest rows', () => {
    const buffer = new LogBuffer();
    buffer.push(
      Array.from({ length: LOG_ROWS_MAX + 500 }, (_, index) => line(String(index))),
      0,
    );
    expect([buffer.rows.length, buffer.gone, buffer.total]).toEqual([LOG_ROWS_MAX, 500, LOG_ROWS_MAX + 500]);
    expect(buffer.rows[0]).toMatchObject({ seq: 500, entry: { text: '500' } });
  });

  it('is bounded by characters too', () => {
    const buffer = new LogBuffer();
    for (let round = 0; round < 20; round++)
      buffer.push(
        Array.from({ length: 100 }, () => line('x'.repeat(16_384))),
        0,
      );
    expect(buffer.rows.length).toBeLessThan(1_100);
    expect(buffer.total).toBe(2_000);
  });

  it('says where lines were left out, once a place', () => {
    const buffer = new LogBuffer();
    buffer.push([line('a')], 0);
    buffer.push([], 5);
    buffer.push([line('b')], 7);
    expect(buffer.rows.map((row) => ('leftOut' in row ? row.leftOut : 'line'))).toEqual(['line', 12, 'line']);
  });

  it('what comes faster than it is taken pushes out the oldest, and their number is told', () => {
    const queue = new LogQueue();
    queue.push(Array.from({ length: LOG_ROWS_MAX }, (_, index) => String(index)));
    queue.push(['x', 'y']);
    expect(queue.take(2)).toEqual({ messages: ['2', '3'], leftOut: 2 });
    expect(queue.take(LOG_ROWS_MAX).messages.at(-1)).toBe('y');
    expect([queue.isEmpty, queue.take(1)]).toEqual([true, { messages: [], leftOut: 0 }]);
  });
});

it('moments compare as text, however many digits they have', () => {
  const moments = [
    '2030-01-01T00:00:00Z',
    '2030-01-01T00:00:00.05Z',
    '2030-01-01T00:00:00.5Z',
    '2030-01-01T00:00:00.51Z',
  ];
  expect(moments.map(momentKey).sort()).toEqual(moments.map(momentKey));
});

it('the address of the screen becomes the query of the API', () => {
  const choice = choiceOf(new URLSearchParams('q=error&since=15m&stream=stderr&replica=2&from=2030-01-01T00:00'));
  expect(logQueryOf(choice).toString()).toBe('grep=error&since=15m&tail=1000&stream=stderr&replica=2');
  expect(logQueryOf(choice, true).has('tail')).toBe(false);
  const custom = logQueryOf(choiceOf(new URLSearchParams('since=custom&from=2030-01-01T00:00&to=nonsense')));
  expect(custom.get('since')).toBe(new Date('2030-01-01T00:00').toISOString());
  expect(custom.has('until')).toBe(false);
});

it('JSON is written over several lines, in colours or not; anything else is left alone', () => {
  expect(asJson(`${ESC}[32m{"a":[1]}${ESC}[0m`)).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect([asJson('{broken'), asJson('7'), asJson('[ok] done')]).toEqual([undefined, undefined, undefined]);
});

it('a row draws the beginning of a long line, a file has all of it without colours', () => {
  expect(rowPart('x'.repeat(5_000)).length).toBeLessThan(1_010);
  expect(fileLine(line(`${ESC}[1mbold${ESC}[0m`))).toBe('2030-01-01T00:00:00.5Z shop-web-0 O bold');
});
