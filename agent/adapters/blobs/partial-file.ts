import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Digest, digestParts } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { pieceBytesOf, pieceRange } from '../../core/images/pieces.ts';
import type { BlobProgress } from '../../ports/blob-progress.ts';
import { isDamage } from './disk-errors.ts';
import { CHUNK_BYTES, readFully, syncFolder, writeFully } from './file-bytes.ts';
import { Journal, type JournalRecord, journalText } from './journal.ts';
import type { Layout } from './layout.ts';
import { PrefixHash } from './prefix-hash.ts';

/** A sync begins whenever so many bytes were written: what a power cut may cost, if the system has not written them by then. */
const SYNC_BYTES = 32 * 1024 * 1024;
/** Writers wait for the disk beyond this. */
const UNSYNCED_BYTES_MAX = 128 * 1024 * 1024;

interface Files {
  readonly data: FileHandle;
  readonly journal: FileHandle;
}

/**
 * The bytes of a partial blob in a sparse file, and the journal of its pieces. A piece's line is written once its bytes are, and
 * a line `synced` once they are on the disk; at the next start those that no such line vouches for are hashed again. So a
 * killed process loses only pieces in flight. The files are opened at need and closed by `park`.
 */
export class PartialFile {
  readonly #digest: Digest;
  readonly #layout: Layout;
  readonly #progress: BlobProgress;
  readonly #journal: Journal;
  readonly #prefix: PrefixHash;
  /** Pieces being written: two writers of one piece could mix their bytes. */
  readonly #writing = new Map<number, Promise<void>>();
  #files: Promise<Files> | undefined;
  /** For pieces that are read back, one after the other; kept while the files are open. */
  #scratch: Buffer | undefined;
  #users = 0;
  #isDisposed = false;
  #isFolderSynced = false;
  #unsyncedBytes = 0;
  #syncing: Promise<void> | undefined;
  #broken: Error | undefined;

