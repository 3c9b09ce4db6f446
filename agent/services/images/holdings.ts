import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { ANNOUNCED_MAX, type ImageCalls, type RequestOf } from './calls.ts';
import type { ImagePeers } from './image-peers.ts';

const ANNOUNCE_CALL_MS = 3_000;
/** Changes of one moment go out together. */
const GATHER_MS = 20;
const RETRY_MS = 1_000;
const REVIEWED_AT_ONCE = 100;

interface Held {
  readonly sizeBytes: number;
  isPinned: boolean;
  /** Members that were told. */
  told: readonly HostId[];
}

/** News for one tracker. */
interface News {
  readonly held: Set<Digest>;
  readonly dropped: Set<Digest>;
}

export interface HoldingsParts {
  readonly blobs: Blobs;
  readonly peers: ImagePeers;
  readonly calls: Pick<ImageCalls, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * What this host holds whole, and who was told. Each blob's tracker and its heir are; what they know is rebuilt from these
 * words whenever the members change, so nothing about holders is written down anywhere.
 */
export class Holdings {
  readonly #parts: HoldingsParts;
  readonly #held = new Map<Digest, Held>();
  readonly #news = new Map<HostId, News>();
  readonly #busy = new Set<HostId>();
  readonly #timers = new Map<HostId, () => void>();
  /** Trackers to be told all that concerns them, and that there is nothing else. */
  readonly #whole = new Set<HostId>();
  /** Blobs whose trackers are still to be looked up after the last change of members. */
  #review: Digest[] = [];
  #cancelReview: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: HoldingsParts) {
    this.#parts = parts;
  }

