import { isErrorCode, ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { REJOIN_MS } from '../../core/images/swarm/bounds.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { ImageCalls } from './calls.ts';
import type { ImagePeers } from './image-peers.ts';
import type { Want } from './want.ts';

const JOIN_CALL_MS = 2_000;
/** Until the tracker was told that the blob is whole here: only then this host takes no part any more. */
const TOLD_MS = 500;
/** Trackers without room for a blob that are passed over for the next in line. */
const FULL_TRACKERS_MAX = 8;

export interface JoiningParts {
  readonly peers: ImagePeers;
  readonly calls: Pick<ImageCalls, 'call'>;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether this is still what is wanted. */
  readonly isWanted: (want: Want) => boolean;
  /** Members to exchange it with. */
  readonly onPeers: (want: Want, peers: readonly HostId[]) => void;
  /** Nobody can give it. */
  readonly onRefused: (want: Want, error: ShoalError) => void;
}

/** Keeps the trackers of wanted blobs informed, and learns from them whom to exchange with. */
export class Joining {
  readonly #parts: JoiningParts;
  readonly #farewells = new Set<() => void>();
  #isStopped = false;

  constructor(parts: JoiningParts) {
    this.#parts = parts;
  }

  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#farewells) cancel();
  }

  /** From now on its tracker knows that it is wanted here, until it is whole or given up. */
  begin(want: Want): void {
    if (!want.isOpen || want.stopJoining !== undefined) return;
    // First: joining at this host's own tracker may come back to here at once.
    want.stopJoining = this.#parts.clock.every(REJOIN_MS, () => void this.join(want));
    void this.join(want);
  }

  /** Says to the blob's tracker that it is wanted here, and takes the members it names as peers. */
  async join(want: Want): Promise<void> {
    const { calls, log, isWanted, onPeers } = this.#parts;
    const { origin } = want;
    const { digest, sizeBytes } = want.blob;
    const tracker = this.#trackerOf(want);
    const have = Buffer.from(want.have.bits).toString('base64');
    // A host that only fetches for others does not count as one that wants it.
    const request = { digest, sizeBytes, have, ...(origin === undefined || !want.isOwn ? {} : { origin }) };
    try {
      const reply = await calls.call(tracker, 'images.join', request, { timeoutMs: JOIN_CALL_MS });
      if (this.#isStopped || !isWanted(want)) return;
      if (reply.failure !== undefined) return this.#refused(want, tracker, reply.failure);
      onPeers(want, reply.peers);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      log.debug({ tracker, digest, error }, 'the tracker of a blob did not answer');
    }
    want.opened.resolve();
  }

  /** Not wanted any more: the tracker need not count on this host. */
  leave(want: Want): void {
    const { calls, log, isWanted } = this.#parts;
    const { digest } = want.blob;
    if (this.#isStopped || isWanted(want)) return;
    calls
      .call(this.#trackerOf(want), 'images.leave', { digest }, { timeoutMs: JOIN_CALL_MS })
      .catch((error: unknown) => log.debug({ digest, error }, 'the tracker was not told; it forgets by itself'));
  }

  /** It is whole here. */
  finish(want: Want): void {
    const cancel = this.#parts.clock.after(TOLD_MS, () => {
      this.#farewells.delete(cancel);
      this.leave(want);
    });
    this.#farewells.add(cancel);
  }

  /** A tracker that can't store a blob can't fetch it for others either: the next in line does. */
  #refused(want: Want, tracker: HostId, { code, detail }: { readonly code: string; readonly detail: string }): void {
    want.fullTrackers = [...want.fullTrackers, tracker];
    const isTrackersOwn = code === 'not-stored' && tracker !== this.#parts.peers.hostId;
    if (isTrackersOwn && want.fullTrackers.length <= FULL_TRACKERS_MAX) void this.join(want);
    else this.#parts.onRefused(want, new ShoalError(isErrorCode(code) ? code : 'internal', detail));
  }

  #trackerOf({ blob: { digest }, fullTrackers }: Want): HostId {
    const { peers } = this.#parts;
    if (fullTrackers.length === 0) return peers.trackerOf(digest);
    return peers.nextFor(digest, fullTrackers, 1)[0] ?? peers.hostId;
  }
}
