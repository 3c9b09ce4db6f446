import { describe, expect, it } from 'vitest';
import { KeyedQueue } from '../../../agent/services/keyed-queue.ts';

/** A task that ends when the test says so. */
function gate() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  return { run: () => promise, open: resolve, fail: reject };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('KeyedQueue', () => {
  it('runs tasks of one key in order and those of others meanwhile', async () => {
    const queue = new KeyedQueue(8);
    const [first, other] = [gate(), gate()];
    const order: string[] = [];
    const note = (name: string) => async () => void order.push(name);
    const runs = [queue.run('a', first.run), queue.run('a', note('second')), queue.run('b', other.run)];
    runs.push(queue.run('c', note('c')));
    await turn();
    expect(order).toEqual(['c']);
    first.open('done');
    other.open('done');
    await Promise.all(runs);
    expect(order).toEqual(['c', 'second']);
  });

  it('goes on after a task that failed, and tells only its own caller', async () => {
    const queue = new KeyedQueue(8);
    const failing = gate();
    const first = queue.run('a', failing.run);
    const second = queue.run('a', async () => 'fine');
    failing.fail(new Error('no'));
    await expect(first).rejects.toThrow('no');
    await expect(second).resolves.toBe('fine');
  });

  it('turns away what is one too many for a key, and takes it later', async () => {
    const queue = new KeyedQueue(2);
    const first = gate();
    const waiting = [queue.run('a', first.run), queue.run('a', async () => 'second')];
    await expect(queue.run('a', async () => 'third')).rejects.toMatchObject({ code: 'rate-limited' });
    await expect(queue.run('b', async () => 'other')).resolves.toBe('other');
    first.open('first');
    await expect(Promise.all(waiting)).resolves.toEqual(['first', 'second']);
    await expect(queue.run('a', async () => 'third')).resolves.toBe('third');
  });
});
