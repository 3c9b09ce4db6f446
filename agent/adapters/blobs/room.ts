import { statfs } from 'node:fs/promises';
import { ShoalError } from '../../../protocol/errors.ts';
import { chooseEvictions, quotaShortage, type Shortage } from '../../core/images/eviction.ts';
import type { Clock } from '../../ports/clock.ts';
import { writing } from './disk-errors.ts';
import type { Shelf } from './shelf.ts';

const GiB = 1024 ** 3;

export interface RoomOptions {
  readonly directory: string;
  readonly quotaBytes: number;
  readonly reserveBytes: number;
  readonly shelf: Shelf;
  readonly clock: Clock;
  /** Bytes of pushes that are under way. */
  readonly uploadBytes: () => number;
}

/** Room for what is to be written: within the quota, and on a disk that others fill too. Evicts to make it. */
export class Room {
  readonly #options: RoomOptions;
  /** Asked for and not yet in the index or an upload. */
  #promisedBytes = 0;

  constructor(options: RoomOptions) {
    this.#options = options;
  }

  /** What is left free for others by default: 5 % of the disk, at least 512 MiB and at most 8 GiB. */
  static async reserveOf(directory: string): Promise<number> {
    const { blocks, bsize } = await statfs(directory);
    return Math.min(8 * GiB, Math.max(GiB / 2, blocks * bsize * 0.05));
  }

  get quotaBytes(): number {
    return this.#options.quotaBytes;
  }

  get usedBytes(): number {
    return this.#options.shelf.index.totalBytes + this.#options.uploadBytes();
  }

  async diskFreeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#options.directory);
    return bavail * bsize;
  }

  /**
   * Runs an action that writes so many bytes and counts them in the index or an upload by its end. Concurrent ones do not get the same
   * room.
   *
   * @throws ShoalError not-stored
   */
  async with<T>(neededBytes: number, action: () => Promise<T>): Promise<T> {
    const { quotaBytes } = this.#options;
    const usedBytes = this.usedBytes + this.#promisedBytes;
    this.#promisedBytes += neededBytes;
    try {
      if (!(await this.#free(quotaShortage(usedBytes, neededBytes, quotaBytes)))) {
        throw new ShoalError(
          'not-stored',
          `The image store has no room for ${neededBytes} bytes: ${usedBytes} of its quota of ${quotaBytes} bytes are in use, and what is pinned or in use is not evicted. Raise the quota or delete images.`,
        );
      }
      await this.#freeDisk(neededBytes);
      return await action();
    } finally {
      this.#promisedBytes -= neededBytes;
    }
  }

  async #freeDisk(neededBytes: number): Promise<void> {
    const { reserveBytes } = this.#options;
    const lacking = async () =>
      neededBytes + reserveBytes + this.#unwrittenBytes() - (await writing(() => this.diskFreeBytes()));
    const lackingBytes = await lacking();
    if (lackingBytes <= 0) return;
    const isFreed = await this.#free({ mustFreeBytes: lackingBytes, shouldFreeBytes: lackingBytes });
    if (isFreed && (await lacking()) <= 0) return;
    throw new ShoalError(
      'not-stored',
      `The disk of the image store has no room for ${neededBytes} bytes: ${await this.diskFreeBytes()} bytes are free, and ${reserveBytes} are to stay free. Free some space on it.`,
    );
  }

  /** Whether what must be freed was. */
  async #free(shortage: Shortage): Promise<boolean> {
    const { shelf, clock } = this.#options;
    if (shortage.shouldFreeBytes <= 0) return true;
    const chosen = chooseEvictions(shelf.evictables(), shortage, clock.nowMs());
    if (chosen === undefined) return false;
    await Promise.all(chosen.map((digest) => shelf.evict(digest)));
    return true;
  }

  /** Bytes that partial blobs were promised and that are not on the disk yet. */
  #unwrittenBytes(): number {
    let bytes = 0;
    for (const { sizeBytes, isComplete, progress } of this.#options.shelf.index) {
      if (!isComplete) bytes += sizeBytes - progress.heldBytes;
    }
    return bytes;
  }
}
