import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { EXCHANGE_TICK_MS } from '../../core/images/swarm/bounds.ts';
import type { OriginFailure, TrackerEffect, TrackerEvent } from '../../core/images/swarm/events.ts';
import { createTracker, isResting, stepTracker } from '../../core/images/swarm/tracker.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { Limiter } from '../host/limiter.ts';
import type { ImageCalls, ReplyOf, RequestOf } from './calls.ts';
import type { ImagePeers } from './image-peers.ts';
import type { Origins } from './origins.ts';
import { FALSE_ORIGIN, type Swarm } from './swarm.ts';
import { Ticks } from './ticks.ts';

/** Blobs fetched from other registries at once by this host; others wait for their turn. */
const FETCHES_MAX = 16;

export interface TrackingParts {
  readonly blobs: Blobs;
  readonly peers: ImagePeers;
  readonly calls: ImageCalls;
  readonly origins: Origins;
  readonly swarm: Pick<Swarm, 'want' | 'originPiece'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Serves as tracker of the blobs that this member is the steward of, and fetches them from their upstream for all. */
export class Tracking {
  readonly #parts: TrackingParts;
  readonly #tracker;
  readonly #fetching = new Limiter(FETCHES_MAX);
  readonly #leases = new Map<Digest, AbortController>();
  readonly #ticks: Ticks;

  constructor(parts: TrackingParts) {
    this.#parts = parts;
    this.#tracker = createTracker({ self: parts.peers.hostId });
    const { calls } = parts;
    calls.handle('images.join', async (from, request) => this.#join(from, request));
    calls.handle('images.leave', async (from, { digest }) => {
      this.#step({ type: 'leave', from, digest });
      return {};
    });
    calls.handle('images.announce', async (from, { held, dropped, isAll }) => {
      this.#step({ type: 'announced', from, held, dropped, isAll });
      return {};
    });
    calls.handle('images.locate', async (_from, { digests }) => ({ blobs: digests.flatMap((d) => this.#locate(d)) }));
    this.#ticks = new Ticks({
      clock: parts.clock,
      periodMs: EXCHANGE_TICK_MS,
      isActive: () => !isResting(this.#tracker),
      onTick: () => this.#step({ type: 'tick' }),
    });
  }

  stop(): void {
    this.#ticks.stop();
    for (const lease of this.#leases.values()) lease.abort(new ShoalError('not-ready', 'This agent is stopping.'));
    this.#leases.clear();
  }

  gone(peer: HostId): void {
    this.#step({ type: 'gone', peer });
  }

  membersChanged(): void {
    this.#step({ type: 'members-changed' });
  }

  #locate(digest: Digest): ReplyOf<'images.locate'>['blobs'] {
    const held = [...(this.#tracker.holders.get(digest) ?? [])];
    const [first] = held;
    if (first === undefined) return [];
    const holders = held.map(([hostId, { isPinned }]) => ({ hostId, isPinned }));
    return [{ digest, sizeBytes: first[1].sizeBytes, holders }];
  }

  #join(from: HostId, request: RequestOf<'images.join'>): ReplyOf<'images.join'> {
    const { digest, sizeBytes, have, origin } = request;
    const zone = this.#parts.peers.zoneOf(from);
    const effects = this.#step({
      type: 'join',
      from,
      zone,
      digest,
      sizeBytes,
      have: Buffer.from(have, 'base64'),
      origin,
    });
    const joined = effects.find((effect) => effect.type === 'joined');
    if (joined === undefined) return { peers: [] };
    return { peers: [...joined.peers], ...(joined.failure === undefined ? {} : { failure: { ...joined.failure } }) };
  }

  #step(event: TrackerEvent): readonly TrackerEffect[] {
    const { clock } = this.#parts;
    const effects = stepTracker(this.#tracker, event, { nowMs: clock.monotonicMs(), rng: () => clock.random() });
    this.#ticks.wake();
    for (const effect of effects) {
      if (effect.type === 'fetch-origin') void this.#fetchOrigin(effect);
      if (effect.type === 'cancel-origin') this.#leases.get(effect.digest)?.abort(unwanted());
    }
    return effects;
  }

  async #fetchOrigin(effect: Extract<TrackerEffect, { type: 'fetch-origin' }>): Promise<void> {
    const { digest } = effect;
    const lease = new AbortController();
    this.#leases.set(digest, lease);
    try {
      const { whole } = await this.#bringFromOrigin(effect, lease.signal);
      this.#step({ type: 'origin-ended', digest, failure: undefined });
      // Open here until it is whole: others take from this host what nobody else has yet.
      await whole;
    } catch (error) {
      // Called off: its end is nobody's news, and there may be another fetch by now.
      if (lease.signal.aborted) return;
      const failure = this.#failureOf(digest, error);
      this.#step({ type: failure.code === FALSE_ORIGIN ? 'origin-false' : 'origin-ended', digest, failure });
    } finally {
      if (this.#leases.get(digest) === lease) this.#leases.delete(digest);
      lease.abort(unwanted());
    }
  }

  /** Resolves when the upstream has given all pieces; then `whole` waits for the rest. */
  async #bringFromOrigin(
    { digest, sizeBytes, origin, pieces }: Extract<TrackerEffect, { type: 'fetch-origin' }>,
    signal: AbortSignal,
  ): Promise<{ readonly whole: Promise<void> }> {
    const { blobs, origins, swarm } = this.#parts;
    const { access, name } = origins.of(origin);
    const fetching = swarm.want({ digest, sizeBytes, isLease: true }, signal);
    await fetching.opened;
    const onPiece = (piece: number, sha256: string) => {
      swarm.originPiece(digest, piece, sha256);
      this.#step({ type: 'origin-piece', digest, piece });
    };
    const request = { digest, sizeBytes, access, repository: name.repository, pieces: [...pieces] };
    await this.#fetching.run(async () => {
      // Its turn may come when nobody waits for it any more.
      signal.throwIfAborted();
      await blobs.fetchOrigin(request, onPiece, signal);
    });
    return { whole: fetching.done };
  }

  #failureOf(digest: Digest, error: unknown): OriginFailure {
    if (!(error instanceof ShoalError)) throw error;
    this.#parts.log.debug({ digest, error }, 'a blob could not be fetched from its registry');
    return { code: error.code, detail: error.message };
  }
}

const unwanted = (): ShoalError => new ShoalError('cancelled', 'Nobody waits for it any more.');
