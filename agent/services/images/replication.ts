import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import { type BlobLocations, type ImageCalls, LOCATED_MAX } from './calls.ts';
import type { Holdings } from './holdings.ts';
import { type ImagePeers, WRITE_COPIES } from './image-peers.ts';
import type { Swarm } from './swarm.ts';

const LOCATE_CALL_MS = 2_000;
/** A copy takes this long at most, and a second for each MiB. */
const KEEP_CALL_MS = 30_000;
const KEEP_MS_PER_MIB = 1_000;
/** Longer than a command takes, and the gossip after it. */
const PROMISE_MS = 60_000;
const PROMISED_MAX = 4_096;

export interface SizedBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface ReplicationParts {
  readonly blobs: Blobs;
  readonly peers: ImagePeers;
  readonly calls: ImageCalls;
  readonly holdings: Holdings;
  readonly swarm: Pick<Swarm, 'want'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Copies of what was pushed: enough of them before anybody is told that it is safe. */
export class Replication {
  readonly #parts: ReplicationParts;
  /** Blobs that somebody was told are safe, until the record that names them is sure to be known. Monotonic time. */
  readonly #promisedUntilMs = new Map<Digest, number>();
  /** So are copies made for others, unless somebody deletes the blob on purpose. */
  readonly #copiedUntilMs = new Map<Digest, number>();

  constructor(parts: ReplicationParts) {
    this.#parts = parts;
    const { calls, blobs, holdings } = parts;
    calls.handle('images.keep', async (from, blob, signal) => {
      await this.keep({ ...blob, holder: from }, signal);
      return {};
    });
    calls.handle('images.touch', async (_from, { digests, isPromise }) => {
      const held = digests.filter((digest) => holdings.sizeOf(digest) !== undefined);
      if (isPromise) for (const digest of held) this.#promise(digest, this.#promisedUntilMs);
      await blobs.touch(held);
      return { held };
    });
  }

  /** Brings a blob here and keeps it for the mesh. @throws ShoalError when nobody can give it, or the disk is full */
  async keep(blob: SizedBlob & { readonly holder?: HostId | undefined }, signal: AbortSignal): Promise<void> {
    const { swarm, blobs, holdings } = this.#parts;
    const { digest, sizeBytes } = blob;
    this.#promise(digest, this.#copiedUntilMs);
    if (holdings.sizeOf(digest) === undefined) await swarm.want(blob, signal).done;
    await blobs.pin([digest], true);
    await blobs.touch([digest]);
    if (holdings.sizeOf(digest) === undefined) throw new ShoalError('not-stored', `${digest} was dropped meanwhile.`);
    holdings.add(digest, sizeBytes, true);
  }

  /** Whether somebody was told a moment ago that it may be referred to: it must not go now, whatever the catalog says. */
  isPromised(digest: Digest): boolean {
    const untilMs = Math.max(this.#promisedUntilMs.get(digest) ?? 0, this.#copiedUntilMs.get(digest) ?? 0);
    return untilMs > this.#parts.clock.monotonicMs();
  }

  /** Somebody deletes these: copies of them protect them no more. */
  deleted(digests: readonly Digest[]): void {
    for (const digest of digests) this.#copiedUntilMs.delete(digest);
  }

  /** Who holds these whole, as their trackers know. A tracker that does not answer knows nothing. */
  async locate(digests: readonly Digest[]): Promise<ReadonlyMap<Digest, BlobLocations[number]>> {
    return (await this.#locate(digests)).found;
  }

  async #locate(digests: readonly Digest[]) {
    const { log } = this.#parts;
    const found = new Map<Digest, BlobLocations[number]>();
    const unanswered = await this.#ask(digests, 0, found);
    // A tracker that is just dying: its heir was told the same.
    const silent = await this.#ask(unanswered, 1, found);
    if (silent.length > 0) log.debug({ count: silent.length }, 'trackers did not say who holds blobs');
    for (const digest of digests) this.#addOwn(found, digest);
    return { found, silent: new Set(silent) };
  }

  /** Asks the trackers of this rank; answers the blobs of those that did not answer. */
  async #ask(digests: readonly Digest[], rank: 0 | 1, found: Map<Digest, BlobLocations[number]>): Promise<Digest[]> {
    const { peers, calls } = this.#parts;
    const byTracker = Map.groupBy(digests, (digest) => peers.trackersOf(digest)[rank]);
    const asks = [...byTracker].flatMap(([tracker, all]) =>
      chunks(all, LOCATED_MAX).map(async (part) => {
        if (tracker === undefined) return part;
        try {
          const request = { digests: part };
          const { blobs } = await calls.call(tracker, 'images.locate', request, { timeoutMs: LOCATE_CALL_MS });
          for (const blob of blobs) found.set(blob.digest, blob);
          return [];
        } catch (error) {
          if (!(error instanceof ShoalError)) throw error;
          return part;
        }
      }),
    );
    return (await Promise.all(asks)).flat();
  }

  /** Size of a blob that somebody says to have at this moment; trackers hear of what was dropped a little later. */
  async find(digest: Digest): Promise<number | undefined> {
    const located = await this.locate([digest]);
    const confirmed = await this.#touchAll(located, false);
    return confirmed.has(digest) ? located.get(digest)?.sizeBytes : undefined;
  }

