import type { Digest } from '../../../protocol/digest.ts';
import { isDigest } from '../../../protocol/digest.ts';
import { type ErrorCode, ShoalError } from '../../../protocol/errors.ts';
import { upstreamOf } from '../../../protocol/image-reference.ts';
import type { ManifestRecord } from '../../../protocol/schemas/image.ts';
import { keys } from '../../core/catalog/keys.ts';
import { isToRenew } from '../../core/images/reachable.ts';
import { rank, stewardOf } from '../../core/rendezvous.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { UpstreamManifest } from '../../ports/upstream.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { ImageCalls } from './calls.ts';
import type { ImageCatalog } from './image-catalog.ts';
import type { ImagePeers } from './image-peers.ts';
import { readManifest } from './manifest-bytes.ts';
import type { Origins } from './origins.ts';

/** A tag is asked for at its registry again after this long. */
const FRESH_MS = 5_000;
/** An engine that got no answer to HEAD sends GET at once: that the registry is silent is known for this long. */
const SILENT_MS = 1_000;
/** Of the steward: two requests to the registry, and a write. */
const RESOLVE_CALL_MS = 45_000;
const OWN_CALL_MS = 2_000;
/** Members asked, before this one asks the registry itself. */
const STEWARDS = 2;
/** Of a steward, which another member need not have. */
const ownTroubles: readonly ErrorCode[] = ['host-unreachable', 'not-stored'];
const RESOLVED_MAX = 1_024;
/** The registry can't be reached or does not want to answer now: what the mesh knows already has to do. */
const passing: readonly ErrorCode[] = ['upstream-unavailable', 'timeout'];

export interface UpstreamImagesParts {
  readonly blobs: Blobs;
  readonly images: ImageCatalog;
  readonly origins: Origins;
  readonly peers: ImagePeers;
  readonly calls: ImageCalls;
  readonly commands: Pick<CommandService, 'run'>;
  readonly clock: Clock;
  readonly log: Log;
}

interface Resolved {
  readonly record: Promise<ManifestRecord | undefined>;
  untilMs: number;
}

/**
 * Images of other registries. The steward of a repository asks for all members, once at a time, and writes down what it
 * learnt: so the mesh is one client to the registry, and knows what was there when the registry is gone.
 */
export class UpstreamImages {
  readonly #parts: UpstreamImagesParts;
  readonly #resolved = new Map<string, Resolved>();

  constructor(parts: UpstreamImagesParts) {
    this.#parts = parts;
    parts.calls.handle('images.resolve', async (_from, { repository, reference, refetch }, signal) => {
      if (upstreamOf(repository) === undefined) return { record: this.#known(repository, reference) ?? null };
      return { record: (await this.#once(repository, reference, refetch, signal)) ?? null };
    });
  }

  /**
   * What a tag or digest of an upstream repository stands for; undefined when that registry does not have it.
   *
   * @param refetch also fetch a manifest that is known: its bytes were lost
   * @throws ShoalError upstream-denied, or upstream-unavailable when the mesh does not know it from before
   */
  async resolve(
    repository: string,
    reference: string,
    signal: AbortSignal,
    refetch = false,
  ): Promise<{ readonly record: ManifestRecord; readonly holder: ManifestRecord['pushedTo'] } | undefined> {
    const { peers, calls, images, log } = this.#parts;
    const known = isDigest(reference) && !refetch ? images.manifest(repository, reference) : undefined;
    if (known !== undefined) return { record: known, holder: known.pushedTo };
    // One that can't store a manifest leaves it to the next.
    for (const steward of rank(keys.repository(repository), peers.alive(), STEWARDS)) {
      try {
        const bounds = { timeoutMs: RESOLVE_CALL_MS, signal };
        const { record } = await calls.call(steward, 'images.resolve', { repository, reference, refetch }, bounds);
        return record === null ? undefined : { record, holder: steward };
      } catch (error) {
        const isItsOwn = error instanceof ShoalError && ownTroubles.includes(error.code);
        if (!isItsOwn || signal.aborted) throw error;
        log.debug({ steward, repository, error }, 'the steward of a repository did not answer');
      }
    }
    const record = await this.#once(repository, reference, refetch, signal);
    return record === undefined ? undefined : { record, holder: peers.hostId };
  }

  /**
   * What a tag or digest of the mesh's own repositories stands for, by the word of the repository's steward: it knows what
   * was pushed a moment ago through another host. What this member knows has to do when the steward is out of reach.
   */
  async resolveOwn(repository: string, reference: string, signal: AbortSignal): Promise<ManifestRecord | undefined> {
    const { peers, calls, log } = this.#parts;
    const own = this.#known(repository, reference);
    if (own !== undefined && isDigest(reference)) return own;
    const steward = stewardOf(keys.repository(repository), peers.alive()) ?? peers.hostId;
    try {
      const bounds = { timeoutMs: OWN_CALL_MS, signal };
      const { record } = await calls.call(steward, 'images.resolve', { repository, reference, refetch: false }, bounds);
      return record ?? own;
    } catch (error) {
      if (!(error instanceof ShoalError) || signal.aborted) throw error;
      log.debug({ steward, repository, error }, 'the steward of a repository did not answer');
      return own;
    }
  }

  #known(repository: string, reference: string): ManifestRecord | undefined {
    const { images } = this.#parts;
    const digest = isDigest(reference) ? reference : images.tag(repository, reference)?.digest;
    return digest === undefined ? undefined : images.manifest(repository, digest);
  }

  /** However many ask at once, the registry is asked once; a tag that was asked for a moment ago is not asked for again. */
  #once(
    repository: string,
    reference: string,
    refetch: boolean,
    signal: AbortSignal,
  ): Promise<ManifestRecord | undefined> {
    const { clock } = this.#parts;
    const key = `${repository} ${reference}`;
    const known = this.#resolved.get(key);
    if (known !== undefined && !refetch && known.untilMs > clock.monotonicMs()) return known.record;
    const [oldest] = this.#resolved.size >= RESOLVED_MAX ? this.#resolved.keys() : [];
    if (oldest !== undefined) this.#resolved.delete(oldest);
    // Others may wait for it when this caller has gone: the upstream client bounds it in time.
    const record = this.#ask(repository, reference, refetch);
    const entry = { record, untilMs: Number.POSITIVE_INFINITY };
    this.#resolved.set(key, entry);
    const keep = (forMs: number) => {
      entry.untilMs = clock.monotonicMs() + forMs;
    };
    record.then(
      () => keep(FRESH_MS),
      (error: unknown) => keep(isPassing(error) ? SILENT_MS : 0),
    );
    return abortable(record, signal);
  }

  async #ask(repository: string, reference: string, refetch: boolean): Promise<ManifestRecord | undefined> {
    const { images } = this.#parts;
    try {
      const digest = isDigest(reference) ? reference : await this.#digestOf(repository, reference);
      const known = images.manifest(repository, digest);
      const tag = isDigest(reference) ? undefined : reference;
      if (known !== undefined && !refetch) {
        if (tag !== undefined) await this.#keepTag(known, tag);
        return known;
      }
      return await this.#fetch(repository, digest, tag);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      if (error.code === 'not-found') return undefined;
      if (!isPassing(error) || isDigest(reference)) throw error;
      return await this.#lastKnown(repository, reference, error);
    }
  }

