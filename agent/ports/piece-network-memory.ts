import type { Digest } from '../../protocol/digest.ts';
import type { HostId } from '../../protocol/ids.ts';
import type { BlobStore } from './blob-store.ts';
import type { TransferCaps } from './blobs.ts';
import type { Clock } from './clock.ts';
import { pause } from './pause.ts';

/** As long as the real client waits for a connection, and for a next byte. */
const CONNECT_MS = 3_000;
const STALL_MS = 5_000;

/** One host's end of the wires that pieces take. */
export interface PieceEnd {
  readonly hostId: HostId;
  readonly store: Pick<BlobStore, 'readPiece'>;
  members: ReadonlySet<HostId>;
  caps: TransferCaps;
  uploadedBytes: number;
  uploadsOpen: number;
  /** When the last byte that was asked for so far is through, each way. By the monotonic clock. */
  upFreeMs: number;
  downFreeMs: number;
}

export type CarriedPiece =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly reason: 'absent' | 'unreachable' | 'stalled' | 'cancelled' };

export interface PieceNetworkOptions {
  readonly clock: Clock;
  /** There and back. */
  readonly roundTripMs?: number;
  /** Of each host's line, either way; undefined: no bound. */
  readonly bytesPerS?: number;
}

/** The wires that pieces take between hosts in one process. Lines can be slow; links can be cut; peers can lie or fall silent. */
export class MemoryPieceNetwork {
  readonly #options: PieceNetworkOptions;
  readonly #ends = new Map<HostId, PieceEnd>();
  readonly #cuts = new Set<string>();
  readonly #liars = new Set<HostId>();
  readonly #silent = new Set<HostId>();

  constructor(options: PieceNetworkOptions) {
    this.#options = options;
  }

  /** Takes away the wire between two hosts; what is under way stalls. */
  cut(a: HostId, b: HostId): void {
    this.#cuts.add(pair(a, b));
  }

  heal(a: HostId, b: HostId): void {
    this.#cuts.delete(pair(a, b));
  }

  /** Whether a host sends other bytes than it should. */
  corrupt(hostId: HostId, isLiar = true): void {
    if (isLiar) this.#liars.add(hostId);
    else this.#liars.delete(hostId);
  }

  /** Whether a host takes requests and sends nothing. */
  stall(hostId: HostId, isSilent = true): void {
    if (isSilent) this.#silent.add(hostId);
    else this.#silent.delete(hostId);
  }

  /** @internal A restart takes the place of what was there. */
  attach(end: PieceEnd): void {
    this.#ends.set(end.hostId, end);
  }

  /** @internal */
  detach(end: PieceEnd): void {
    if (this.#ends.get(end.hostId) === end) this.#ends.delete(end.hostId);
  }

  /** @internal */
  async carry(digest: Digest, piece: number, from: HostId, to: PieceEnd, signal: AbortSignal): Promise<CarriedPiece> {
    const { clock, roundTripMs = 0 } = this.#options;
    const giver = to.members.has(from) ? this.#ends.get(from) : undefined;
    if (this.#isCut(from, to.hostId)) return late(await pause(clock, CONNECT_MS, signal), 'unreachable');
    if (!(await pause(clock, roundTripMs, signal))) return late(false, 'cancelled');
    if (giver === undefined || !giver.members.has(to.hostId)) return { ok: false, reason: 'unreachable' };
    if (this.#silent.has(from)) return late(await pause(clock, STALL_MS, signal), 'stalled');
    giver.uploadsOpen += 1;
    try {
      const bytes = await giver.store.readPiece(digest, piece);
      if (bytes === undefined) return { ok: false, reason: 'absent' };
      if (!(await pause(clock, this.#occupy(giver, to, bytes.length), signal))) return late(false, 'cancelled');
      if (this.#ends.get(from) !== giver) return { ok: false, reason: 'unreachable' };
      if (this.#isCut(from, to.hostId)) return late(await pause(clock, STALL_MS, signal), 'stalled');
      giver.uploadedBytes += bytes.length;
      return { ok: true, bytes: this.#liars.has(from) ? flipped(bytes) : bytes };
    } finally {
      giver.uploadsOpen -= 1;
    }
  }

  /** Takes its time on both lines, behind what was asked for before. How long that is from now. */
  #occupy(giver: PieceEnd, taker: PieceEnd, bytes: number): number {
    const nowMs = this.#options.clock.monotonicMs();
    giver.upFreeMs = Math.max(nowMs, giver.upFreeMs) + this.#lineMs(bytes, giver.caps.uploadBytesPerS);
    taker.downFreeMs = Math.max(nowMs, taker.downFreeMs) + this.#lineMs(bytes, taker.caps.downloadBytesPerS);
    return Math.max(giver.upFreeMs, taker.downFreeMs) - nowMs;
  }

  #lineMs(bytes: number, cap = Number.POSITIVE_INFINITY): number {
    return (bytes * 1_000) / Math.min(cap, this.#options.bytesPerS ?? Number.POSITIVE_INFINITY);
  }

  #isCut(a: HostId, b: HostId): boolean {
    return this.#cuts.has(pair(a, b));
  }
}

const pair = (a: HostId, b: HostId): string => [a, b].sort().join(' ');

const late = (isOver: boolean, reason: 'unreachable' | 'stalled' | 'cancelled'): CarriedPiece => ({
  ok: false,
  reason: isOver ? reason : 'cancelled',
});

/** An empty piece has no other bytes than its own. */
const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === 0 ? byte ^ 1 : byte));
