import { ShoalError } from '../../protocol/errors.ts';
import type { Store, StoreOp } from './store.ts';

const byUtf8 = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The Store port's in-memory twin, for tests and simulations: same order, same atomicity, nothing outlives it. */
export class MemoryStore implements Store {
  readonly #entries = new Map<string, Uint8Array>();
  #isOpen = true;

  async get(key: string): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    return this.#entries.get(key)?.slice();
  }

  async *entries(prefix: string): AsyncIterable<readonly [key: string, value: Uint8Array]> {
    this.#assertOpen();
    const found = [...this.#entries].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => byUtf8(a, b));
    for (const [key, value] of found) yield [key, value.slice()];
  }

  async write(ops: readonly StoreOp[]): Promise<void> {
    this.#assertOpen();
    for (const op of ops) {
      if (op.type === 'put') this.#entries.set(op.key, op.value.slice());
      else this.#entries.delete(op.key);
    }
  }

  async close(): Promise<void> {
    this.#isOpen = false;
  }

  #assertOpen(): void {
    if (!this.#isOpen) throw new ShoalError('not-ready', 'The store is closed');
  }
}
