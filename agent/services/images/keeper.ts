import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { Rounds } from '../rounds.ts';
import type { Holdings } from './holdings.ts';
import type { ImageCatalog } from './image-catalog.ts';
import type { ImagePeers } from './image-peers.ts';
import type { Replication, SizedBlob } from './replication.ts';

const ROUND_MS = 10_000;
/** After a change, so that many changes make one round. */
const SOON_MS = 1_000;
/** Copies made at once: moving copies must not crowd out pulls. */
const COPIES_AT_ONCE = 2;
/** A copy may take this long, and so much more for each MiB. */
const COPY_MS = 60_000;
const COPY_MS_PER_MIB = 1_000;
/** Blobs looked at in one turn of the event loop. */
const TURN = 100;
/** Copies that this host gives up in one round. */
const RELEASED_MAX = 256;

export interface KeeperParts {
  readonly blobs: Blobs;
  readonly images: ImageCatalog;
  readonly peers: ImagePeers;
  readonly holdings: Holdings;
  readonly replication: Pick<Replication, 'keep' | 'locate'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether this member knows enough of the catalog to judge. */
  readonly isReady: () => boolean;
  /** What the host's record tells of images may have changed. */
  readonly changed: () => void;
}

/**
 * Sees to this host's own share of copies: whatever the mesh keeps and ranks this host for is brought here and pinned; what
 * it is no longer ranked for is released once those who are have it. Every host does so, so nobody has to lead.
 */
export class Keeper {
  readonly #parts: KeeperParts;
  readonly #stopped = new AbortController();
  readonly #rounds: Rounds;
  #leftBytes: number | undefined;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#rounds = new Rounds({
      ...{ clock: parts.clock, log: parts.log, what: 'a round of keeping copies' },
      ...{ soonMs: SOON_MS, everyMs: ROUND_MS, retryMs: ROUND_MS },
      round: async () => {
        if (parts.isReady()) await this.#reconcile();
      },
    });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): void {
    this.#stopped.abort(new ShoalError('not-ready', 'This agent is stopping.'));
    this.#rounds.stop();
  }

  /**
   * While this host is drained: bytes of pinned blobs that those who are to keep them do not keep yet. Undefined before it has
   * looked, and while nobody drains it.
   */
  get leftBytes(): number | undefined {
    return this.#leftBytes;
  }

  /** Members or images changed. */
  wake(): void {
    this.#rounds.wake();
  }

  async #reconcile(): Promise<void> {
    const { images, peers, holdings, blobs } = this.#parts;
    const missing: SizedBlob[] = [];
    const unpinned: SizedBlob[] = [];
    const foreign: Digest[] = [];
    let looked = 0;
    for (const [digest, sizeBytes] of images.ownBlobs()) {
      if (++looked % TURN === 0) await this.#pause();
      const isDuty = peers.holdersOf(digest).includes(peers.hostId);
      const isHeld = holdings.sizeOf(digest) !== undefined;
      if (isDuty && !isHeld) missing.push({ digest, sizeBytes });
      if (isDuty && isHeld && !holdings.isPinned(digest)) unpinned.push({ digest, sizeBytes });
      if (!isDuty && holdings.isPinned(digest)) foreign.push(digest);
    }
    if (unpinned.length > 0) {
      await blobs.pin(
        unpinned.map(({ digest }) => digest),
        true,
      );
      for (const { digest, sizeBytes } of unpinned) {
        // It may have gone while it was pinned.
        if (holdings.sizeOf(digest) !== undefined) holdings.add(digest, sizeBytes, true);
      }
    }
    await this.#bring(missing);
    await this.#release(foreign.slice(0, RELEASED_MAX));
    this.#count(foreign);
  }

  #count(foreign: readonly Digest[]): void {
    const { peers, holdings, changed } = this.#parts;
    const before = this.#leftBytes;
    this.#leftBytes = peers.isLeaving(peers.hostId)
      ? foreign
          .filter((digest) => holdings.isPinned(digest))
          .reduce((sum, digest) => sum + (holdings.sizeOf(digest) ?? 0), 0)
      : undefined;
    if (this.#leftBytes !== before) changed();
    if ((this.#leftBytes ?? 0) > 0) this.#rounds.wake();
  }

  async #bring(missing: readonly SizedBlob[]): Promise<void> {
    const { log } = this.#parts;
    const queue = [...missing];
    const work = async () => {
      for (let blob = queue.shift(); blob !== undefined; blob = queue.shift()) {
        if (this.#stopped.signal.aborted) return;
        try {
          await this.#keep(blob);
        } catch (error) {
          if (!(error instanceof ShoalError)) throw error;
          log.debug({ digest: blob.digest, error }, 'a copy could not be made now; the next round tries again');
        }
      }
    };
    await Promise.all(Array.from({ length: COPIES_AT_ONCE }, work));
  }

  /** With a deadline: a blob whose holders can't be reached must not hold up all others for ever. */
  async #keep(blob: SizedBlob): Promise<void> {
    const { replication, clock } = this.#parts;
    const late = new AbortController();
    const lateMs = COPY_MS + Math.ceil(blob.sizeBytes / 1024 ** 2) * COPY_MS_PER_MIB;
    const cancel = clock.after(lateMs, () => late.abort(new ShoalError('timeout', 'The copy takes too long.')));
    try {
      await replication.keep(blob, AbortSignal.any([late.signal, this.#stopped.signal]));
    } finally {
      cancel();
    }
  }

  /** The copy stays as a cached one, so nothing is lost if somebody is mistaken. */
  async #release(digests: readonly Digest[]): Promise<void> {
    if (digests.length === 0) return;
    const { peers, replication, blobs, holdings } = this.#parts;
    const located = await replication.locate(digests);
    const safe = digests.filter((digest) => {
      const holders = located.get(digest)?.holders ?? [];
      return peers
        .holdersOf(digest)
        .every((wanted) => holders.some(({ hostId, isPinned }) => hostId === wanted && isPinned));
    });
    await blobs.pin(safe, false);
    for (const digest of safe) {
      const sizeBytes = holdings.sizeOf(digest);
      if (sizeBytes !== undefined) holdings.add(digest, sizeBytes, false);
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.after(0, resolve));
  }
}
