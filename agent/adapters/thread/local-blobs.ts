import type { Digest } from '../../../protocol/digest.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { BlobStore, BlobStoreEvent } from '../../ports/blob-store.ts';
import type { FetchOrigin, FetchPiece, TransferCaps, TransferStats } from '../../ports/blobs.ts';
import { readWhole } from '../../ports/read-whole.ts';
import type { PieceClient } from '../pieces/piece-client.ts';
import type { PieceServer } from '../pieces/piece-server.ts';
import type { TokenBucket } from '../pieces/token-bucket.ts';
import type { OriginFetcher } from '../upstream/origin-fetcher.ts';
import type { BlobCalls } from './blob-calls.ts';

export interface LocalBlobsParts {
  readonly store: BlobStore;
  readonly server: Pick<PieceServer, 'stats' | 'setMembers'>;
  readonly client: Pick<PieceClient, 'stats' | 'setMembers' | 'fetchPiece'>;
  readonly origin: Pick<OriginFetcher, 'stats' | 'fetchOrigin'>;
  readonly caps: { readonly upload: TokenBucket; readonly download: TokenBucket; readonly origin: TokenBucket };
}

/** The Blobs port where the bytes are, made of the store and the ways of bytes in and out. */
export class LocalBlobs implements BlobCalls {
  readonly #parts: LocalBlobsParts;

  constructor(parts: LocalBlobsParts) {
    this.#parts = parts;
  }

  list = async () => this.#parts.store.list();
  usage = () => this.#parts.store.usage();
  open = (digest: Digest, sizeBytes: number) => this.#parts.store.open(digest, sizeBytes);
  complete = (digest: Digest, ifFalse?: Error) => this.#parts.store.complete(digest, ifFalse);
  fail = async (digest: Digest, error: Error) => this.#parts.store.fail(digest, error);
  readAll = (digest: Digest, maxBytes: number) => readWhole(this.#parts.store, digest, maxBytes);
  write = (bytes: Uint8Array) => this.#parts.store.write(bytes);
  pin = (digests: readonly Digest[], isPinned: boolean) => this.#parts.store.pin(digests, isPinned);
  touch = async (digests: readonly Digest[]) => this.#parts.store.touch(digests);
  remove = (digests: readonly Digest[]) => this.#parts.store.remove(digests);
  verify = (digest: Digest, signal: AbortSignal) => this.#parts.store.verify(digest, signal);
  fetchPiece = (request: FetchPiece, signal: AbortSignal) => this.#parts.client.fetchPiece(request, signal);
  fetchOrigin = (request: FetchOrigin, onPiece: (piece: number, sha256: string) => void, signal: AbortSignal) =>
    this.#parts.origin.fetchOrigin(request, onPiece, signal);

  async stats(): Promise<TransferStats> {
    const { server, client, origin } = this.#parts;
    return { ...server.stats, ...client.stats, ...origin.stats };
  }

  async setMembers(members: readonly HostId[]): Promise<void> {
    this.#parts.server.setMembers(members);
    this.#parts.client.setMembers(members);
  }

  async setCaps({ uploadBytesPerS, downloadBytesPerS, originBytesPerS }: TransferCaps): Promise<void> {
    const { upload, download, origin } = this.#parts.caps;
    upload.setRate(uploadBytesPerS);
    download.setRate(downloadBytesPerS);
    origin.setRate(originBytesPerS);
  }

  watch(onEvent: (event: BlobStoreEvent) => void, signal: AbortSignal): Promise<void> {
    const stop = this.#parts.store.onEvent(onEvent);
    return new Promise((resolve) => {
      const end = () => {
        stop();
        resolve();
      };
      if (signal.aborted) end();
      else signal.addEventListener('abort', end, { once: true });
    });
  }
}
