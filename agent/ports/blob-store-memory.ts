import { createHash } from 'node:crypto';
import { type Digest, digestParts, isDigest } from '../../protocol/digest.ts';
import { ShoalError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { chooseEvictions, quotaShortage } from '../core/images/eviction.ts';
import { PieceSet, pieceCountOf, pieceRange } from '../core/images/pieces.ts';
import { BlobProgress } from './blob-progress.ts';
import type { BlobPieces, BlobStore, BlobStoreEvent, PutPiece, StoredBlob, StoreUsage, Upload } from './blob-store.ts';
import type { Clock } from './clock.ts';

const CHUNK_BYTES = 512 * 1024;
const UPLOADS_MAX = 64;
const UPLOAD_IDLE_MS = 3_600_000;

interface MemoryBlob {
  readonly digest: Digest;
  bytes: Uint8Array;
  readonly sha256: string[];
  readonly progress: BlobProgress;
  readonly addedAtMs: number;
  usedAtMs: number;
  isPinned: boolean;
}

interface MemoryUpload {
  readonly id: string;
  bytes: Uint8Array;
  movedAtMs: number;
  isBusy: boolean;
}

/** The BlobStore port's in-memory twin, for tests and simulations: the same behaviour, on a disk of the size of its quota. */
export class MemoryBlobStore implements BlobStore {
  readonly #clock: Clock;
  #quotaBytes: number;
  readonly #blobs = new Map<Digest, MemoryBlob>();
  readonly #uploads = new Map<string, MemoryUpload>();
  readonly #handlers = new Set<(event: BlobStoreEvent) => void>();
  #uploadsBegun = 0;

  constructor({ clock, quotaBytes }: { readonly clock: Clock; readonly quotaBytes: number }) {
    this.#clock = clock;
    this.#quotaBytes = quotaBytes;
  }

  list(): readonly StoredBlob[] {
    return [...this.#blobs.values()].map(storedOf);
  }

  stat(digest: Digest): StoredBlob | undefined {
    const blob = this.#blobs.get(digest);
    return blob && storedOf(blob);
  }

  async usage(): Promise<StoreUsage> {
    const pinned = [...this.#blobs.values()].filter((blob) => blob.isPinned);
    const pinnedBytes = pinned.reduce((sum, blob) => sum + blob.bytes.length, 0);
    const [usedBytes, quotaBytes] = [this.#usedBytes(), this.#quotaBytes];
    return { blobs: this.#blobs.size, usedBytes, pinnedBytes, quotaBytes, diskFreeBytes: quotaBytes - usedBytes };
  }

  /** For tests: from now on there is room for that much. */
  setQuota(quotaBytes: number): void {
    this.#quotaBytes = quotaBytes;
  }

  onEvent(handler: (event: BlobStoreEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  async write(bytes: Uint8Array): Promise<Digest> {
    const digest = checkedDigest(`sha256:${hexOf('sha256', bytes)}`);
    if (this.#blobs.get(digest)?.progress.isComplete) this.touch([digest]);
    else {
      this.#makeRoom(bytes.length);
      this.#store(digest, bytes.slice());
    }
    return digest;
  }

  async open(digest: Digest, sizeBytes: number): Promise<BlobPieces> {
    checkedDigest(digest);
    if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) throw new ShoalError('invalid-request', 'No size of a blob');
    if (sizeBytes > limits.blobBytes) throw new ShoalError('too-large', 'The blob is too large');
    if (!this.#blobs.has(digest)) {
      this.#makeRoom(sizeBytes);
      this.#make(digest, sizeBytes);
    }
    const { progress, sha256 } = this.#get(digest);
    if (progress.sizeBytes !== sizeBytes) throw new ShoalError('conflict', 'The blob has another size here');
    progress.wanted();
    this.touch([digest]);
    return { sizeBytes, isComplete: progress.isComplete, have: progress.have.bits.slice(), sha256: [...sha256] };
  }

  async putPiece(digest: Digest, piece: number, bytes: Uint8Array, sha256: string): Promise<PutPiece> {
    const blob = this.#get(digest);
    const { have, sizeBytes } = blob.progress;
    if (!Number.isInteger(piece) || piece < 0 || piece >= have.count) {
      throw new ShoalError('invalid-request', 'The blob has no such piece');
    }
    if (have.has(piece)) return { ok: true };
    const { start, end } = pieceRange(sizeBytes, piece);
    if (bytes.length !== end - start || hexOf('sha256', bytes) !== sha256) return { ok: false, reason: 'corrupt' };
    this.touch([digest]);
    blob.bytes.set(bytes, start);
    blob.sha256[piece] = sha256;
    blob.progress.add(piece);
    return { ok: true };
  }

  async complete(digest: Digest, ifFalse?: Error): Promise<{ readonly ok: boolean }> {
    const { bytes, progress } = this.#get(digest);
    if (progress.isComplete) return { ok: true };
    if (!progress.have.isFull) throw new ShoalError('conflict', 'Pieces of the blob are missing');
    if (!hasDigest(bytes, digest)) {
      this.#drop(digest, ifFalse ?? new ShoalError('not-found', 'The pieces do not have the digest together'));
      return { ok: false };
    }
    this.#store(digest, bytes);
    return { ok: true };
  }

  fail(digest: Digest, error: Error): void {
    this.#blobs.get(digest)?.progress.fail(error);
  }

  async *read(
    digest: Digest,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    const blob = this.#get(digest);
    const isWhole = Number.isInteger(range.start) && Number.isInteger(range.end);
    if (!(isWhole && range.start >= 0 && range.start <= range.end && range.end <= blob.progress.sizeBytes)) {
      throw new ShoalError('invalid-request', 'The blob has no such range');
    }
    this.touch([digest]);
    for await (const { start, end } of blob.progress.walk(range, CHUNK_BYTES, signal)) {
      yield blob.bytes.slice(start, end);
    }
  }

  async readPiece(digest: Digest, piece: number, into?: Uint8Array): Promise<Uint8Array | undefined> {
    const blob = this.#blobs.get(digest);
    if (blob === undefined || !(piece < blob.progress.have.count && blob.progress.have.has(piece))) return undefined;
    this.touch([digest]);
    const { start, end } = pieceRange(blob.progress.sizeBytes, piece);
    const bytes = blob.bytes.slice(start, end);
    if (into !== undefined && into.length !== bytes.length) return undefined;
    into?.set(bytes);
    return into ?? bytes;
  }

  async pin(digests: readonly Digest[], isPinned: boolean): Promise<void> {
    for (const digest of digests) {
      const blob = this.#blobs.get(digest);
      if (blob !== undefined) blob.isPinned = isPinned;
    }
  }

  touch(digests: readonly Digest[]): void {
    for (const digest of digests) {
      const blob = this.#blobs.get(digest);
      if (blob !== undefined) blob.usedAtMs = this.#clock.nowMs();
    }
  }

  async remove(digests: readonly Digest[]): Promise<void> {
    for (const digest of digests) this.#drop(digest, new ShoalError('not-found', 'The blob was removed meanwhile'));
  }

  async verify(digest: Digest, signal: AbortSignal): Promise<'sound' | 'damaged' | 'absent'> {
    signal.throwIfAborted();
    const blob = this.#blobs.get(digest);
    if (blob === undefined) return 'absent';
    if (isSound(blob)) return 'sound';
    this.#emit({ type: 'removed', digest });
    this.#drop(digest, new ShoalError('not-found', 'The blob was damaged on the disk and is removed'));
    return 'damaged';
  }

  /** What a bad disk does: changes one byte. For tests. */
  damage(digest: Digest, position: number): void {
    const { bytes } = this.#get(digest);
    bytes[position] = (bytes[position] ?? 0) ^ 1;
  }

  async beginUpload(): Promise<Upload> {
    this.#endIdleUploads();
    if (this.#uploads.size >= UPLOADS_MAX) throw new ShoalError('rate-limited', 'Too many pushes are under way');
    const id = `00000000-0000-4000-8000-${String(++this.#uploadsBegun).padStart(12, '0')}`;
    this.#uploads.set(id, { id, bytes: new Uint8Array(), movedAtMs: this.#clock.nowMs(), isBusy: false });
    return { id, offsetBytes: 0 };
  }

  upload(id: string): Upload | undefined {
    this.#endIdleUploads();
    const upload = this.#uploads.get(id);
    return upload && { id, offsetBytes: upload.bytes.length };
  }

  async append(id: string, body: AsyncIterable<Uint8Array>, offsetBytes: number | undefined): Promise<Upload> {
    const upload = this.#uploadAlone(id);
    const at = upload.bytes.length;
    if (offsetBytes !== undefined && offsetBytes !== at) {
      throw new ShoalError('conflict', `The upload stands at ${at} bytes, not at ${offsetBytes}`);
    }
    upload.isBusy = true;
    try {
      for await (const chunk of body) {
        if (this.#uploads.get(id) !== upload) throw unknownUpload();
        if (upload.bytes.length + chunk.length > limits.blobBytes) throw new ShoalError('too-large', 'Too large');
        this.#makeRoom(chunk.length);
        upload.bytes = joined(upload.bytes, chunk);
        upload.movedAtMs = this.#clock.nowMs();
      }
    } finally {
      upload.isBusy = false;
    }
    return { id, offsetBytes: upload.bytes.length };
  }

  async finishUpload(id: string, digest: Digest): Promise<StoredBlob> {
    checkedDigest(digest);
    const { bytes } = this.#uploadAlone(id);
    this.#uploads.delete(id);
    if (!hasDigest(bytes, digest)) {
      throw new ShoalError('invalid-request', `What was uploaded does not have the digest ${digest}`);
    }
    if (this.#blobs.get(digest)?.progress.isComplete) this.touch([digest]);
    else this.#store(digest, bytes);
    return storedOf(this.#get(digest));
  }

  async cancelUpload(id: string): Promise<void> {
    this.#uploads.delete(id);
  }

  #get(digest: Digest): MemoryBlob {
    const blob = this.#blobs.get(digest);
    if (blob === undefined) throw new ShoalError('not-found', 'There is no such blob on this host');
    return blob;
  }

  #make(digest: Digest, sizeBytes: number): MemoryBlob {
    const count = pieceCountOf(sizeBytes);
    const progress = new BlobProgress(sizeBytes, new PieceSet(count), false);
    const nowMs = this.#clock.nowMs();
    const [bytes, sha256] = [new Uint8Array(sizeBytes), Array.from({ length: count }, () => '')];
    const blob = { digest, bytes, sha256, progress, addedAtMs: nowMs, usedAtMs: nowMs, isPinned: false };
    this.#blobs.set(digest, blob);
    return blob;
  }

  /** Makes bytes with this digest a complete blob; there is room for them. */
  #store(digest: Digest, bytes: Uint8Array): void {
    const sizeBytes = bytes.length;
    if (this.#blobs.get(digest)?.progress.sizeBytes !== sizeBytes) {
      this.#drop(digest, new ShoalError('not-found', 'The blob turned out to have another size'));
    }
    const blob = this.#blobs.get(digest) ?? this.#make(digest, sizeBytes);
    blob.bytes = bytes;
    for (let piece = 0; piece < blob.progress.have.count; piece++) {
      const { start, end } = pieceRange(sizeBytes, piece);
      blob.sha256[piece] = hexOf('sha256', bytes.subarray(start, end));
    }
    this.touch([digest]);
    blob.progress.complete();
    this.#emit({ type: 'stored', digest, sizeBytes });
  }

  #drop(digest: Digest, error: Error): void {
    const blob = this.#blobs.get(digest);
    this.#blobs.delete(digest);
    blob?.progress.end(error);
  }

  #usedBytes(): number {
    let bytes = 0;
    for (const blob of this.#blobs.values()) bytes += blob.progress.sizeBytes;
    for (const upload of this.#uploads.values()) bytes += upload.bytes.length;
    return bytes;
  }

  #makeRoom(neededBytes: number): void {
    const shortage = quotaShortage(this.#usedBytes(), neededBytes, this.#quotaBytes);
    const candidates = [...this.#blobs.values()].map(({ digest, progress, isPinned, usedAtMs }) => {
      const { sizeBytes: bytes, isComplete, isBeingRead } = progress;
      return { digest, bytes, isComplete, isPinned, isBeingRead, usedAtMs };
    });
    const chosen = chooseEvictions(candidates, shortage, this.#clock.nowMs());
    if (chosen === undefined) {
      throw new ShoalError('not-stored', `The image store has no room for ${neededBytes} bytes`);
    }
    for (const digest of chosen) {
      this.#drop(digest, new ShoalError('not-found', 'The blob was evicted'));
      this.#emit({ type: 'removed', digest });
    }
  }

  #uploadAlone(id: string): MemoryUpload {
    this.#endIdleUploads();
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw unknownUpload();
    if (upload.isBusy) throw new ShoalError('conflict', 'Another request of the same upload is under way');
    return upload;
  }

  #endIdleUploads(): void {
    const oldestMs = this.#clock.nowMs() - UPLOAD_IDLE_MS;
    for (const { id, movedAtMs } of [...this.#uploads.values()]) if (movedAtMs <= oldestMs) this.#uploads.delete(id);
  }

  #emit(event: BlobStoreEvent): void {
    for (const handler of [...this.#handlers]) handler(event);
  }
}

const hexOf = (algorithm: string, bytes: Uint8Array): string => createHash(algorithm).update(bytes).digest('hex');

function hasDigest(bytes: Uint8Array, digest: Digest): boolean {
  const { algorithm, hex } = digestParts(digest);
  return hexOf(algorithm, bytes) === hex;
}

function isSound({ digest, bytes, sha256, progress }: MemoryBlob): boolean {
  if (progress.isComplete) return hasDigest(bytes, digest);
  return [...progress.have].every((piece) => {
    const { start, end } = pieceRange(bytes.length, piece);
    return hexOf('sha256', bytes.subarray(start, end)) === sha256[piece];
  });
}

function checkedDigest(text: string): Digest {
  if (!isDigest(text)) throw new ShoalError('invalid-request', 'A digest is sha256: or sha512: and its hex digits');
  return text;
}

function storedOf({ digest, progress, isPinned, usedAtMs, addedAtMs }: MemoryBlob): StoredBlob {
  const { sizeBytes, isComplete, heldBytes } = progress;
  return { digest, sizeBytes, isComplete, isPinned, heldBytes, usedAtMs, addedAtMs };
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}

const unknownUpload = () => new ShoalError('not-found', 'There is no such upload');
