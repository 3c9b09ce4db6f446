import { type Digest, digestParts } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { Evictable } from '../../core/images/eviction.ts';
import type { BlobStoreEvent } from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { BlobFiles } from './blob-files.ts';
import { BlobIndex } from './blob-index.ts';
import { DiskBlob } from './disk-blob.ts';
import { writing } from './disk-errors.ts';
import { KeyedLock } from './keyed-lock.ts';
import type { Layout } from './layout.ts';
import { OpenPartials } from './open-partials.ts';
import { PartialFile, removePartial } from './partial-file.ts';
import type { UploadedFile } from './uploads.ts';
import { UseMarks } from './use-marks.ts';

/** Remembered, the one that turned out first goes first. */
const FALSE_MAX = 64;

/**
 * The blobs in memory and their files, kept in step: a blob comes, is completed, pinned and goes, each under its lock, so that one
 * digest never has two things happen to its files at once.
 */
export class Shelf {
  readonly index = new BlobIndex();
  readonly lock = new KeyedLock();
  readonly #layout: Layout;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #files: BlobFiles;
  readonly #marks: UseMarks;
  readonly #openPartials = new OpenPartials();
  readonly #handlers = new Set<(event: BlobStoreEvent) => void>();
  /** Blobs that turned out to be something else, for readers who were told a moment ago that they are here. */
  readonly #false = new Map<Digest, Error>();

  constructor(layout: Layout, clock: Clock, log: Log) {
    this.#layout = layout;
    this.#clock = clock;
    this.#log = log;
    this.#files = new BlobFiles(layout);
    this.#marks = new UseMarks(layout, clock);
  }

