import { describe, expect, it } from 'vitest';
import { BufferPool } from '../../../agent/adapters/pieces/buffer-pool.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';

const MiB = 1_048_576;

describe('a pool of buffers', () => {
  it('lends so many bytes, and what was given back again', () => {
    const pool = new BufferPool(new VirtualClock());
    const first = pool.take(MiB - 1);
    expect(first.bytes).toHaveLength(MiB - 1);
    first.giveBack();
    const again = pool.take(MiB);
    expect(again.bytes).toHaveLength(MiB);
    expect(again.bytes.buffer).toBe(first.bytes.buffer);
  });

  it('never lends one to two: neither what is out, nor what was given back twice', () => {
    const pool = new BufferPool(new VirtualClock());
    const first = pool.take(MiB);
    expect(pool.take(MiB).bytes.buffer).not.toBe(first.bytes.buffer);
    first.giveBack();
    first.giveBack();
    const [second, third] = [pool.take(MiB), pool.take(MiB)];
    expect(second.bytes.buffer).not.toBe(third.bytes.buffer);
  });

  it('keeps 16 MiB at most, and nothing once nobody took any for a while', async () => {
    const clock = new VirtualClock();
    const pool = new BufferPool(clock);
    for (const loan of Array.from({ length: 20 }, () => pool.take(MiB))) loan.giveBack();
    expect(pool.freeBytes).toBe(16 * MiB);
    await clock.advance(15_000);
    pool.take(MiB).giveBack();
    await clock.advance(10_000);
    expect(pool.freeBytes).toBe(16 * MiB);
    await clock.advance(20_000);
    expect(pool.freeBytes).toBe(0);
  });
});
