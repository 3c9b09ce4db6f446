import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import type { StoreOp } from '../../../agent/ports/store.ts';
import { MemoryStore } from '../../../agent/ports/store-memory.ts';
import { BatchWriter } from '../../../agent/services/mesh/batch-writer.ts';

const put = (key: string, value = key): StoreOp => ({ type: 'put', key, value: new TextEncoder().encode(value) });

/** A disk that notes what each write held, and fails as often as it is told to. */
class Disk extends MemoryStore {
  readonly writes: string[][] = [];
  failures = 0;

  override async write(ops: readonly StoreOp[]): Promise<void> {
    this.writes.push(ops.map(({ key }) => key));
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('no space left');
    }
    await super.write(ops);
  }

  async text(key: string): Promise<string | undefined> {
    const bytes = await this.get(key);
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
  }
}

describe('BatchWriter', () => {
  it('writes what comes in one turn together, and what comes during a write in the next', async () => {
    const disk = new Disk();
    const writer = new BatchWriter(disk, new VirtualClock(), silentLog);
    writer.add([put('a')]);
    writer.add([put('b')]);
    const first = writer.flushed();
    await Promise.resolve();
    writer.add([put('c')]);
    await first;
    await writer.flushed();
    expect(disk.writes).toEqual([['a', 'b'], ['c']]);
  });

  it('writes what nobody waits for a little later, in one go', async () => {
    const disk = new Disk();
    const clock = new VirtualClock();
    const writer = new BatchWriter(disk, clock, silentLog);
    for (const key of ['a', 'b', 'c']) {
      writer.add([put(key)]);
      await clock.advance(50);
    }
    expect(disk.writes).toEqual([]);
    await clock.advance(1_000);
    expect(disk.writes).toEqual([['a', 'b', 'c']]);
  });

  it('writes only the last of several changes of one key', async () => {
    const disk = new Disk();
    const writer = new BatchWriter(disk, new VirtualClock(), silentLog);
    writer.add([put('a', 'old'), { type: 'del', key: 'a' }, put('a', 'new')]);
    await writer.flushed();
    expect(disk.writes).toEqual([['a']]);
    expect(await disk.text('a')).toBe('new');
  });

  it('has nothing to wait for when nothing was added', async () => {
    await expect(new BatchWriter(new Disk(), new VirtualClock(), silentLog).flushed()).resolves.toBeUndefined();
  });

  it('says that a write failed, keeps what was in it and writes it with the next', async () => {
    const disk = new Disk();
    const writer = new BatchWriter(disk, new VirtualClock(), silentLog);
    disk.failures = 1;
    writer.add([put('a')]);
    await expect(writer.flushed()).rejects.toThrow('no space');
    writer.add([put('b')]);
    await writer.flushed();
    expect([await disk.text('a'), await disk.text('b')]).toEqual(['a', 'b']);
  });

  it('never calls a record safe that is not: also when nothing new came since the failure', async () => {
    const disk = new Disk();
    const writer = new BatchWriter(disk, new VirtualClock(), silentLog);
    disk.failures = 2;
    writer.add([put('a')]);
    await expect(writer.flushed()).rejects.toThrow('no space');
    await expect(writer.flushed()).rejects.toThrow('no space');
    await writer.flushed();
    expect(await disk.text('a')).toBe('a');
  });

  it('tries again by itself until it succeeds, and says that it fails until then', async () => {
    const disk = new Disk();
    const clock = new VirtualClock();
    const writer = new BatchWriter(disk, clock, silentLog);
    disk.failures = 3;
    writer.add([put('a')]);
    await expect(writer.flushed()).rejects.toThrow('no space');
    expect(writer.isFailing).toBe(true);
    await clock.advance(60_000);
    expect(writer.isFailing).toBe(false);
    expect(await disk.text('a')).toBe('a');
    expect(disk.writes).toHaveLength(4);
  });

  it('does not put back what was changed since', async () => {
    const disk = new Disk();
    const writer = new BatchWriter(disk, new VirtualClock(), silentLog);
    disk.failures = 1;
    writer.add([put('a', 'old'), put('b')]);
    const failed = writer.flushed();
    await Promise.resolve();
    writer.add([put('a', 'new')]);
    await expect(failed).rejects.toThrow('no space');
    await writer.flushed();
    expect([await disk.text('a'), await disk.text('b')]).toEqual(['new', 'b']);
  });
});
