import { describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../agent/adapters/pieces/token-bucket.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';

const never = new AbortController().signal;

/** Takes a turn at a time for ever, and counts. */
function sender(bucket: TokenBucket, signal: AbortSignal, chunkBytes?: number) {
  const count = { bytes: 0, end: undefined as unknown };
  const run = async () => {
    while (!signal.aborted) {
      const bytes = chunkBytes ?? bucket.turnBytes;
      await bucket.take(bytes, signal);
      count.bytes += bytes;
    }
  };
  run().catch((error: unknown) => {
    count.end = error;
  });
  return count;
}

describe('a token bucket', () => {
  it.each([
    { name: 'a slow rate', rate: 10_000, chunk: undefined },
    { name: 'a usual rate', rate: 10_000_000, chunk: undefined },
    { name: 'chunks larger than a burst', rate: 100_000, chunk: 1_000_000 },
    { name: 'chunks that do not divide it', rate: 99_991, chunk: 7_919 },
  ])('lets through as many bytes as the rate says: $name', async ({ rate, chunk }) => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(clock, rate);
    const stop = new AbortController();
    const count = sender(bucket, stop.signal, chunk);
    await clock.advance(60_000);
    stop.abort();
    const most = rate * 60 + Math.max(rate / 10, 1_024) + (chunk ?? bucket.turnBytes);
    expect(count.bytes).toBeLessThanOrEqual(most);
    expect(count.bytes).toBeGreaterThanOrEqual(rate * 60 - (chunk ?? 2 * bucket.turnBytes));
  });

  it('shares evenly among those that take', async () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(clock, 1_000_000);
    const stop = new AbortController();
    const counts = Array.from({ length: 10 }, () => sender(bucket, stop.signal));
    await clock.advance(30_000);
    stop.abort();
    const bytes = counts.map((count) => count.bytes);
    expect(Math.max(...bytes) - Math.min(...bytes)).toBeLessThanOrEqual(2 * bucket.turnBytes);
  });

  it('saves up no more than a tenth of a second', async () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(clock, 1_000_000);
    await clock.advance(3_600_000);
    const stop = new AbortController();
    const count = sender(bucket, stop.signal, 1_000);
    await clock.advance(0);
    stop.abort();
    expect(count.bytes).toBe(100_000);
  });

  it('takes a new rate at once, also for those that wait', async () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(clock, 1_024);
    await clock.advance(10_000);
    await bucket.take(100 * 1_024, never);
    const stop = new AbortController();
    const count = sender(bucket, stop.signal, 100_000);
    await clock.advance(1_000);
    expect(count.bytes).toBe(0);
    bucket.setRate(10_000_000);
    await clock.advance(1_000);
    stop.abort();
    expect(count.bytes).toBeGreaterThan(9_000_000);
  });

  it('lets everybody go when there is no bound any more', async () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(clock, 1);
    const waiting = Promise.all([bucket.take(1_000_000, never), bucket.take(1_000_000, never)]);
    bucket.setRate(undefined);
    await waiting;
    expect(bucket.take(1_000_000_000, never)).toBeUndefined();
    expect(clock.pending).toBe(0);
  });

  it('forgets one that gives up, and serves the next', async () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(clock, 1_024);
    await clock.advance(10_000);
    const gone = new AbortController();
    const owing = bucket.take(100_000, never);
    const first = Promise.resolve(bucket.take(1_024, gone.signal)).catch((error: unknown) => error);
    let isServed = false;
    const second = Promise.resolve(bucket.take(1_024, never)).then(() => {
      isServed = true;
    });
    const why = new Error('enough');
    gone.abort(why);
    expect(await first).toBe(why);
    expect(bucket.waiting).toBe(1);
    await clock.advance(200_000);
    await second;
    expect([isServed, owing, bucket.waiting, clock.pending]).toEqual([true, undefined, 0, 0]);
  });

  it('refuses a signal that has ended', async () => {
    const bucket = new TokenBucket(new VirtualClock(), 1);
    await expect(bucket.take(1_024, AbortSignal.abort(new Error('over')))).rejects.toThrow('over');
  });
});
