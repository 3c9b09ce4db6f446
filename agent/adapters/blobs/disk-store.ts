import { randomUUID } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { type Digest, isDigest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import { pieceCountOf, pieceRange } from '../../core/images/pieces.ts';
import type {
  BlobPieces,
  BlobStore,
  BlobStoreEvent,
  PutPiece,
  StoredBlob,
  StoreUsage,
  Upload,
} from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { DiskBlob } from './disk-blob.ts';
import { writing } from './disk-errors.ts';
import { sha256Of } from './file-bytes.ts';
import { Layout } from './layout.ts';
import { loadBlobs } from './load.ts';
import { Reading } from './reading.ts';
import { Room } from './room.ts';
import { Shelf } from './shelf.ts';
import { Uploads } from './uploads.ts';

export interface DiskStoreOptions {
  /** Belongs to one store of one process; made when missing. */
  readonly directory: string;
  readonly quotaBytes: number;
  /** Bytes of the disk that stay free for others. By default 5 % of it, at least 512 MiB and at most 8 GiB. */
  readonly reserveBytes?: number;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * The BlobStore port on a directory. Any read, put or touch counts as a use. Events: `stored` once for each blob that became
 * complete, by `write`, `complete` or `finishUpload`; `removed` for evictions and damage, not for `remove` nor for a `complete`
 * that found another digest.
 */
export class DiskStore implements BlobStore {
  readonly #layout: Layout;
  readonly #shelf: Shelf;
  readonly #room: Room;
  readonly #uploads: Uploads;
  readonly #reading: Reading;
  #isClosed = false;

  private constructor({ directory, quotaBytes, clock, log }: DiskStoreOptions, layout: Layout, reserveBytes: number) {
    const shelf = new Shelf(layout, clock, log);
    const uploadBytes = () => this.#uploads.usedBytes;
    this.#layout = layout;
    this.#shelf = shelf;
    this.#room = new Room({ directory, quotaBytes, reserveBytes, shelf, clock, uploadBytes });
    this.#uploads = new Uploads(layout, clock, this.#room);
    this.#reading = new Reading(layout, shelf);
  }

  /**
   * Opens the store in a directory with what is there, and cleans up what an end in the middle left.
   *
   * @throws ShoalError not-stored when the directory can not be used
   */
  static async open(options: DiskStoreOptions): Promise<DiskStore> {
    const layout = new Layout(options.directory);
    return writing(async () => {
      const blobs = await loadBlobs(layout, options.clock.nowMs(), options.log);
      const reserveBytes = options.reserveBytes ?? (await Room.reserveOf(options.directory));
      const store = new DiskStore(options, layout, reserveBytes);
      for (const blob of blobs) store.#shelf.index.add(blob);
      return store;
    });
  }

  list(): readonly StoredBlob[] {
    return [...this.#shelf.index].map((blob) => blob.stored);
  }

  stat(digest: Digest): StoredBlob | undefined {
    return this.#shelf.index.get(digest)?.stored;
  }

  async usage(): Promise<StoreUsage> {
    const { index } = this.#shelf;
    let pinnedBytes = 0;
    for (const blob of index) if (blob.isPinned) pinnedBytes += blob.sizeBytes;
    const { usedBytes, quotaBytes } = this.#room;
    return { blobs: index.size, usedBytes, pinnedBytes, quotaBytes, diskFreeBytes: await this.#room.diskFreeBytes() };
  }

  onEvent(handler: (event: BlobStoreEvent) => void): () => void {
    return this.#shelf.onEvent(handler);
  }

  async write(bytes: Uint8Array): Promise<Digest> {
    this.#assertOpen();
    const digest = checkedDigest(`sha256:${sha256Of(bytes).toString('hex')}`);
    const known = this.#shelf.index.get(digest);
    if (known?.isComplete) {
      this.#shelf.used(known);
      return digest;
    }
    const path = this.#layout.upload(randomUUID());
    await this.#room.with(bytes.length, async () => {
      try {
        await writing(() => writeSynced(path, bytes));
        await this.#shelf.store(digest, { path, sizeBytes: bytes.length, pieces: pieceHashesOf(bytes) });
      } finally {
        await rm(path, { force: true }).catch(() => undefined);
      }
    });
    return digest;
  }

  async open(digest: Digest, sizeBytes: number): Promise<BlobPieces> {
    this.#assertOpen();
    checkedDigest(digest);
    checkSize(sizeBytes);
    const { index } = this.#shelf;
    const blob = index.get(digest) ?? (await this.#room.with(sizeBytes, () => this.#shelf.make(digest, sizeBytes)));
    if (blob.sizeBytes !== sizeBytes) {
      throw new ShoalError('conflict', `The blob has ${blob.sizeBytes} bytes here, not ${sizeBytes}`);
    }
    this.#shelf.used(blob);
    blob.progress.wanted();
    return blob.pieces;
  }

  async putPiece(digest: Digest, piece: number, bytes: Uint8Array, sha256: string): Promise<PutPiece> {
    this.#assertOpen();
    const blob = this.#get(digest);
    const { have, sizeBytes } = blob.progress;
    if (!Number.isInteger(piece) || piece < 0 || piece >= have.count) {
      throw new ShoalError('invalid-request', `A blob of ${sizeBytes} bytes has ${have.count} pieces`);
    }
    if (have.has(piece)) return { ok: true };
    const { start, end } = pieceRange(sizeBytes, piece);
    if (bytes.length !== end - start || sha256Of(bytes).toString('hex') !== sha256) {
      return { ok: false, reason: 'corrupt' };
    }
    await this.#shelf.put(blob, piece, bytes, sha256);
    return { ok: true };
  }

  async complete(digest: Digest, ifFalse?: Error): Promise<{ readonly ok: boolean }> {
    this.#assertOpen();
    return this.#shelf.complete(this.#get(digest), ifFalse);
  }

  fail(digest: Digest, error: Error): void {
    this.#shelf.index.get(digest)?.progress.fail(error);
  }

  /** Begins with the first pull; until it ends, the blob is not evicted. */
  read(
    digest: Digest,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array> {
    this.#assertOpen();
    return this.#reading.read(digest, range, signal);
  }

  async readPiece(digest: Digest, piece: number, into?: Uint8Array): Promise<Uint8Array | undefined> {
    this.#assertOpen();
    return this.#reading.readPiece(digest, piece, into);
  }

  async pin(digests: readonly Digest[], isPinned: boolean): Promise<void> {
    this.#assertOpen();
    for (const digest of digests) await this.#shelf.pin(digest, isPinned);
  }

  touch(digests: readonly Digest[]): void {
    for (const digest of digests) {
      const blob = this.#shelf.index.get(digest);
      if (blob !== undefined) this.#shelf.used(blob);
    }
  }

  async remove(digests: readonly Digest[]): Promise<void> {
    this.#assertOpen();
    for (const digest of digests) await this.#shelf.remove(digest);
  }

  async verify(digest: Digest, signal: AbortSignal): Promise<'sound' | 'damaged' | 'absent'> {
    this.#assertOpen();
    return this.#reading.verify(digest, signal);
  }

  async beginUpload(): Promise<Upload> {
    this.#assertOpen();
    return this.#uploads.begin();
  }

  upload(id: string): Upload | undefined {
    return this.#uploads.get(id);
  }

  /** When the body breaks, the bytes before that are kept and its error is thrown. */
  async append(id: string, body: AsyncIterable<Uint8Array>, offsetBytes: number | undefined): Promise<Upload> {
    this.#assertOpen();
    return this.#uploads.append(id, body, offsetBytes);
  }

  /** The upload is gone afterwards, whatever comes out. */
  async finishUpload(id: string, digest: Digest): Promise<StoredBlob> {
    this.#assertOpen();
    checkedDigest(digest);
    return this.#uploads.finish(id, digest, async (file) => (await this.#shelf.store(digest, file)).stored);
  }

  cancelUpload(id: string): Promise<void> {
    return this.#uploads.cancel(id);
  }

  /** Ends readers and pushes; what is there is synced and found again by the next `open`. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#uploads.close();
    await this.#shelf.close();
  }

  #get(digest: Digest): DiskBlob {
    const blob = this.#shelf.index.get(digest);
    if (blob === undefined) throw new ShoalError('not-found', 'There is no such blob on this host');
    return blob;
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new ShoalError('not-ready', 'The image store is closed');
  }
}

/** Digests become names of files, so what is none must not get that far. */
function checkedDigest(text: string): Digest {
  if (!isDigest(text)) throw new ShoalError('invalid-request', 'A digest is sha256: or sha512: and its hex digits');
  return text;
}

function checkSize(sizeBytes: number): void {
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new ShoalError('invalid-request', 'The size of a blob is a number of bytes');
  }
  if (sizeBytes > limits.blobBytes) {
    throw new ShoalError('too-large', `A blob has at most ${limits.blobBytes} bytes`);
  }
}

function pieceHashesOf(bytes: Uint8Array): Buffer {
  const pieces = Array.from({ length: pieceCountOf(bytes.length) }, (_, piece) => {
    const { start, end } = pieceRange(bytes.length, piece);
    return sha256Of(bytes.subarray(start, end));
  });
  return Buffer.concat(pieces);
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}