  async start(): Promise<void> {
    for (const { digest, sizeBytes, isComplete, isPinned } of await this.#parts.blobs.list()) {
      if (isComplete) this.add(digest, sizeBytes, isPinned);
    }
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelReview?.();
    for (const cancel of this.#timers.values()) cancel();
    this.#timers.clear();
  }

  sizeOf(digest: Digest): number | undefined {
    return this.#held.get(digest)?.sizeBytes;
  }

  isPinned(digest: Digest): boolean {
    return this.#held.get(digest)?.isPinned ?? false;
  }

  digests(): readonly Digest[] {
    return [...this.#held.keys()];
  }

  add(digest: Digest, sizeBytes: number, isPinned = this.isPinned(digest)): void {
    const before = this.#held.get(digest);
    if (before !== undefined && before.isPinned === isPinned) return;
    this.#held.set(digest, { sizeBytes, isPinned, told: before?.told ?? [] });
    for (const tracker of this.#parts.peers.trackersOf(digest)) this.#tell(tracker, digest, true);
  }

  remove(digest: Digest): void {
    const held = this.#held.get(digest);
    if (held === undefined) return;
    this.#held.delete(digest);
    for (const tracker of held.told) this.#tell(tracker, digest, false);
  }

  /** Blobs have other trackers now: those who have not been told yet are. */
  membersChanged(): void {
    const { peers } = this.#parts;
    for (const tracker of this.#news.keys()) if (!peers.isAlive(tracker)) this.#news.delete(tracker);
    this.#review = [...this.#held.keys()];
    this.#cancelReview?.();
    this.#reviewSome();
  }

  /** A member's agent started anew and knows nothing. */
  forgotten(by: HostId): void {
    for (const held of this.#held.values()) held.told = held.told.filter((tracker) => tracker !== by);
    this.membersChanged();
  }

  /** Everything to everybody whom it concerns, as the whole truth: repairs whatever words got lost. */
  tellAll(): void {
    for (const held of this.#held.values()) held.told = [];
    for (const tracker of this.#parts.peers.alive()) this.#whole.add(tracker);
    this.membersChanged();
    for (const tracker of this.#whole) this.#soon(tracker, GATHER_MS);
  }

  /** A few at a time: hashing thousands of blobs for hundreds of members would hold up everything else. */
  #reviewSome(): void {
    const { peers, clock } = this.#parts;
    this.#cancelReview = undefined;
    for (const digest of this.#review.splice(-REVIEWED_AT_ONCE)) {
      const held = this.#held.get(digest);
      if (held === undefined) continue;
      held.told = held.told.filter((tracker) => peers.isAlive(tracker));
      for (const tracker of peers.trackersOf(digest))
        if (!held.told.includes(tracker)) this.#tell(tracker, digest, true);
    }
    if (this.#review.length > 0) this.#cancelReview = clock.after(0, () => this.#reviewSome());
  }

  #tell(tracker: HostId, digest: Digest, isHeld: boolean): void {
    if (this.#isStopped) return;
    const news = this.#news.get(tracker) ?? { held: new Set(), dropped: new Set() };
    this.#news.set(tracker, news);
    (isHeld ? news.held : news.dropped).add(digest);
    (isHeld ? news.dropped : news.held).delete(digest);
    this.#soon(tracker, GATHER_MS);
  }

  #soon(tracker: HostId, delayMs: number): void {
    if (this.#isStopped || this.#busy.has(tracker) || this.#timers.has(tracker)) return;
    const cancel = this.#parts.clock.after(delayMs, () => {
      this.#timers.delete(tracker);
      void this.#announce(tracker);
    });
    this.#timers.set(tracker, cancel);
  }

  async #announce(tracker: HostId): Promise<void> {
    if (this.#whole.has(tracker) && this.#review.length === 0) return this.#announceWhole(tracker);
    const news = this.#news.get(tracker);
    if (news === undefined) return;
    const held = [...news.held].slice(0, ANNOUNCED_MAX);
    const dropped = [...news.dropped].slice(0, ANNOUNCED_MAX);
    // What changes from now on is news again.
    for (const digest of held) news.held.delete(digest);
    for (const digest of dropped) news.dropped.delete(digest);
    this.#busy.add(tracker);
    const entries = held.flatMap((digest) => this.#entry(digest) ?? []);
    const isTold = await this.#send(tracker, { held: entries, dropped, isAll: false });
    this.#busy.delete(tracker);
    if (isTold) for (const digest of held) this.#noteTold(digest, tracker);
    else for (const digest of [...held, ...dropped]) (this.#held.has(digest) ? news.held : news.dropped).add(digest);
    if (!this.#parts.peers.isAlive(tracker)) this.#news.delete(tracker);
    else if (news.held.size + news.dropped.size > 0) this.#soon(tracker, isTold ? 0 : RETRY_MS);
    else this.#news.delete(tracker);
  }

  async #announceWhole(tracker: HostId): Promise<void> {
    this.#whole.delete(tracker);
    const { peers } = this.#parts;
    const held = [...this.#held.keys()].filter((digest) => peers.trackersOf(digest).includes(tracker));
    // More than one call holds is told as news, without the claim that it is all.
    if (held.length > ANNOUNCED_MAX) return this.#soon(tracker, 0);
    this.#news.delete(tracker);
    this.#busy.add(tracker);
    const entries = held.flatMap((digest) => this.#entry(digest) ?? []);
    const isTold = await this.#send(tracker, { held: entries, dropped: [], isAll: true });
    this.#busy.delete(tracker);
    if (isTold) for (const digest of held) this.#noteTold(digest, tracker);
    else if (peers.isAlive(tracker)) this.#whole.add(tracker);
    if (this.#news.has(tracker) || this.#whole.has(tracker)) this.#soon(tracker, isTold ? 0 : RETRY_MS);
  }

  async #send(tracker: HostId, request: RequestOf<'images.announce'>): Promise<boolean> {
    const { calls, log } = this.#parts;
    try {
      await calls.call(tracker, 'images.announce', request, { timeoutMs: ANNOUNCE_CALL_MS });
      return true;
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      log.debug({ tracker, error }, 'a tracker was not told of blobs; it is told again');
      return false;
    }
  }

  #entry(digest: Digest) {
    const held = this.#held.get(digest);
    return held === undefined ? undefined : { digest, sizeBytes: held.sizeBytes, isPinned: held.isPinned };
  }

  #noteTold(digest: Digest, tracker: HostId): void {
    const held = this.#held.get(digest);
    if (held !== undefined && !held.told.includes(tracker)) held.told = [...held.told, tracker];
  }
}
