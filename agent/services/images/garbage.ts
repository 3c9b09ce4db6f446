import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { parseResolvedImage } from '../../../protocol/image-reference.ts';
import type { ManifestRecord, TagRecord } from '../../../protocol/schemas/image.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import { type ImageUse, isExpired, type Reachable, reachable } from '../../core/images/reachable.ts';
import { blobsOf } from '../../core/images/sizes.ts';
import { retentionWrites } from '../../core/model/tags.ts';
import type { Write } from '../../core/model/verdict.ts';
import { stewardOf } from '../../core/rendezvous.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Steward } from '../commands/steward.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { ImageCalls } from './calls.ts';
import type { Holdings } from './holdings.ts';
import type { ImageCatalog } from './image-catalog.ts';
import type { ImagePeers } from './image-peers.ts';
import type { Replication } from './replication.ts';

/** What nothing names stays this long: its manifest may be on its way (a push takes as long as it takes). */
const GRACE_MS = 2 * 3_600_000;
const SWEEP_EVERY_MS = 10 * 60_000;
/** Partial blobs that nobody asked for since then. */
const STALE_PARTIAL_MS = 24 * 3_600_000;
/** Until what one steward deleted is known to the others. */
const SPREAD_MS = 2_000;
const REMOVED_AT_ONCE = 32;
const DROP_CALL_MS = 5_000;
/** Records of one repository deleted in one sweep. */
const DELETIONS_MAX = 1_000;

export interface GarbageParts {
  readonly blobs: Blobs;
  readonly catalog: Pick<Catalog, 'list'>;
  readonly images: ImageCatalog;
  readonly peers: ImagePeers;
  readonly calls: ImageCalls;
  readonly holdings: Pick<Holdings, 'sizeOf'>;
  readonly replication: Pick<Replication, 'locate' | 'isPromised' | 'deleted'>;
  readonly steward: Pick<Steward, 'change'>;
  readonly view: Pick<MeshView, 'containers'>;
  readonly clock: Clock;
  readonly log: Log;
  /** A blob is not on this host any more. */
  readonly onRemoved: (digest: Digest) => void;
  /** Whether this member knows enough of the catalog to drop copies. */
  readonly isReady: () => boolean;
  /** Whether it is sure to be with the others, so that it may delete records for all. */
  readonly isInMajority: () => boolean;
}

export interface Collected {
  readonly blobs: number;
  readonly freedBytes: number;
}

/**
 * Drops what nothing needs, while pushes and pulls go on: each host sweeps its own store by its own copy of the catalog, and the
 * steward of a repository applies its retention. A host that knows too little drops copies only: others have theirs.
 */
export class Garbage {
  readonly #parts: GarbageParts;
  #cancelSweeps = () => {};
  #sweeping: Promise<unknown> = Promise.resolve();
  #isStopped = false;

  constructor(parts: GarbageParts) {
    this.#parts = parts;
    parts.calls.handle('images.drop', async (_from, { digests }) => {
      const named = this.#named();
      parts.replication.deleted(digests);
      const unneeded = digests.filter((digest) => !named.has(digest) && !parts.replication.isPromised(digest));
      const dropped = unneeded.filter((digest) => parts.holdings.sizeOf(digest) !== undefined);
      // Those that are only on their way here too.
      await this.#remove(unneeded);
      return { dropped };
    });
  }

