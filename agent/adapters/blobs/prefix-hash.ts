import { createHash, type Hash } from 'node:crypto';
import type { PieceSet } from '../../core/images/pieces.ts';

/**
 * The hash of a blob's contiguous prefix, kept while its pieces come in any order: a piece that continues the prefix is hashed
 * from memory, those that came before their turn are read back, so that the hash of the whole is there soon after the last.
 */
export class PrefixHash {
  readonly #algorithm: string;
  #hash: Hash;
  readonly #have: PieceSet;
  readonly #readBack: (piece: number, take: (chunk: Uint8Array) => void) => Promise<void>;
  #next = 0;
  #reading: Promise<void> | undefined;
  #whole: string | undefined;

  /** @param readBack gives the bytes of a piece that is there, in order */
  constructor(
    algorithm: string,
    have: PieceSet,
    readBack: (piece: number, take: (chunk: Uint8Array) => void) => Promise<void>,
  ) {
    this.#algorithm = algorithm;
    this.#hash = createHash(algorithm);
    this.#have = have;
    this.#readBack = readBack;
  }

  /** A piece that is there now; its bytes are not kept. */
  offer(piece: number, bytes: Uint8Array): void {
    if (piece === this.#next && this.#reading === undefined) {
      this.#hash.update(bytes);
      this.#next++;
    }
    if (this.#have.has(this.#next)) void this.#follow().catch(() => undefined);
  }

  /** Hex digits of the whole. Every piece must be there. @throws what `readBack` throws */
  async whole(): Promise<string> {
    if (!this.#have.isFull) throw new Error('pieces are missing');
    while (this.#next < this.#have.count) await this.#follow();
    this.#whole ??= this.#hash.digest('hex');
    return this.#whole;
  }

  #follow(): Promise<void> {
    this.#reading ??= this.#readOn().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  async #readOn(): Promise<void> {
    while (this.#have.has(this.#next)) {
      const piece = this.#next;
      try {
        await this.#readBack(piece, (chunk) => this.#hash.update(chunk));
        this.#next = piece + 1;
      } catch (error) {
        // Half a piece may be in the hash.
        this.#hash = createHash(this.#algorithm);
        this.#next = 0;
        throw error;
      }
    }
  }
}
