import { createHash } from 'node:crypto';
import type { Digest } from '../../protocol/digest.ts';
import { ShoalError } from '../../protocol/errors.ts';
import type { HostId } from '../../protocol/ids.ts';
import { pieceRange } from '../core/images/pieces.ts';
import type { BlobPieces, BlobStore, BlobStoreEvent, StoredBlob, StoreUsage } from './blob-store.ts';
import type { Blobs, FetchedPiece, FetchOrigin, FetchPiece, TransferCaps, TransferStats } from './blobs.ts';
import type { MemoryPieceNetwork, PieceEnd } from './piece-network-memory.ts';
import { readWhole } from './read-whole.ts';
import type { MemoryUpstream } from './upstream-memory.ts';

export interface MemoryBlobsOptions {
  readonly hostId: HostId;
  /** Outlives the agent, as a disk does. */
  readonly store: BlobStore;
  readonly network: MemoryPieceNetwork;
  readonly upstream: MemoryUpstream;
}

const NO_CAPS: TransferCaps = { uploadBytesPerS: undefined, downloadBytesPerS: undefined, originBytesPerS: undefined };

/**
 * The Blobs port's in-memory twin, for simulations of whole agents: the store is a twin too, bytes travel through a
 * `MemoryPieceNetwork`, other registries are a `MemoryUpstream`, and all that takes time takes the clock's.
 */
export class MemoryBlobs implements Blobs {
  readonly piecePort = 7_422;
  readonly upstream: MemoryUpstream;
  readonly #store: BlobStore;
  readonly #network: MemoryPieceNetwork;
  readonly #end: PieceEnd;
  readonly #handlers = new Set<(event: BlobStoreEvent) => void>();
  readonly #stopped = new AbortController();
  readonly #stopStore: () => void;
  readonly #got = { downloadedBytes: 0, originBytes: 0, wastedBytes: 0 };

  /** Of a host that has one already it takes the place: a restart. */
  constructor({ hostId, store, network, upstream }: MemoryBlobsOptions) {
    this.upstream = upstream;
    this.#store = store;
    this.#network = network;
    this.#end = {
      hostId,
      store,
      members: new Set(),
      caps: NO_CAPS,
      uploadedBytes: 0,
      uploadsOpen: 0,
      upFreeMs: 0,
      downFreeMs: 0,
    };
    this.#stopStore = store.onEvent((event) => {
      for (const handler of this.#handlers) handler(event);
    });
    network.attach(this.#end);
  }

  /** Ends at once, as its process does: transfers end, peers find nobody. */
  stop(): void {
    this.#network.detach(this.#end);
    this.#stopStore();
    this.#handlers.clear();
    this.#stopped.abort();
  }

  async list(): Promise<readonly StoredBlob[]> {
    return this.#store.list();
  }

  usage(): Promise<StoreUsage> {
    return this.#store.usage();
  }

  async stats(): Promise<TransferStats> {
    const { uploadedBytes, uploadsOpen } = this.#end;
    return { ...this.#got, uploadedBytes, uploadsOpen };
  }

  onEvent(handler: (event: BlobStoreEvent) => void): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  open(digest: Digest, sizeBytes: number): Promise<BlobPieces> {
    return this.#store.open(digest, sizeBytes);
  }

  complete(digest: Digest, ifFalse?: Error): Promise<{ readonly ok: boolean }> {
    return this.#store.complete(digest, ifFalse);
  }

  async fail(digest: Digest, error: Error): Promise<void> {
    this.#store.fail(digest, error);
  }

  readAll(digest: Digest, maxBytes: number): Promise<Uint8Array> {
    return readWhole(this.#store, digest, maxBytes);
  }

  write(bytes: Uint8Array): Promise<Digest> {
    return this.#store.write(bytes);
  }

  pin(digests: readonly Digest[], isPinned: boolean): Promise<void> {
    return this.#store.pin(digests, isPinned);
  }

  async touch(digests: readonly Digest[]): Promise<void> {
    this.#store.touch(digests);
  }

  remove(digests: readonly Digest[]): Promise<void> {
    return this.#store.remove(digests);
  }

  verify(digest: Digest, signal: AbortSignal): Promise<'sound' | 'damaged' | 'absent'> {
    return this.#store.verify(digest, signal);
  }

  async fetchPiece({ digest, piece, sha256, from }: FetchPiece, signal: AbortSignal): Promise<FetchedPiece> {
    const ended = AbortSignal.any([signal, this.#stopped.signal]);
    const carried = await this.#network.carry(digest, piece, from.hostId, this.#end, ended);
    if (!carried.ok) return carried;
    const bytes = carried.bytes.length;
    this.#got.downloadedBytes += bytes;
    try {
      const put = await this.#store.putPiece(digest, piece, carried.bytes, sha256);
      if (put.ok) return { ok: true, bytes };
      this.#got.wastedBytes += bytes;
      return { ok: false, reason: 'corrupt' };
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.#got.wastedBytes += bytes;
      return { ok: false, reason: 'not-stored' };
    }
  }

  /** One request for each run of neighbours. A broken connection is not taken up again: what is down here stays down. */
  async fetchOrigin(
    { digest, sizeBytes, access, repository, pieces }: FetchOrigin,
    onPiece: (piece: number, sha256: string) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const ended = AbortSignal.any([signal, this.#stopped.signal]);
    let whole: Uint8Array | undefined;
    for (const [at, piece] of pieces.entries()) {
      if (whole === undefined || pieces[at - 1] !== piece - 1)
        whole = await this.upstream.openBlob(access, repository, digest, ended);
      if (whole.length !== sizeBytes)
        throw new ShoalError('upstream-unavailable', `${access.url} has another size for ${digest}.`);
      const { start, end } = pieceRange(sizeBytes, piece);
      await this.upstream.send(access, end - start, this.#end.caps.originBytesPerS, ended);
      const bytes = whole.slice(start, end);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      this.#got.originBytes += bytes.length;
      await this.#store.putPiece(digest, piece, bytes, sha256);
      onPiece(piece, sha256);
    }
  }

  async setMembers(members: readonly HostId[]): Promise<void> {
    this.#end.members = new Set(members);
  }

  async setCaps(caps: TransferCaps): Promise<void> {
    this.#end.caps = caps;
  }
}