  constructor(digest: Digest, layout: Layout, progress: BlobProgress, journal: Journal) {
    this.#digest = digest;
    this.#layout = layout;
    this.#progress = progress;
    this.#journal = journal;
    this.#prefix = new PrefixHash(digestParts(digest).algorithm, progress.have, (piece, take) =>
      this.#readBack(piece, take),
    );
  }

  /** Makes the files of a new one. When that fails, there are none. */
  static async create(
    digest: Digest,
    layout: Layout,
    progress: BlobProgress,
    { addedAtMs, isPinned }: { readonly addedAtMs: number; readonly isPinned: boolean },
  ): Promise<PartialFile> {
    const head = journalText({ sizeBytes: progress.sizeBytes, addedAtMs, isPinned, pieces: new Map() });
    try {
      await createFile(layout.partialBlob(digest), (file) => file.truncate(progress.sizeBytes));
      await createFile(layout.journal(digest), (file) => writeFully(file, Buffer.from(head), 0));
    } catch (error) {
      await removePartial(layout, digest).catch(() => undefined);
      throw error;
    }
    return new PartialFile(digest, layout, progress, new Journal(head.length, 0));
  }

  /** One that is there. */
  static resume(digest: Digest, layout: Layout, progress: BlobProgress, record: JournalRecord): PartialFile {
    return new PartialFile(digest, layout, progress, new Journal(record.endBytes, record.pieceLines));
  }

  /**
   * It can not go on: its files were taken away, or a sync failed, which puts in doubt for good what the system had not written yet, since it
   * reports that only once.
   */
  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Stores a piece whose hash was checked. @param onStored called before anybody may read it */
  async put(piece: number, bytes: Uint8Array, sha256: string, onStored: () => void): Promise<void> {
    // Of several that wait for the same writer one goes on, and the others wait for that one.
    for (let other = this.#writing.get(piece); other !== undefined; other = this.#writing.get(piece)) {
      await other.catch(() => undefined);
    }
    if (this.#progress.have.has(piece)) return;
    const written = this.#use(({ data, journal }) => this.#write(data, journal, piece, bytes, sha256, onStored));
    this.#writing.set(piece, written);
    try {
      await written;
    } finally {
      this.#writing.delete(piece);
    }
    if (this.#unsyncedBytes >= UNSYNCED_BYTES_MAX) await this.sync();
    else if (this.#unsyncedBytes >= SYNC_BYTES && this.#syncing === undefined) void this.sync().catch(() => undefined);
  }

  /** Hex digits of the whole; every piece must be there. */
  whole(): Promise<string> {
    return this.#use(() => this.#prefix.whole());
  }

  /** All pieces that are there by now are on the disk when it resolves. When it fails, the blob is broken. */
  async sync(): Promise<void> {
    while (this.#syncing !== undefined) await this.#syncing;
    if (this.#broken !== undefined) throw this.#broken;
    if (this.#unsyncedBytes === 0) return;
    this.#syncing = this.#use((files) => this.#sync(files)).finally(() => {
      this.#syncing = undefined;
    });
    await this.#syncing;
  }

  pin(isPinned: boolean): Promise<void> {
    return this.#use(async ({ journal }) => {
      await this.#journal.pinned(journal, isPinned);
      await journal.datasync();
    });
  }

  /** Closes the files until they are needed again; does nothing while they are in use. */
  async park(): Promise<void> {
    if (this.#users > 0 || this.#files === undefined) return;
    const files = this.#files;
    this.#files = undefined;
    this.#scratch = undefined;
    await close(files);
  }

  /** Closes the files as soon as nobody uses them; everything fails from now on. */
  async dispose(): Promise<void> {
    this.#isDisposed = true;
    await this.park();
  }

  async #write(
    data: FileHandle,
    journal: FileHandle,
    piece: number,
    bytes: Uint8Array,
    sha256: string,
    onStored: () => void,
  ): Promise<void> {
    await writeFully(data, bytes, pieceRange(this.#progress.sizeBytes, piece).start);
    await this.#journal.piece(journal, piece, sha256);
    this.#unsyncedBytes += bytes.length;
    if (this.#isDisposed) return;
    onStored();
    this.#progress.add(piece);
    this.#prefix.offer(piece, bytes);
  }

  async #sync({ data, journal }: Files): Promise<void> {
    const pieceLines = this.#journal.pieceLines;
    const bytes = this.#unsyncedBytes;
    try {
      await data.datasync();
      if (!this.#isFolderSynced) await syncFolder(this.#layout.partial);
    } catch (error) {
      throw this.#break(error);
    }
    this.#isFolderSynced = true;
    this.#unsyncedBytes -= bytes;
    // Without this line the pieces are hashed again at the next start, which is no reason to fail.
    await this.#journal.synced(journal, pieceLines).catch(() => undefined);
  }

  async #readBack(piece: number, take: (chunk: Uint8Array) => void): Promise<void> {
    try {
      await this.#use(({ data }) => this.#readChunks(data, pieceRange(this.#progress.sizeBytes, piece), take));
    } catch (error) {
      throw isDamage(error) ? this.#break(error) : error;
    }
  }

  async #readChunks(
    data: FileHandle,
    { start, end }: { readonly start: number; readonly end: number },
    take: (chunk: Uint8Array) => void,
  ): Promise<void> {
    this.#scratch ??= Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, pieceBytesOf(this.#progress.sizeBytes)));
    const buffer = this.#scratch;
    for (let position = start; position < end; position += buffer.length) {
      if (this.#isDisposed) throw disposed();
      const chunk = buffer.subarray(0, Math.min(buffer.length, end - position));
      if ((await readFully(data, chunk, position)) < chunk.length) throw this.#break(new Error('the file is short'));
      take(chunk);
    }
  }

  async #use<T>(action: (files: Files) => Promise<T>): Promise<T> {
    if (this.#isDisposed) throw disposed();
    if (this.#broken !== undefined) throw this.#broken;
    this.#users++;
    try {
      this.#files ??= this.#open();
      return await action(await this.#files);
    } finally {
      this.#users--;
      if (this.#isDisposed) await this.park();
    }
  }

  #break(error: unknown): Error {
    this.#broken = error instanceof Error ? error : new Error(String(error));
    return this.#broken;
  }

  async #open(): Promise<Files> {
    try {
      const data = await open(this.#layout.partialBlob(this.#digest), 'r+');
      try {
        return { data, journal: await open(this.#layout.journal(this.#digest), 'r+') };
      } catch (error) {
        await data.close();
        throw error;
      }
    } catch (error) {
      this.#files = undefined;
      throw isDamage(error) ? this.#break(error) : error;
    }
  }
}

/** Removes what there is of a partial blob on the disk. */
export async function removePartial(layout: Layout, digest: Digest): Promise<void> {
  await rm(layout.journal(digest), { force: true });
  await rm(layout.partialBlob(digest), { force: true });
}

async function createFile(path: string, fill: (file: FileHandle) => Promise<void>): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await fill(file);
  } finally {
    await file.close();
  }
}

async function close(files: Promise<Files>): Promise<void> {
  const { data, journal } = await files;
  await Promise.all([data.close(), journal.close()]);
}

const disposed = () => new ShoalError('not-found', 'The blob was removed meanwhile');
