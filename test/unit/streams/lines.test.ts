import { describe, expect, it } from 'vitest';
import { LineJoiner } from '../../../agent/core/logs/lines.ts';
import { Newest } from '../../../agent/core/logs/newest.ts';
import { limits } from '../../../protocol/limits.ts';

const message = (text: string | Uint8Array, isLineEnd = true, stream: 'stdout' | 'stderr' = 'stdout') => ({
  stream,
  at: '2026-01-01T00:00:00.000000001Z',
  bytes: Buffer.from(text),
  isLineEnd,
});

describe('lines of a log', () => {
  it('are joined from parts, each output by itself', () => {
    const joiner = new LineJoiner();
    expect(joiner.take(message('a', false))).toBeUndefined();
    expect(joiner.take(message('x', true, 'stderr'))).toMatchObject({ stream: 'stderr', text: 'x' });
    expect(joiner.take(message('b'))).toMatchObject({ stream: 'stdout', text: 'ab', isCut: false });
  });

  it.each([
    ['in one message', 1],
    ['in many', 100],
  ])('that are too long are cut and marked: %s', (_, parts) => {
    const joiner = new LineJoiner();
    const part = 'x'.repeat((2 * limits.logLineBytes) / parts);
    for (let at = 1; at < parts; at++) joiner.take(message(part, false));
    const line = joiner.take(message(part));
    expect([line?.text.length, line?.isCut]).toEqual([limits.logLineBytes, true]);
    expect(joiner.take(message('next'))).toMatchObject({ text: 'next', isCut: false });
  });

  it('hold what is no text as U+FFFD, lose the carriage return, and come out unfinished at the end', () => {
    const joiner = new LineJoiner();
    expect(joiner.take(message(Uint8Array.of(0xff, 0x41, 0x0d)))?.text).toBe('\ufffdA');
    joiner.take(message('rest', false));
    expect(joiner.rest().map(({ text }) => text)).toEqual(['rest']);
    expect(joiner.rest()).toEqual([]);
  });

  it('that pass a filter are kept up to a count and a size', () => {
    const byCount = new Newest<string>(3, 100, (text) => text.length);
    for (let at = 0; at < 5_000; at++) byCount.add(String(at));
    expect(byCount.items).toEqual(['4997', '4998', '4999']);
    const bySize = new Newest<string>(100, 8, (text) => text.length);
    for (const text of ['aaaa', 'bbbb', 'cccc']) bySize.add(text);
    expect(bySize.items).toEqual(['bbbb', 'cccc']);
  });
});
