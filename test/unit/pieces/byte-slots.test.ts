import { describe, expect, it } from 'vitest';
import { ByteSlots } from '../../../agent/adapters/pieces/byte-slots.ts';

const never = new AbortController().signal;
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Takes room and notes in `started` when it was given. */
function transfer(slots: ByteSlots, started: string[], name: string, bytes: number, signal = never) {
  return slots.take(name.slice(0, 1), bytes, signal).then((release) => {
    if (release !== undefined) started.push(name);
    return release;
  });
}

describe('slots by bytes', () => {
  it('keeps all transfers together within the bound, and serves in order', async () => {
    const slots = new ByteSlots({ bytes: 10, bytesPerPeer: 10, waiting: 10 });
    const started: string[] = [];
    const a = await transfer(slots, started, 'a', 8);
    const b = transfer(slots, started, 'b', 8);
    const c = transfer(slots, started, 'c', 1);
    await settle();
    expect(started).toEqual(['a']);
    a?.();
    await Promise.all([b, c]);
    expect(started).toEqual(['a', 'b', 'c']);
  });

  it('does not let one peer hold all of it', async () => {
    const slots = new ByteSlots({ bytes: 10, bytesPerPeer: 4, waiting: 10 });
    const started: string[] = [];
    const first = await transfer(slots, started, 'a1', 4);
    const second = transfer(slots, started, 'a2', 4);
    await transfer(slots, started, 'b1', 4);
    expect(started).toEqual(['a1', 'b1']);
    first?.();
    await second;
    expect(started).toEqual(['a1', 'b1', 'a2']);
  });

  it('lets one go that is larger than the bound when it is alone', async () => {
    const slots = new ByteSlots({ bytes: 10, bytesPerPeer: 4, waiting: 10 });
    expect(await slots.take('a', 100, never)).toBeDefined();
  });

  it('says so when too many wait, and forgets one that gives up', async () => {
    const slots = new ByteSlots({ bytes: 1, bytesPerPeer: 1, waiting: 1 });
    const release = await slots.take('a', 1, never);
    const gone = new AbortController();
    const waiting = slots.take('b', 1, gone.signal);
    expect(await slots.take('c', 1, never)).toBeUndefined();
    gone.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
    const next = slots.take('c', 1, never);
    release?.();
    expect(await next).toBeDefined();
  });
});
