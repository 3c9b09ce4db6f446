import type { Digest } from '../../protocol/digest.ts';
import type { HostId } from '../../protocol/ids.ts';
import type { BlobPieces, BlobStoreEvent, StoredBlob, StoreUsage } from './blob-store.ts';
import type { Upstream, UpstreamAccess } from './upstream.ts';

/** Where another member hands out pieces. */
export interface PieceSource {
  readonly hostId: HostId;
  /** IP addresses or names to try, best first. */
  readonly addresses: readonly string[];
  readonly port: number;
}

export interface FetchPiece {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly piece: number;
  /** What it must hash to, lower-case hex. */
  readonly sha256: string;
  readonly from: PieceSource;
}

export type FetchedPiece =
  | { readonly ok: true; readonly bytes: number }
  | {
      readonly ok: false;
      /**
       * - corrupt: the bytes have another hash
       * - absent: the peer does not have it, or does not let us have it
       * - unreachable, stalled: no connection; no byte for some seconds
       * - cancelled: by the caller's signal
       * - not-stored: this host's disk or quota is full
       */
      readonly reason: 'corrupt' | 'absent' | 'unreachable' | 'stalled' | 'cancelled' | 'not-stored';
    };

export interface FetchOrigin {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly access: UpstreamAccess;
  /** As the upstream knows it. */
  readonly repository: string;
  /** In this order; neighbours share one request, so one blob is one request as a rule. */
  readonly pieces: readonly number[];
}

/** Bytes each second, for everything together; undefined: no bound. */
export interface TransferCaps {
  readonly uploadBytesPerS: number | undefined;
  readonly downloadBytesPerS: number | undefined;
  readonly originBytesPerS: number | undefined;
}

/** Since the start. */
export interface TransferStats {
  readonly uploadedBytes: number;
  readonly downloadedBytes: number;
  readonly originBytes: number;
  /** Bytes of pieces that were thrown away: corrupt, late or double. */
  readonly wastedBytes: number;
  readonly uploadsOpen: number;
}

/**
 * The bytes of images on this host, and their way between hosts, as the decisions see them. The real one works in a thread of
 * its own, so every method is a message to it; what it stores is a `BlobStore`.
 */
export interface Blobs {
  /** Port at which this host hands out pieces. */
  readonly piecePort: number;
  readonly upstream: Upstream;
  list(): Promise<readonly StoredBlob[]>;
  usage(): Promise<StoreUsage>;
  stats(): Promise<TransferStats>;
  onEvent(handler: (event: BlobStoreEvent) => void): () => void;

  open(digest: Digest, sizeBytes: number): Promise<BlobPieces>;
  complete(digest: Digest, ifFalse?: Error): Promise<{ readonly ok: boolean }>;
  fail(digest: Digest, error: Error): Promise<void>;
  /** A small blob that is complete here. @throws ShoalError not-found, too-large */
  readAll(digest: Digest, maxBytes: number): Promise<Uint8Array>;
  write(bytes: Uint8Array): Promise<Digest>;
  pin(digests: readonly Digest[], isPinned: boolean): Promise<void>;
  touch(digests: readonly Digest[]): Promise<void>;
  remove(digests: readonly Digest[]): Promise<void>;
  verify(digest: Digest, signal: AbortSignal): Promise<'sound' | 'damaged' | 'absent'>;

  /** Brings one piece of an open blob here from another member, checks and stores it. Never throws for what a peer does. */
  fetchPiece(request: FetchPiece, signal: AbortSignal): Promise<FetchedPiece>;
  /**
   * Brings pieces of an open blob here from an upstream; a broken connection is taken up where it broke.
   *
   * @param onPiece called with each piece once it is stored, and its hash
   * @throws ShoalError as `Upstream` does, or not-stored
   */
  fetchOrigin(
    request: FetchOrigin,
    onPiece: (piece: number, sha256: string) => void,
    signal: AbortSignal,
  ): Promise<void>;

  /** Who may have pieces from here; connections of all others are ended at once. */
  setMembers(members: readonly HostId[]): Promise<void>;
  setCaps(caps: TransferCaps): Promise<void>;
}
