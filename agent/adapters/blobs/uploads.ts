import { createHash, type Hash, randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { type Digest, digestParts } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Upload } from '../../ports/blob-store.ts';
import type { Clock } from '../../ports/clock.ts';
import { writing } from './disk-errors.ts';
import { CHUNK_BYTES, hashFile, writeFully } from './file-bytes.ts';
import type { Layout } from './layout.ts';
import type { Room } from './room.ts';

const UPLOADS_MAX = 64;
/** When there are too many, those that stand still for so long make room: their clients are most likely gone. */
const STILL_MS = 60_000;
const IDLE_MS = 3_600_000;
const SWEEP_MS = 60_000;

interface OpenUpload {
  readonly id: string;
  readonly path: string;
  readonly file: FileHandle;
  readonly hash: Hash;
  offsetBytes: number;
  movedAtMs: number;
  isBusy: boolean;
  isGone: boolean;
}

/** The bytes of a push that has its digest, synced, and still where the upload wrote them. */
export interface UploadedFile {
  readonly path: string;
  readonly sizeBytes: number;
  /** SHA-256 of each piece, one behind the other. */
  readonly pieces: Buffer;
}

/** Pushes that are under way. None outlives the process: what it leaves is removed at the next start. */
export class Uploads {
  readonly #layout: Layout;
  readonly #clock: Clock;
  readonly #room: Room;
  readonly #uploads = new Map<string, OpenUpload>();
  readonly #stopSweeping: () => void;
  #opening = 0;

  constructor(layout: Layout, clock: Clock, room: Room) {
    this.#layout = layout;
    this.#clock = clock;
    this.#room = room;
    this.#stopSweeping = clock.every(SWEEP_MS, () => {
      // What can't be removed now is removed at the next start.
      this.#sweep(IDLE_MS).catch(() => undefined);
    });
  }

  get usedBytes(): number {
    let bytes = 0;
    for (const { offsetBytes } of this.#uploads.values()) bytes += offsetBytes;
    return bytes;
  }

  /** @throws ShoalError rate-limited, not-stored */
  async begin(): Promise<Upload> {
    if (this.#uploads.size + this.#opening >= UPLOADS_MAX) await this.#sweep(STILL_MS);
    if (this.#uploads.size + this.#opening >= UPLOADS_MAX) {
      throw new ShoalError('rate-limited', `${UPLOADS_MAX} pushes are under way on this host. Try again later.`);
    }
    const id = randomUUID();
    const path = this.#layout.upload(id);
    this.#opening++;
    try {
      const file = await writing(() => open(path, 'wx+', 0o600));
      const [hash, movedAtMs] = [createHash('sha256'), this.#clock.nowMs()];
      this.#uploads.set(id, { id, path, file, hash, offsetBytes: 0, movedAtMs, isBusy: false, isGone: false });
    } finally {
      this.#opening--;
    }
    return { id, offsetBytes: 0 };
  }

  get(id: string): Upload | undefined {
    const upload = this.#uploads.get(id);
    return upload && { id, offsetBytes: upload.offsetBytes };
  }

  /** What came before the body broke is kept. @throws ShoalError, or what the body throws */
  append(id: string, body: AsyncIterable<Uint8Array>, offsetBytes: number | undefined): Promise<Upload> {
    return this.#alone(id, async (upload) => {
      if (offsetBytes !== undefined && offsetBytes !== upload.offsetBytes) {
        throw new ShoalError('conflict', `The upload stands at ${upload.offsetBytes} bytes, not at ${offsetBytes}`);
      }
      const waiting: Uint8Array[] = [];
      let waitingBytes = 0;
      const flush = async () => {
        const bytes = waiting.length === 1 ? waiting[0] : Buffer.concat(waiting);
        waiting.length = 0;
        waitingBytes = 0;
        if (bytes !== undefined && bytes.length > 0) await this.#write(upload, bytes);
      };
      try {
        for await (const chunk of body) {
          waiting.push(chunk);
          waitingBytes += chunk.length;
          if (waitingBytes >= CHUNK_BYTES) await flush();
        }
      } finally {
        await flush();
      }
      return { id, offsetBytes: upload.offsetBytes };
    });
  }

  /**
   * Checks the bytes and syncs them; then `store` moves the file. The upload is gone afterwards, whatever comes out.
   *
   * @throws ShoalError invalid-request when the bytes do not have the digest
   */
  finish<T>(id: string, digest: Digest, store: (file: UploadedFile) => Promise<T>): Promise<T> {
    return this.#alone(id, async (upload) => {
      try {
        return await store(await this.#check(upload, digest));
      } finally {
        await this.#discard(upload);
      }
    });
  }

  async cancel(id: string): Promise<void> {
    const upload = this.#uploads.get(id);
    if (upload !== undefined) await this.#discard(upload);
  }

  async close(): Promise<void> {
    this.#stopSweeping();
    await Promise.all([...this.#uploads.keys()].map((id) => this.cancel(id)));
  }

  async #write(upload: OpenUpload, bytes: Uint8Array): Promise<void> {
    if (upload.offsetBytes + bytes.length > limits.blobBytes) {
      throw new ShoalError('too-large', `A blob has at most ${limits.blobBytes} bytes`);
    }
    await this.#room.with(bytes.length, async () => {
      if (upload.isGone) throw unknownUpload();
      // A write that fails half-way is written over by the next.
      await writing(() => writeFully(upload.file, bytes, upload.offsetBytes));
      upload.hash.update(bytes);
      upload.offsetBytes += bytes.length;
      upload.movedAtMs = this.#clock.nowMs();
    });
  }

  async #check(upload: OpenUpload, digest: Digest): Promise<UploadedFile> {
    const { path, file, hash, offsetBytes: sizeBytes } = upload;
    const { algorithm, hex } = digestParts(digest);
    if (algorithm === 'sha256' && hash.digest('hex') !== hex) throw wrongDigest(digest);
    await writing(async () => {
      await file.truncate(sizeBytes);
      await file.sync();
    });
    const hashes = await writing(() => hashFile(file, sizeBytes, algorithm === 'sha256' ? undefined : algorithm));
    if (hashes === undefined || (hashes.whole ?? hex) !== hex) throw wrongDigest(digest);
    return { path, sizeBytes, pieces: hashes.pieces };
  }

  async #alone<T>(id: string, action: (upload: OpenUpload) => Promise<T>): Promise<T> {
    const upload = this.#uploads.get(id);
    if (upload === undefined) throw unknownUpload();
    if (upload.isBusy) throw new ShoalError('conflict', 'Another request of the same upload is under way');
    upload.isBusy = true;
    upload.movedAtMs = this.#clock.nowMs();
    try {
      return await action(upload);
    } finally {
      upload.isBusy = false;
      if (upload.isGone) await upload.file.close();
    }
  }

  async #discard(upload: OpenUpload): Promise<void> {
    if (upload.isGone) return;
    upload.isGone = true;
    this.#uploads.delete(upload.id);
    if (!upload.isBusy) await upload.file.close();
    await rm(upload.path, { force: true }).catch(() => undefined);
  }

  async #sweep(idleMs: number): Promise<void> {
    const oldestMs = this.#clock.nowMs() - idleMs;
    for (const upload of [...this.#uploads.values()]) {
      if (upload.movedAtMs <= oldestMs) await this.#discard(upload);
    }
  }
}

const unknownUpload = () => new ShoalError('not-found', 'There is no such upload');

const wrongDigest = (digest: Digest) =>
  new ShoalError('invalid-request', `What was uploaded does not have the digest ${digest}`);
