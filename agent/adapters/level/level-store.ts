import { ClassicLevel } from 'classic-level';
import { ShoalError } from '../../../protocol/errors.ts';
import type { Store, StoreOp } from '../../ports/store.ts';

/** The Store port on LevelDB: one directory, one process, every batch synced before it is acknowledged. */
export class LevelStore implements Store {
  readonly #level: ClassicLevel<string, Uint8Array>;
  /** The last write: they go one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #mustReopen = false;
  #isClosed = false;

  private constructor(level: ClassicLevel<string, Uint8Array>) {
    this.#level = level;
  }

  /**
   * Opens the store in a directory, made when missing.
   *
   * @throws ShoalError conflict when another process has it open, internal when it can't be read
   */
  static async open(directory: string): Promise<LevelStore> {
    const level = new ClassicLevel<string, Uint8Array>(directory, { keyEncoding: 'utf8', valueEncoding: 'view' });
    await translated(() => level.open());
    return new LevelStore(level);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return translated(() => this.#level.get(key));
  }

  async *entries(prefix: string): AsyncIterable<readonly [key: string, value: Uint8Array]> {
    const iterator = await translated(async () => this.#level.iterator({ gte: prefix }));
    try {
      for (;;) {
        const entry = await translated(() => iterator.next());
        if (!entry?.[0].startsWith(prefix)) return;
        yield entry;
      }
    } finally {
      await iterator.close();
    }
  }

  write(ops: readonly StoreOp[]): Promise<void> {
    const written = this.#last.then(() => this.#write(ops));
    this.#last = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last;
    await translated(() => this.#level.close());
  }

  /**
   * A write that failed may have left half a record in the log of the database, which does not know of it: what it wrote
   * behind that would be synced, acknowledged, and lost when the log is read. Opened again, it begins a new log.
   */
  async #write(ops: readonly StoreOp[]): Promise<void> {
    if (this.#mustReopen && !this.#isClosed) {
      await translated(() => this.#level.close());
      await this.#level.open().catch(notStored);
      this.#mustReopen = false;
    }
    await translated(() =>
      this.#level.batch([...ops], { sync: true }).catch((error: unknown) => {
        if (this.#level.status !== 'open') throw error;
        this.#mustReopen = true;
        return notStored(error);
      }),
    );
  }
}

/** A disk that is full or broken. */
function notStored(error: unknown): never {
  const words = wordsOf(error instanceof Error ? (error.cause ?? error) : error);
  throw new ShoalError('not-stored', `A member could not write to its disk: ${words}.`, { cause: error });
}

/** The system's reason; it comes last, behind the name of the file. */
const wordsOf = (reason: unknown): string =>
  (reason instanceof Error ? reason.message : String(reason)).split(': ').at(-1) ?? '';

async function translated<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw error instanceof ShoalError ? error : toShoalError(error);
  }
}

/** A failed open has the reason as its cause; without a cause the store was closed. */
function toShoalError(error: unknown): ShoalError {
  const reason = error instanceof Error ? (error.cause ?? error) : error;
  const code = reason instanceof Error && 'code' in reason ? reason.code : undefined;
  const cause = { cause: error };
  switch (code) {
    case 'LEVEL_LOCKED':
      return new ShoalError('conflict', 'Another agent uses this data directory', cause);
    case 'LEVEL_DATABASE_NOT_OPEN':
    case 'LEVEL_ITERATOR_NOT_OPEN':
      return new ShoalError('not-ready', 'The store is closed', cause);
    case 'LEVEL_CORRUPTION':
      return new ShoalError('internal', 'The database in the data directory is damaged', cause);
    default:
      return new ShoalError(
        'internal',
        `The database in the data directory can not be read or written: ${wordsOf(reason)}`,
        cause,
      );
  }
}