  start(): void {
    const { clock, log } = this.#parts;
    this.#cancelSweeps = clock.every(SWEEP_EVERY_MS, () => {
      this.collect().catch((error: unknown) => {
        if (!(error instanceof ShoalError)) throw error;
        log.debug({ error }, 'a sweep ended early; the next one goes on');
      });
    });
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelSweeps();
  }

  /** One sweep after the other. */
  collect(graceMs: number = GRACE_MS): Promise<Collected> {
    const sweep = () => this.#sweep(graceMs);
    const mine = this.#sweeping.then(sweep, sweep);
    this.#sweeping = mine.catch(() => undefined);
    return mine;
  }

  /** Removes a blob that no manifest names from all hosts. False when nobody has it. @throws ShoalError conflict */
  async dropEverywhere(digest: Digest): Promise<boolean> {
    if (this.#named().has(digest)) {
      throw new ShoalError('conflict', 'A manifest names this blob; it goes by itself when none does any more.');
    }
    const { replication, calls, peers, log } = this.#parts;
    const located = (await replication.locate([digest])).get(digest)?.holders ?? [];
    // A copy made a moment ago, or being made, is on one of those who are to keep it.
    const holders = new Set([...located.map(({ hostId }) => hostId), ...peers.holdersOf(digest)]);
    const dropped = await Promise.all(
      [...holders]
        .filter((hostId) => peers.isAlive(hostId))
        .map(async (hostId) => {
          try {
            const request = { digests: [digest] };
            return (await calls.call(hostId, 'images.drop', request, { timeoutMs: DROP_CALL_MS })).dropped;
          } catch (error) {
            if (!(error instanceof ShoalError)) throw error;
            log.debug({ hostId, digest, error }, 'a host did not drop a blob; it sweeps it later');
            return [];
          }
        }),
    );
    return dropped.some((digests) => digests.length > 0);
  }

  async #sweep(graceMs: number): Promise<Collected> {
    if (!this.#parts.isReady()) throw new ShoalError('not-ready', 'This member does not know the catalog yet.');
    const deleted = this.#parts.isInMajority() ? await this.#deleteRecords(graceMs) : 0;
    if (deleted > 0) await this.#pause(SPREAD_MS);
    return this.#dropBlobs(graceMs);
  }

  /** Of repositories that this member is the steward of. Answers how many records went. */
  async #deleteRecords(graceMs: number): Promise<number> {
    const { images, clock } = this.#parts;
    const doomed = new Set(this.#reachable(graceMs).unreachable.map(({ repository }) => repository));
    let deleted = 0;
    for (const repository of images.repositories().filter((name) => this.#isSteward(name))) {
      if (this.#isStopped) break;
      const settings = images.settingsOf(repository);
      const hasExpired = images.tags(repository).some((tag) => isExpired(tag, clock.nowMs()));
      if (settings?.retention === undefined && !hasExpired && !doomed.has(repository)) continue;
      deleted += await this.#change(repository, () => this.#writesFor(repository, graceMs));
    }
    return deleted;
  }

  /** In step with pushes to the repository, so what was tagged a moment ago stays. */
  async #change(repository: string, draw: () => readonly Write[]): Promise<number> {
    let count = 0;
    await this.#parts.steward.change(keys.repository(repository), () => {
      const writes = draw();
      count = writes.length;
      return writes;
    });
    return count;
  }

  #writesFor(repository: string, graceMs: number): readonly Write[] {
    const { catalog, images, clock } = this.#parts;
    const settings = images.settingsOf(repository);
    const untagged = settings === undefined ? [] : retentionWrites(catalog, settings);
    const tags = images.tags(repository);
    const gone = this.#unreachable(images.manifests(repository), tags, graceMs).map(({ digest }) => digest);
    const deletions = gone.map((digest) => ({ key: keys.manifest(repository, digest), value: undefined }));
    const dangling = tags.filter((tag) => gone.includes(tag.digest) || isExpired(tag, clock.nowMs()));
    const untags = dangling.map(({ tag }) => ({ key: keys.tag(repository, tag), value: undefined }));
    return [...untagged, ...untags, ...deletions].slice(0, DELETIONS_MAX);
  }

  async #dropBlobs(graceMs: number): Promise<Collected> {
    const { blobs, clock } = this.#parts;
    const stored = await blobs.list();
    // After the list: what came into need meanwhile is needed.
    const { blobs: needed } = this.#reachable(graceMs);
    const nowMs = clock.nowMs();
    const unneeded = stored.filter(({ digest, isComplete, usedAtMs, addedAtMs }) => {
      const idleMs = nowMs - Math.max(usedAtMs, addedAtMs);
      return isComplete ? !needed.has(digest) && idleMs >= graceMs : idleMs > STALE_PARTIAL_MS;
    });
    const removed = new Set(await this.#remove(unneeded.map(({ digest }) => digest)));
    const gone = unneeded.filter(({ digest }) => removed.has(digest));
    return { blobs: gone.length, freedBytes: gone.reduce((sum, { heldBytes }) => sum + heldBytes, 0) };
  }

  /**
   * A few at a time. In the moment in which a blob is judged it stops counting as held here, so nobody is promised what is
   * just going. Answers those that went.
   */
  async #remove(digests: readonly Digest[]): Promise<readonly Digest[]> {
    const { blobs, replication, onRemoved } = this.#parts;
    const removed: Digest[] = [];
    for (let at = 0; at < digests.length; at += REMOVED_AT_ONCE) {
      const part = digests.slice(at, at + REMOVED_AT_ONCE).filter((digest) => !replication.isPromised(digest));
      for (const digest of part) onRemoved(digest);
      await blobs.remove(part);
      removed.push(...part);
    }
    return removed;
  }

  #reachable(graceMs: number): Reachable {
    const { images, clock } = this.#parts;
    const input = { manifests: images.allManifests(), tags: images.allTags(), uses: this.#uses() };
    return reachable({ ...input, nowMs: clock.nowMs(), graceMs });
  }

  /** Of one repository: nothing in another one keeps its manifests, but what uses them by digest does. */
  #unreachable(manifests: readonly ManifestRecord[], tags: readonly TagRecord[], graceMs: number) {
    const nowMs = this.#parts.clock.nowMs();
    return reachable({ manifests, tags, uses: this.#uses(), nowMs, graceMs }).unreachable;
  }

  #uses(): ImageUse[] {
    const { catalog, view } = this.#parts;
    const versions = catalog
      .list<Version>(prefixes.versions)
      .map(({ value }) => ({ ...value, image: value.spec.image }));
    return [...versions, ...view.containers()].map(({ image, resolvedImage }) => {
      return { image, imageDigest: parseResolvedImage(resolvedImage ?? '')?.digest };
    });
  }

  #named(): ReadonlySet<Digest> {
    const named = (manifest: ManifestRecord) => blobsOf(manifest).map(({ digest }) => digest);
    return new Set(this.#parts.images.allManifests().flatMap(named));
  }

  #isSteward(repository: string): boolean {
    const { peers } = this.#parts;
    return stewardOf(keys.repository(repository), peers.alive()) === peers.hostId;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#parts.clock.after(delayMs, resolve));
  }
}
