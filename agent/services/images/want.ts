import type { Digest } from '../../../protocol/digest.ts';
import type { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { PieceSet, pieceCountOf, pieceRange } from '../../core/images/pieces.ts';

/** Members that are named as sources of one transfer. */
const PEERS_SHOWN = 64;

/** A blob to bring here. */
export interface WantedBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** Repository of an upstream from which the mesh may fetch it. */
  readonly origin?: string | undefined;
  /** Known to have it whole. */
  readonly holder?: HostId | undefined;
  /** Held open for others only, by its tracker. */
  readonly isLease?: boolean;
}

/** A blob on its way here. */
export interface Fetching {
  /** Its place in the store is made, and its tracker did not say at once that nobody can give it: what arrives can be read. */
  readonly opened: Promise<void>;
  /** It is whole. Rejects with a ShoalError when nobody can give it. */
  readonly done: Promise<void>;
}

/** How far a transfer is, for people. */
export interface TransferProgress {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly doneBytes: number;
  readonly bytesPerS: number;
  readonly originBytes: number;
  readonly peers: readonly { readonly hostId: HostId; readonly doneBytes: number }[];
}

/** One blob that somebody here waits for, or that this host holds open for others. */
export class Want {
  readonly blob: WantedBlob;
  readonly have: PieceSet;
  readonly opened = Promise.withResolvers<void>();
  readonly done = Promise.withResolvers<void>();
  /** How many wait for it; it is given up when none is left. */
  users = 0;
  isOpen = false;
  /** Somebody here wants it, not only others. */
  isOwn = false;
  /** Of whoever wants it here and knows it. */
  origin: string | undefined;
  /** Of what came from the upstream to this host. */
  originBytes = 0;
  stopJoining: (() => void) | undefined;
  /** Trackers that could not fetch it for others, since their disks are full. */
  fullTrackers: readonly HostId[] = [];
  readonly #startedMs: number;
  readonly #bytesFrom = new Map<HostId, number>();
  #doneBytes = 0;
  /** Of those, what was not here when it began. */
  #movedBytes = 0;

  constructor(blob: WantedBlob, nowMs: number) {
    this.blob = blob;
    this.have = new PieceSet(pieceCountOf(blob.sizeBytes));
    this.#startedMs = nowMs;
    // Who waits is told; that nobody does is no error.
    for (const { promise } of [this.opened, this.done]) promise.catch(() => undefined);
  }

  /** Pieces that were here before. */
  resume(bits: Uint8Array): void {
    for (const piece of new PieceSet(this.have.count, bits)) this.#add(piece);
  }

  /** A piece arrived. Whether it is new. */
  gain(piece: number, from: HostId | 'origin'): boolean {
    const bytes = this.#add(piece);
    this.#movedBytes += bytes;
    if (from === 'origin') this.originBytes += bytes;
    else if (bytes > 0) this.#bytesFrom.set(from, (this.#bytesFrom.get(from) ?? 0) + bytes);
    return bytes > 0;
  }

  /** What came was not what it should be. */
  loseAll(): void {
    for (const piece of [...this.have]) this.have.delete(piece);
    this.#doneBytes = 0;
    this.originBytes = 0;
  }

  resolve(): void {
    this.stopJoining?.();
    this.opened.resolve();
    this.done.resolve();
  }

  reject(error: ShoalError): void {
    this.stopJoining?.();
    this.opened.reject(error);
    this.done.reject(error);
  }

  progress(nowMs: number): TransferProgress {
    const seconds = Math.max(0.1, (nowMs - this.#startedMs) / 1_000);
    return {
      digest: this.blob.digest,
      sizeBytes: this.blob.sizeBytes,
      doneBytes: this.#doneBytes,
      bytesPerS: Math.round(this.#movedBytes / seconds),
      originBytes: this.originBytes,
      peers: [...this.#bytesFrom].map(([hostId, doneBytes]) => ({ hostId, doneBytes })).slice(0, PEERS_SHOWN),
    };
  }

  /** Bytes that are new. */
  #add(piece: number): number {
    if (!this.have.add(piece)) return 0;
    const { start, end } = pieceRange(this.blob.sizeBytes, piece);
    this.#doneBytes += end - start;
    return end - start;
  }
}