  onEvent(handler: (event: BlobStoreEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  used(blob: DiskBlob): void {
    this.#marks.used(blob);
  }

  evictables(): readonly Evictable[] {
    return [...this.index].map((blob) => {
      const { digest, sizeBytes: bytes, isComplete, isPinned, usedAtMs } = blob;
      const isBeingRead = blob.progress.isBeingRead || blob.completing !== undefined || this.lock.isBusy(digest);
      return { digest, bytes, isComplete, isPinned, isBeingRead, usedAtMs };
    });
  }

  /** Why a blob is not here. */
  absence(digest: Digest): Error {
    return this.#false.get(digest) ?? new ShoalError('not-found', 'There is no such blob on this host');
  }

  /** The blob, made with no piece when there is none. */
  make(digest: Digest, sizeBytes: number): Promise<DiskBlob> {
    return this.lock.run(digest, async () => {
      const known = this.index.get(digest);
      if (known !== undefined) return known;
      const blob = DiskBlob.missing(digest, sizeBytes, this.#clock.nowMs());
      blob.partial = await writing(() => PartialFile.create(digest, this.#layout, blob.progress, blob));
      this.index.add(blob);
      this.#false.delete(digest);
      return blob;
    });
  }

  /** Stores a piece that has this hash. */
  async put(blob: DiskBlob, piece: number, bytes: Uint8Array, sha256: string): Promise<void> {
    const { partial } = blob;
    if (partial === undefined) return;
    this.used(blob);
    this.#openPartials.used(partial);
    await this.#unlessBroken(blob, partial, () =>
      partial.put(piece, bytes, sha256, () => blob.setPieceHash(piece, sha256)),
    );
  }

  complete(blob: DiskBlob, ifFalse?: Error): Promise<{ readonly ok: boolean }> {
    blob.completing ??= this.#complete(blob, ifFalse).finally(() => {
      blob.completing = undefined;
    });
    return blob.completing;
  }

  /** Makes a file that has the digest and is synced a blob; does not touch it when there is one. Waiting readers go on with it. */
  store(digest: Digest, { path, sizeBytes, pieces }: UploadedFile): Promise<DiskBlob> {
    return this.lock.run(digest, async () => {
      const known = this.index.get(digest);
      if (known?.isComplete) {
        this.used(known);
        return known;
      }
      const isSame = known?.sizeBytes === sizeBytes;
      const blob = isSame ? known : DiskBlob.missing(digest, sizeBytes, this.#clock.nowMs());
      await writing(() => this.#files.commit(digest, { ...blob.metadata, pieces }, path));
      if (!isSame) await this.#drop(known, new ShoalError('conflict', 'The blob turned out to have another size'));
      blob.setPieceHashes(pieces);
      blob.fileNumber++;
      this.index.add(blob);
      await this.#becomeComplete(blob);
      return blob;
    });
  }

  pin(digest: Digest, isPinned: boolean): Promise<void> {
    return this.lock.run(digest, async () => {
      const blob = this.index.get(digest);
      if (blob === undefined || blob.isPinned === isPinned) return;
      const { partial, metadata } = blob;
      await writing(() =>
        partial === undefined ? this.#files.writeMetadata(digest, { ...metadata, isPinned }) : partial.pin(isPinned),
      );
      blob.isPinned = isPinned;
      this.#marks.rewritten(blob);
    });
  }

  remove(digest: Digest): Promise<void> {
    const error = new ShoalError('not-found', 'The blob was removed meanwhile');
    return this.lock.run(digest, () => this.#drop(this.index.get(digest), error));
  }

  /** Out of the index at once, since nothing holds the lock of what may be evicted; resolves when its files are gone. */
  async evict(digest: Digest): Promise<void> {
    const gone = this.remove(digest);
    this.#log.debug({ digest }, 'Evicted a blob');
    this.#emit({ type: 'removed', digest });
    await gone;
  }

  /** Its bytes are lost. */
  async damaged(blob: DiskBlob): Promise<void> {
    const { digest } = blob;
    await this.lock.run(digest, async () => {
      if (this.index.get(digest) !== blob) return;
      this.#log.warn({ digest }, 'A blob is damaged on the disk and is removed');
      this.#emit({ type: 'removed', digest });
      await this.#drop(blob, new ShoalError('not-found', 'The blob was damaged on the disk and is removed'));
    });
  }

  async close(): Promise<void> {
    for (const { progress, partial } of this.index) {
      progress.end(new ShoalError('not-ready', 'The image store is closed'));
      await partial?.sync().catch((error: unknown) => this.#log.warn({ error }, 'A partial blob could not be synced'));
      await partial?.dispose();
    }
    await this.#marks.close();
  }

  async #complete(blob: DiskBlob, ifFalse?: Error): Promise<{ readonly ok: boolean }> {
    const { digest, partial } = blob;
    if (partial === undefined) return { ok: true };
    if (!blob.progress.have.isFull) throw new ShoalError('conflict', 'Pieces of the blob are missing');
    this.#openPartials.used(partial);
    const whole = await this.#unlessBroken(blob, partial, () => partial.whole());
    if (whole !== undefined && whole !== digestParts(digest).hex) {
      const error = ifFalse ?? new ShoalError('not-found', 'The pieces do not have the digest together');
      const [oldest] = this.#false.size >= FALSE_MAX ? this.#false.keys() : [];
      if (oldest !== undefined) this.#false.delete(oldest);
      this.#false.set(digest, error);
      await this.lock.run(digest, () => this.#drop(blob, error));
      return { ok: false };
    }
    await this.#unlessBroken(blob, partial, () =>
      this.lock.run(digest, async () => {
        if (blob.isComplete) return;
        await partial.sync();
        await this.#files.commit(digest, blob.metadata, this.#layout.partialBlob(digest));
        await this.#becomeComplete(blob);
      }),
    );
    return { ok: true };
  }

  async #becomeComplete(blob: DiskBlob): Promise<void> {
    const { digest, sizeBytes, partial } = blob;
    blob.partial = undefined;
    blob.progress.complete();
    this.used(blob);
    this.#emit({ type: 'stored', digest, sizeBytes });
    // What stays behind is removed at the next start.
    if (partial !== undefined) await this.#removePartial(digest, partial).catch(() => undefined);
  }

  /** Under the lock. Whatever uses its files still has them open, and ends with its next step. */
  async #drop(blob: DiskBlob | undefined, error: Error): Promise<void> {
    if (blob === undefined || this.index.get(blob.digest) !== blob) return;
    const { digest, partial } = blob;
    this.index.delete(digest);
    this.#marks.forget(blob);
    blob.progress.end(error);
    await writing(() => (partial === undefined ? this.#files.remove(digest) : this.#removePartial(digest, partial)));
  }

  async #removePartial(digest: Digest, partial: PartialFile): Promise<void> {
    this.#openPartials.forget(partial);
    await partial.dispose();
    await removePartial(this.#layout, digest);
  }

  /** Runs an action on the files of a partial blob; undefined when a push brought the whole meanwhile. */
  async #unlessBroken<T>(blob: DiskBlob, partial: PartialFile, action: () => Promise<T>): Promise<T | undefined> {
    try {
      return await writing(action);
    } catch (error) {
      if (blob.isComplete) return undefined;
      if (partial.isBroken) await this.damaged(blob);
      throw error;
    }
  }

  #emit(event: BlobStoreEvent): void {
    for (const handler of [...this.#handlers]) handler(event);
  }
}
