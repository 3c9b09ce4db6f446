import type { Digest } from '../../protocol/digest.ts';

/** A blob on this host's disk, whole or partly there. */
export interface StoredBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** False while pieces are missing, or the whole was not checked against its digest yet. */
  readonly isComplete: boolean;
  /** Kept for the mesh: never evicted. */
  readonly isPinned: boolean;
  /** Bytes of it on the disk. */
  readonly heldBytes: number;
  /** Last time that somebody asked for it. Milliseconds since the epoch; survives a restart. */
  readonly usedAtMs: number;
  readonly addedAtMs: number;
}

/** What is there of a blob, piece by piece. Pieces are cut by `core/images/pieces.ts`. */
export interface BlobPieces {
  readonly sizeBytes: number;
  readonly isComplete: boolean;
  /** One bit a piece, as `PieceSet.bits`. */
  readonly have: Uint8Array;
  /** SHA-256 of each piece, lower-case hex; empty for pieces that are not there. */
  readonly sha256: readonly string[];
}

export type PutPiece =
  | { readonly ok: true }
  /** The bytes do not have the hash that they should. */
  | { readonly ok: false; readonly reason: 'corrupt' };

export interface StoreUsage {
  readonly blobs: number;
  readonly usedBytes: number;
  readonly pinnedBytes: number;
  readonly quotaBytes: number;
  readonly diskFreeBytes: number;
}

/** A push that is under way. */
export interface Upload {
  readonly id: string;
  /** Bytes taken so far. */
  readonly offsetBytes: number;
}

/** What changed by itself, or through somebody else of the same thread. */
export type BlobStoreEvent =
  | { readonly type: 'stored'; readonly digest: Digest; readonly sizeBytes: number }
  /** Evicted, or found to be damaged. */
  | { readonly type: 'removed'; readonly digest: Digest };

/**
 * Content-addressed blobs on one host's disk. What is complete was synced and has its digest; a partial blob keeps a
 * journal of its pieces, so that a restart costs no more than what was in flight. Unpinned blobs are evicted, longest unused
 * first, down to 70 % of the quota when a write would bring them over 90 % of it; what is being read stays.
 *
 * Errors are ShoalErrors: `not-stored` (disk or quota full), `not-found`, `invalid-request`, `conflict`, `too-large`.
 */
export interface BlobStore {
  list(): readonly StoredBlob[];
  stat(digest: Digest): StoredBlob | undefined;
  usage(): Promise<StoreUsage>;
  onEvent(handler: (event: BlobStoreEvent) => void): () => void;

  /** Small blobs made here: manifests. Synced when it resolves. */
  write(bytes: Uint8Array): Promise<Digest>;
  /** Makes room for a blob whose pieces will come, or goes on with what is there; also for complete ones. @throws conflict when the size differs */
  open(digest: Digest, sizeBytes: number): Promise<BlobPieces>;
  /** Stores one piece after checking its hash. A piece that is there is fine. */
  putPiece(digest: Digest, piece: number, bytes: Uint8Array, sha256: string): Promise<PutPiece>;
  /**
   * Once every piece is there: checks the whole. When it is not what it should be, the partial blob is dropped, and its readers
   * end with `ifFalse`: what they were given must not be taken further.
   */
  complete(digest: Digest, ifFalse?: Error): Promise<{ readonly ok: boolean }>;
  /**
   * Readers that wait for missing pieces of a partial blob end with this error, those that begin before it is opened again too;
   * its pieces stay.
   */
  fail(digest: Digest, error: Error): void;

  /**
   * The bytes `[start, end)` in order. Of a partial blob it waits for pieces that are not here yet, and gives the last piece only
   * once the whole has its digest. Ends with an error when the blob fails or is removed. At most 1 MiB a chunk.
   */
  read(
    digest: Digest,
    range: { readonly start: number; readonly end: number },
    signal: AbortSignal,
  ): AsyncIterable<Uint8Array>;

  /**
   * The stored bytes of one piece, also of a partial blob; undefined when it is not here.
   *
   * @param into takes the bytes; as long as the piece is
   */
  readPiece(digest: Digest, piece: number, into?: Uint8Array): Promise<Uint8Array | undefined>;

  pin(digests: readonly Digest[], isPinned: boolean): Promise<void>;
  /** Counts as used now. */
  touch(digests: readonly Digest[]): void;
  /** Absent ones are fine. */
  remove(digests: readonly Digest[]): Promise<void>;
  /** Reads it all again; a damaged one is removed. */
  verify(digest: Digest, signal: AbortSignal): Promise<'sound' | 'damaged' | 'absent'>;

  /** @throws rate-limited when too many are open */
  beginUpload(): Promise<Upload>;
  upload(id: string): Upload | undefined;
  /**
   * Appends a body. One at a time for each upload.
   *
   * @throws conflict when `offsetBytes` is given and is not where the upload stands, too-large, not-stored
   */
  append(id: string, body: AsyncIterable<Uint8Array>, offsetBytes: number | undefined): Promise<Upload>;
  /** Makes it a blob; synced when it resolves. @throws invalid-request when the bytes do not have the digest; the upload is gone then */
  finishUpload(id: string, digest: Digest): Promise<StoredBlob>;
  /** Absent is fine. Uploads that stand still for an hour end by themselves. */
  cancelUpload(id: string): Promise<void>;
}
