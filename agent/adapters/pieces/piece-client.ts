import { constants } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { pieceRange } from '../../core/images/pieces.ts';
import type { BlobStore } from '../../ports/blob-store.ts';
import type { FetchedPiece, FetchPiece } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { BufferPool } from './buffer-pool.ts';
import { ByteSlots } from './byte-slots.ts';
import type { HostCertificate } from './certificate.ts';
import { PeerAgent } from './peer-agent.ts';
import { type DownloadEnd, PieceDownload } from './piece-download.ts';
import type { TokenBucket } from './token-bucket.ts';

const MiB = 1_048_576;
const DOWNLOAD_BOUNDS = { bytes: 64 * MiB, bytesPerPeer: 16 * MiB, waiting: 1_024 };
/** Each may cost the time of a connection attempt. */
const ADDRESSES_MAX = 8;

export interface PieceClientOptions {
  readonly store: Pick<BlobStore, 'putPiece'>;
  readonly certificate: HostCertificate;
  /** Cap of all downloads from members. */
  readonly download: TokenBucket;
  readonly buffers: BufferPool;
  readonly clock: Clock;
}

/** Brings pieces here from other members. What a peer sends is bounded in size and time, and checked before it is stored. */
export class PieceClient {
  readonly #options: PieceClientOptions;
  readonly #context: SecureContext;
  readonly #slots = new ByteSlots(DOWNLOAD_BOUNDS);
  readonly #agents = new Map<HostId, PeerAgent>();
  #members: ReadonlySet<HostId> = new Set();
  #downloadedBytes = 0;
  #wastedBytes = 0;

  constructor(options: PieceClientOptions) {
    this.#options = options;
    const { cert, key } = options.certificate;
    this.#context = createSecureContext({
      cert,
      key,
      minVersion: 'TLSv1.3',
      secureOptions: constants.SSL_OP_NO_TICKET,
    });
  }

  get stats(): { readonly downloadedBytes: number; readonly wastedBytes: number } {
    return { downloadedBytes: this.#downloadedBytes, wastedBytes: this.#wastedBytes };
  }

  /** From whom pieces may be had; connections to all others are ended at once. */
  setMembers(members: Iterable<HostId>): void {
    this.#members = new Set(members);
    for (const [host, agent] of this.#agents) {
      if (this.#members.has(host)) continue;
      agent.destroy();
      this.#agents.delete(host);
    }
  }

  /** As `Blobs.fetchPiece`. */
  async fetchPiece(request: FetchPiece, signal: AbortSignal): Promise<FetchedPiece> {
    const { start, end } = pieceRange(request.sizeBytes, request.piece);
    let release: (() => void) | undefined;
    try {
      release = await this.#slots.take(request.from.hostId, end - start, signal);
    } catch {
      return { ok: false, reason: 'cancelled' };
    }
    if (release === undefined) return { ok: false, reason: 'stalled' };
    try {
      return await this.#fetch(request, end - start, signal);
    } finally {
      release();
    }
  }

  close(): void {
    this.setMembers([]);
  }

  async #fetch(request: FetchPiece, bytes: number, signal: AbortSignal): Promise<FetchedPiece> {
    const buffer = this.#options.buffers.take(bytes);
    const got = await this.#download(request, buffer.bytes, signal);
    this.#downloadedBytes += got.ok ? bytes : got.wastedBytes;
    if (!got.ok) {
      // Not given back: a request that is being ended may still write into it.
      this.#wastedBytes += got.wastedBytes;
      return { ok: false, reason: got.reason === 'not-connected' ? 'unreachable' : got.reason };
    }
    const stored = await this.#store(request, buffer.bytes);
    buffer.giveBack();
    if (!stored.ok) this.#wastedBytes += bytes;
    return stored;
  }

  /** Asks at one address after the other until the peer is met. */
  async #download({ digest, piece, from }: FetchPiece, bytes: Buffer, signal: AbortSignal): Promise<DownloadEnd> {
    const agent = this.#agentOf(from.hostId);
    let end: DownloadEnd = { ok: false, reason: 'not-connected', wastedBytes: 0 };
    if (agent === undefined) return end;
    const { download, clock } = this.#options;
    const path = `/blobs/${digest}/pieces/${piece}`;
    for (const address of inOrder(from.addresses, agent.lastAddress)) {
      end = await PieceDownload.run({ agent, address, port: from.port, path, bytes, download, clock, signal });
      if (end.ok || end.reason !== 'not-connected') return end;
    }
    return end;
  }

  async #store({ digest, piece, sha256 }: FetchPiece, bytes: Buffer): Promise<FetchedPiece> {
    try {
      const put = await this.#options.store.putPiece(digest, piece, bytes, sha256);
      return put.ok ? { ok: true, bytes: bytes.length } : { ok: false, reason: 'corrupt' };
    } catch (error) {
      // The disk or the quota is full, or the blob was removed meanwhile.
      if (error instanceof ShoalError) return { ok: false, reason: 'not-stored' };
      throw error;
    }
  }

  #agentOf(host: HostId): PeerAgent | undefined {
    const known = this.#agents.get(host);
    if (known !== undefined || !this.#members.has(host)) return known;
    const agent = new PeerAgent(host, this.#context, this.#options.clock);
    this.#agents.set(host, agent);
    return agent;
  }
}

/** The address that worked last comes first: a dead one costs seconds. */
function inOrder(addresses: readonly string[], last: string | undefined): readonly string[] {
  const first = addresses.filter((address) => address === last);
  return [...first, ...addresses.filter((address) => address !== last)].slice(0, ADDRESSES_MAX);
}
