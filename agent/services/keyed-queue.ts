import { ShoalError } from '../../protocol/errors.ts';

/** Runs tasks with the same key one after the other, others side by side. At most `maxWaiting` wait for one key. */
export class KeyedQueue {
  readonly #tails = new Map<string, { promise: Promise<unknown>; waiting: number }>();
  readonly #maxWaiting: number;

  constructor(maxWaiting: number) {
    this.#maxWaiting = maxWaiting;
  }

  /** @throws ShoalError rate-limited when too many wait; else whatever the task throws */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const tail = this.#tails.get(key) ?? { promise: Promise.resolve(), waiting: 0 };
    if (tail.waiting >= this.#maxWaiting) {
      throw new ShoalError('rate-limited', `${tail.waiting} changes of ${key} are waiting already; try again`);
    }
    tail.waiting += 1;
    const mine = tail.promise.then(task, task);
    tail.promise = mine.catch(() => undefined);
    this.#tails.set(key, tail);
    try {
      return await mine;
    } finally {
      tail.waiting -= 1;
      if (tail.waiting === 0) this.#tails.delete(key);
    }
  }
}
