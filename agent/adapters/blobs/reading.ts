import { type FileHandle, open } from 'node:fs/promises';
import { type Digest, digestParts } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { type PieceSet, pieceRange } from '../../core/images/pieces.ts';
import type { DiskBlob } from './disk-blob.ts';
import { isDamage, systemCodeOf } from './disk-errors.ts';
import { CHUNK_BYTES, hashFile, hashPiece, readFully } from './file-bytes.ts';
import type { Layout } from './layout.ts';
import type { Shelf } from './shelf.ts';

/** Reads blobs from their files. Each read has a file of its own open until it ends. */
export class Reading {
  readonly #layout: Layout;
  readonly #shelf: Shelf;

  constructor(layout: Layout, shelf: Shelf) {
    this.#layout = layout;
    this.#shelf = shelf;
  }

  async *read(
    digest: Digest,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const blob = this.#shelf.index.get(digest);
    if (blob === undefined) throw this.#shelf.absence(digest);
    const isWhole = Number.isInteger(range.start) && Number.isInteger(range.end);
    if (!(isWhole && range.start >= 0 && range.start <= range.end && range.end <= blob.sizeBytes)) {
      throw new ShoalError('invalid-request', `A blob of ${blob.sizeBytes} bytes has no such range`);
    }
    this.#shelf.used(blob);
    let file: FileHandle | undefined;
    let fileNumber = blob.fileNumber;
    try {
      for await (const { start, end } of blob.progress.walk(range, CHUNK_BYTES, signal)) {
        if (fileNumber !== blob.fileNumber) await file?.close();
        if (fileNumber !== blob.fileNumber) file = undefined;
        fileNumber = blob.fileNumber;
        file ??= await this.#open(blob);
        yield await this.#fill(blob, file, start, Buffer.allocUnsafe(end - start));
      }
    } finally {
      await file?.close();
    }
  }

  async readPiece(digest: Digest, piece: number, into?: Uint8Array): Promise<Uint8Array | undefined> {
    const blob = this.#shelf.index.get(digest);
    if (blob === undefined || !hasPiece(blob.progress.have, piece)) return undefined;
    const { start, end } = pieceRange(blob.sizeBytes, piece);
    if (into !== undefined && into.length !== end - start) return undefined;
    this.#shelf.used(blob);
    return blob.progress.whileRead(async () => {
      const file = await this.#open(blob);
      try {
        return await this.#fill(blob, file, start, into ?? Buffer.allocUnsafe(end - start));
      } finally {
        await file.close();
      }
    });
  }

  async verify(digest: Digest, signal: AbortSignal): Promise<'sound' | 'damaged' | 'absent'> {
    const blob = this.#shelf.index.get(digest);
    if (blob === undefined) return 'absent';
    const isSound = await blob.progress.whileRead(() => this.#isSound(blob, signal));
    if (isSound) return 'sound';
    await this.#shelf.damaged(blob);
    return 'damaged';
  }

  async #isSound(blob: DiskBlob, signal: AbortSignal): Promise<boolean> {
    let file: FileHandle | undefined;
    try {
      file = await this.#openUnderLock(blob);
      return blob.isComplete ? await isWholeSound(file, blob, signal) : await arePiecesSound(file, blob, signal);
    } catch (error) {
      if (isDamage(error)) return false;
      throw error;
    } finally {
      await file?.close();
    }
  }

  #open(blob: DiskBlob): Promise<FileHandle> {
    return this.#translated(blob, () => this.#openUnderLock(blob));
  }

  /** Its file moves once it is complete; not while this opens it. */
  #openUnderLock(blob: DiskBlob): Promise<FileHandle> {
    const { lock, index } = this.#shelf;
    return lock.run(blob.digest, async () => {
      if (index.get(blob.digest) !== blob) throw new ShoalError('not-found', 'The blob was removed meanwhile');
      return open(blob.isComplete ? this.#layout.blob(blob.digest) : this.#layout.partialBlob(blob.digest), 'r');
    });
  }

  #fill(blob: DiskBlob, file: FileHandle, start: number, bytes: Uint8Array): Promise<Uint8Array> {
    return this.#translated(blob, async () => {
      if ((await readFully(file, bytes, start)) < bytes.length) throw new Damaged();
      return bytes;
    });
  }

  async #translated<T>(blob: DiskBlob, action: () => Promise<T>): Promise<T> {
    try {
      return await action();
    } catch (error) {
      if (error instanceof Damaged || isDamage(error)) {
        await this.#shelf.damaged(blob);
        throw new ShoalError('not-found', 'The blob was damaged on the disk and is removed', { cause: error });
      }
      if (systemCodeOf(error) === undefined) throw error;
      throw new ShoalError('internal', 'A blob could not be read from the disk', { cause: error });
    }
  }
}

/** Numbers come from peers, and a set of bits takes those beyond 32 bits for others. */
const hasPiece = (have: PieceSet, piece: number): boolean =>
  Number.isInteger(piece) && piece >= 0 && piece < have.count && have.has(piece);

/** The file ends before the blob does. */
class Damaged extends Error {}

async function isWholeSound(file: FileHandle, blob: DiskBlob, signal: AbortSignal): Promise<boolean> {
  const { algorithm, hex } = digestParts(blob.digest);
  if ((await file.stat()).size !== blob.sizeBytes) return false;
  const hashes = await hashFile(file, blob.sizeBytes, algorithm, signal);
  return hashes?.whole === hex && hashes.pieces.equals(blob.metadata.pieces);
}

async function arePiecesSound(file: FileHandle, blob: DiskBlob, signal: AbortSignal): Promise<boolean> {
  for (const piece of blob.progress.have) {
    signal.throwIfAborted();
    const hash = await hashPiece(file, blob.sizeBytes, piece);
    if (hash?.toString('hex') !== blob.pieceHash(piece)) return false;
  }
  return true;
}
