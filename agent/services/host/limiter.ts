import { ShoalError } from '../../../protocol/errors.ts';

/** Lets at most `max` tasks run at once; the others wait their turn, first come first served. */
export class Limiter {
  #free: number;
  readonly #waitingMax: number;
  readonly #waiting: (() => void)[] = [];

  /** @param waitingMax for tasks that others ask for; those of this host itself are as many as its containers */
  constructor(max: number, waitingMax = Number.POSITIVE_INFINITY) {
    this.#free = max;
    this.#waitingMax = waitingMax;
  }

  /** @throws ShoalError rate-limited when too many wait already */
  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else if (this.#waiting.length >= this.#waitingMax) throw new ShoalError('rate-limited', 'Too many wait already.');
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