  #digestOf(repository: string, tag: string): Promise<Digest> {
    const { blobs, origins } = this.#parts;
    const { access, name } = origins.of(repository);
    return blobs.upstream.resolve(access, name.repository, tag, new AbortController().signal);
  }

  async #fetch(repository: string, digest: Digest, tag: string | undefined): Promise<ManifestRecord> {
    const { blobs, origins, peers, clock } = this.#parts;
    const { access, name } = origins.of(repository);
    const manifest = await blobs.upstream.manifest(access, name.repository, digest, new AbortController().signal);
    const facts = factsOf(manifest, repository);
    await blobs.write(manifest.bytes);
    const record: ManifestRecord = {
      ...facts,
      repository,
      pushedAt: new Date(clock.nowMs()).toISOString(),
      pushedBy: `upstream ${name.host}`,
      pushedTo: peers.hostId,
    };
    await this.#write(record, tag);
    return record;
  }

  async #write(record: ManifestRecord, tag: string | undefined): Promise<void> {
    const { repository, pushedAt: _at, pushedBy, pushedTo: _to, ...manifest } = record;
    await this.#parts.commands.run(
      { kind: 'image.push', repository, manifest, ...(tag === undefined ? {} : { tag }) },
      { actor: { id: pushedBy, role: 'admin' }, signal: new AbortController().signal },
    );
  }

  /** Writes down what a tag stands for, when that is new, and now and then that it is still asked for. */
  async #keepTag(record: ManifestRecord, tag: string): Promise<void> {
    const { images, clock } = this.#parts;
    const before = images.tag(record.repository, tag);
    if (before?.digest !== record.digest || isToRenew(before, clock.nowMs())) await this.#write(record, tag);
  }

  async #lastKnown(repository: string, tag: string, cause: ShoalError): Promise<ManifestRecord> {
    const { images, log } = this.#parts;
    const digest = images.tag(repository, tag)?.digest;
    const record = digest === undefined ? undefined : images.manifest(repository, digest);
    if (record === undefined) throw cause;
    log.warn({ repository, digest }, 'another registry does not answer; its tag stands for what it was last');
    await this.#keepTag(record, tag);
    return record;
  }
}

const isPassing = (error: unknown): boolean => error instanceof ShoalError && passing.includes(error.code);

function factsOf(manifest: UpstreamManifest, repository: string) {
  const read = readManifest(manifest.bytes, manifest.mediaType, manifest.digest);
  if (read.ok) return read.facts;
  const detail = `The registry's manifest of ${repository}@${manifest.digest} can't be used: ${read.detail}.`;
  throw new ShoalError('upstream-unavailable', detail);
}

function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason);
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}