  /**
   * Makes sure that enough hosts hold each of these and will not drop them meanwhile. Answers those that nobody has.
   *
   * @throws ShoalError not-replicated when a blob is there, but not on enough hosts
   */
  async secure(blobs: readonly SizedBlob[]): Promise<readonly Digest[]> {
    const { found: located, silent } = await this.#locate(blobs.map(({ digest }) => digest));
    const confirmed = await this.#touchAll(located, true);
    const enough = this.#enough();
    const missing = blobs.filter(({ digest }) => (confirmed.get(digest) ?? 0) === 0);
    if (missing.some(({ digest }) => silent.has(digest))) {
      throw new ShoalError(
        'not-ready',
        'The members that know who holds these blobs do not answer; push again in a moment.',
      );
    }
    if (missing.length > 0) return missing.map(({ digest }) => digest);
    for (const { digest, sizeBytes } of blobs) {
      const actual = located.get(digest)?.sizeBytes;
      if (actual === undefined || actual === sizeBytes) continue;
      const detail = `The manifest says that ${digest} has ${sizeBytes} bytes; it has ${actual}.`;
      throw new ShoalError('invalid-request', detail, { faults: [{ pointer: digest, detail: `has ${actual} bytes` }] });
    }
    const thin = blobs.filter(({ digest }) => (confirmed.get(digest) ?? 0) < enough);
    await Promise.all(thin.map((blob) => this.spread(blob)));
    return [];
  }

  /**
   * Copies a blob to the hosts that are to keep it. Resolves when enough hosts hold it; the other copies are made meanwhile.
   *
   * @throws ShoalError not-replicated
   */
  async spread(blob: SizedBlob): Promise<void> {
    const { peers, holdings, blobs, log } = this.#parts;
    const { digest, sizeBytes } = blob;
    const holders = peers.holdersOf(digest);
    const isOwnDuty = holders.includes(peers.hostId) && holdings.sizeOf(digest) !== undefined;
    if (isOwnDuty && !holdings.isPinned(digest)) {
      await blobs.pin([digest], true);
      holdings.add(digest, sizeBytes, true);
    }
    const missing = this.#enough() - (holdings.sizeOf(digest) === undefined ? 0 : 1);
    const up = holders.filter((hostId) => hostId !== peers.hostId && peers.isAlive(hostId));
    // Some of those who are to keep it may be away, and count for a while as if they were not.
    const others = [...up, ...peers.nextFor(digest, [...holders, peers.hostId], Math.max(0, missing - up.length))];
    const needed = Math.min(missing, others.length);
    if (others.length === 0) return;
    const copies = others.map((hostId) => this.#keepOn(hostId, blob));
    for (const copy of copies) {
      copy.catch((error: unknown) => log.debug({ digest, error }, 'a copy was not made; it is made later'));
    }
    await someOf(copies, needed, digest);
  }

  async #keepOn(hostId: HostId, { digest, sizeBytes }: SizedBlob): Promise<void> {
    const timeoutMs = KEEP_CALL_MS + Math.ceil(sizeBytes / 1024 ** 2) * KEEP_MS_PER_MIB;
    await this.#parts.calls.call(hostId, 'images.keep', { digest, sizeBytes }, { timeoutMs });
  }

  /** How many holders of each answered that they have it, and keep it for now if that is to be a promise. */
  async #touchAll(
    located: ReadonlyMap<Digest, BlobLocations[number]>,
    isPromise: boolean,
  ): Promise<ReadonlyMap<Digest, number>> {
    const { calls, log } = this.#parts;
    const byHost = new Map<HostId, Digest[]>();
    for (const { digest, holders } of located.values()) {
      for (const { hostId } of holders) byHost.set(hostId, [...(byHost.get(hostId) ?? []), digest]);
    }
    const confirmed = new Map<Digest, number>();
    await Promise.all(
      [...byHost].map(async ([hostId, digests]) => {
        try {
          const request = { digests: digests.slice(0, LOCATED_MAX), isPromise };
          const { held } = await calls.call(hostId, 'images.touch', request, { timeoutMs: LOCATE_CALL_MS });
          for (const digest of held) confirmed.set(digest, (confirmed.get(digest) ?? 0) + 1);
        } catch (error) {
          if (!(error instanceof ShoalError)) throw error;
          log.debug({ hostId, error }, 'a holder of blobs did not answer');
        }
      }),
    );
    return confirmed;
  }

  #addOwn(found: Map<Digest, BlobLocations[number]>, digest: Digest): void {
    const { holdings, peers } = this.#parts;
    const sizeBytes = holdings.sizeOf(digest);
    if (sizeBytes === undefined) return;
    const known = found.get(digest);
    if (known?.holders.some(({ hostId }) => hostId === peers.hostId)) return;
    const own = { hostId: peers.hostId, isPinned: holdings.isPinned(digest) };
    found.set(digest, { digest, sizeBytes, holders: [...(known?.holders ?? []), own] });
  }

  #promise(digest: Digest, untilMsOf: Map<Digest, number>): void {
    const nowMs = this.#parts.clock.monotonicMs();
    if (untilMsOf.size >= PROMISED_MAX) {
      for (const [old, untilMs] of untilMsOf) if (untilMs <= nowMs) untilMsOf.delete(old);
    }
    untilMsOf.set(digest, nowMs + PROMISE_MS);
  }

  #enough(): number {
    return Math.min(WRITE_COPIES, Math.max(1, this.#parts.peers.alive().length));
  }
}

/** Resolves when `needed` have; rejects when too few are left to. */
function someOf(tasks: readonly Promise<void>[], needed: number, digest: Digest): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let done = 0;
  let failed = 0;
  if (needed <= 0) resolve();
  for (const task of tasks) {
    task.then(
      () => ++done >= needed && resolve(),
      (cause: unknown) => {
        failed += 1;
        if (tasks.length - failed >= needed) return;
        const detail = `No second host stored ${digest}; push it again.`;
        reject(new ShoalError('not-replicated', detail, { cause }));
      },
    );
  }
  return promise;
}

function chunks<T>(items: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (let at = 0; at < items.length; at += size) parts.push(items.slice(at, at + size));
  return parts;
}
