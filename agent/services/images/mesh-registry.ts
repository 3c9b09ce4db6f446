import { createHash } from 'node:crypto';
import type { Digest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { namespaceOf, upstreamOf } from '../../../protocol/image-reference.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { ManifestFacts, ManifestRecord, NamespaceRecord } from '../../../protocol/schemas/image.ts';
import { may } from '../../core/access/access.ts';
import { keys } from '../../core/catalog/keys.ts';
import { artifactTypeOf, revisionOfConfig } from '../../core/images/manifest-facts.ts';
import { blobsOf, sizeOfDifferent } from '../../core/images/sizes.ts';
import { actOf } from '../../core/model/act-events.ts';
import { compareText } from '../../core/order.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Log } from '../../ports/log.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { CommandService } from '../commands/command-service.ts';
import type { EventRecorder } from '../events/event-recorder.ts';
import type { Actor } from '../platform.ts';
import type { Garbage } from './garbage.ts';
import type { Holdings } from './holdings.ts';
import type { ImageCatalog } from './image-catalog.ts';
import { readManifest } from './manifest-bytes.ts';
import type { Prefetch } from './prefetch.ts';
import type { PutManifest, Referrer, RegistryAccess, RegistryBackend, ResolvedManifest } from './registry-backend.ts';
import type { Replication } from './replication.ts';
import type { Swarm } from './swarm.ts';
import type { UpstreamImages } from './upstream-images.ts';

/** Whoever reaches the registry: on the loopback address nobody says who asks. */
const LOCAL: Actor = { id: 'registry', role: 'admin' };
/** Sizes of blobs whose manifests were read here before the catalog brought their record. */
const RECENT_MAX = 4_096;
const CONFIG_BYTES_MAX = 1024 ** 2;

export interface MeshRegistryParts {
  readonly blobs: Blobs;
  readonly catalog: Pick<Catalog, 'get'>;
  readonly log: Log;
  readonly images: ImageCatalog;
  readonly upstreams: UpstreamImages;
  readonly holdings: Holdings;
  readonly swarm: Pick<Swarm, 'want'>;
  readonly replication: Replication;
  readonly prefetch: Prefetch;
  readonly garbage: Pick<Garbage, 'dropEverywhere'>;
  readonly commands: Pick<CommandService, 'run'>;
  readonly events: Pick<EventRecorder, 'record'>;
  /** Whom an API token stands for. */
  readonly actorOf: (token: string) => Actor | undefined;
}

/** The registry as the mesh has it: tags and manifests are catalog records, bytes are blobs of several hosts. */
export class MeshRegistry implements RegistryBackend {
  readonly #parts: MeshRegistryParts;
  readonly #recentSizes = new Map<string, number>();

  constructor(parts: MeshRegistryParts) {
    this.#parts = parts;
  }

  async authenticate(_username: string, password: string): Promise<RegistryAccess | undefined> {
    const actor = this.#parts.actorOf(password);
    if (actor === undefined) return undefined;
    if (may(actor, 'image.push', {}).ok) return 'push';
    return may(actor, 'image.pull', {}).ok ? 'pull' : undefined;
  }

  async resolve(repository: string, reference: string, signal: AbortSignal): Promise<ResolvedManifest | undefined> {
    const record = await this.#record(repository, reference, signal);
    if (record === undefined) return undefined;
    this.#remember(record);
    const { digest, mediaType, sizeBytes } = record;
    return { digest, mediaType, sizeBytes };
  }

  async manifest(repository: string, digest: Digest, signal: AbortSignal): Promise<Uint8Array> {
    const { blobs, holdings, swarm, upstreams } = this.#parts;
    const record = await this.#record(repository, digest, signal);
    if (record === undefined) throw new ShoalError('not-found', `${repository} has no manifest ${digest}.`);
    this.#remember(record);
    if (holdings.sizeOf(digest) === undefined) {
      const { sizeBytes, pushedTo: holder } = record;
      try {
        await swarm.want({ digest, sizeBytes, holder }, signal).done;
      } catch (error) {
        const isLost =
          error instanceof ShoalError && error.code === 'not-found' && upstreamOf(repository) !== undefined;
        if (!isLost) throw error;
        const again = await upstreams.resolve(repository, digest, signal, true);
        if (again === undefined) throw error;
        if (holdings.sizeOf(digest) === undefined)
          await swarm.want({ digest, sizeBytes, holder: again.holder }, signal).done;
      }
    }
    return blobs.readAll(digest, limits.manifestBytes);
  }

  async putManifest(put: PutManifest): Promise<{ digest: Digest; subject: Digest | undefined }> {
    const { repository, tag, mediaType, bytes } = put;
    this.#refuseUpstream(repository);
    const digest = sha256Of(bytes);
    if (put.digest !== undefined && put.digest !== digest) {
      const fault = { pointer: '/digest', detail: `is ${digest}` };
      const detail = 'The manifest does not have the digest it was sent under; manifests are named by sha256 here.';
      throw new ShoalError('invalid-request', detail, { faults: [fault] });
    }
    const read = readManifest(bytes, mediaType, digest);
    if (!read.ok) throw new ShoalError('invalid-request', read.detail, { faults: read.faults });
    const { facts } = read;
    await this.#secureParts(repository, facts);
    const { blobs, replication } = this.#parts;
    await blobs.write(bytes);
    await replication.spread({ digest, sizeBytes: bytes.length });
    const revision = facts.revision ?? (await this.#revisionOf(facts));
    const manifest = revision === undefined ? facts : { ...facts, revision };
    await this.#run({ kind: 'image.push', repository, manifest, ...(tag === undefined ? {} : { tag }) });
    return { digest, subject: facts.subject };
  }

  async deleteTag(repository: string, tag: string): Promise<void> {
    await this.#run({ kind: 'image.untag', repository, tag });
  }

  async deleteManifest(repository: string, digest: Digest): Promise<void> {
    await this.#run({ kind: 'image.delete', repository, digest });
  }

  async tags(repository: string, { count, last }: { count: number; last: string | undefined }) {
    const { images } = this.#parts;
    if (!images.has(repository)) return undefined;
    const after = images
      .tags(repository)
      .map(({ tag }) => tag)
      .filter((tag) => last === undefined || compareText(tag, last) > 0);
    return { tags: after.slice(0, count), hasMore: after.length > count };
  }

  async referrers(repository: string, digest: Digest): Promise<readonly Referrer[]> {
    return this.#parts.images
      .manifests(repository)
      .filter(({ subject }) => subject === digest)
      .map((record) => ({
        digest: record.digest,
        mediaType: record.mediaType,
        sizeBytes: record.sizeBytes,
        artifactType: artifactTypeOf(record),
        annotations: record.annotations,
      }));
  }

  async repositories({ count, last }: { count: number; last: string | undefined }) {
    const after = this.#parts.images.repositories().filter((name) => last === undefined || compareText(name, last) > 0);
    return { repositories: after.slice(0, count), hasMore: after.length > count };
  }

  async blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    const { holdings, replication, blobs } = this.#parts;
    const own = holdings.sizeOf(digest);
    if (own !== undefined) {
      await blobs.touch([digest]);
      return own;
    }
    if (upstreamOf(repository) !== undefined) return this.#sizeInRecords(repository, digest);
    const located = (await replication.locate([digest])).get(digest);
    if (located === undefined || located.holders.length === 0) return undefined;
    // Whoever asks may be about to refer to it instead of sending it.
    const missing = await replication.secure([{ digest, sizeBytes: located.sizeBytes }]);
    return missing.length === 0 ? located.sizeBytes : undefined;
  }

  async wantBlob(repository: string, digest: Digest, signal: AbortSignal): Promise<number | undefined> {
    const { holdings, swarm, blobs, replication, prefetch } = this.#parts;
    const own = holdings.sizeOf(digest);
    if (own !== undefined) {
      await blobs.touch([digest]);
      prefetch.reading(repository, digest, signal);
      return own;
    }
    const origin = upstreamOf(repository) === undefined ? undefined : repository;
    const sizeBytes = this.#sizeInRecords(repository, digest) ?? (await replication.find(digest));
    if (sizeBytes === undefined) return undefined;
    const { opened } = swarm.want({ digest, sizeBytes, origin }, signal);
    const left = prefetch.reading(repository, digest, signal);
    try {
      await opened;
      return sizeBytes;
    } catch (error) {
      left();
      if (error instanceof ShoalError && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  async admitUpload(repository: string, sizeBytes: number): Promise<void> {
    this.#refuseUpstream(repository);
    const { catalog, images } = this.#parts;
    const namespace = namespaceOf(repository);
    const quotaBytes = catalog.get<NamespaceRecord>(keys.namespace(namespace))?.value.quotaBytes;
    if (quotaBytes === undefined) return;
    const own = images
      .allManifests()
      .filter((m) => upstreamOf(m.repository) === undefined && namespaceOf(m.repository) === namespace);
    const usedBytes = sizeOfDifferent(own.flatMap(blobsOf));
    if (usedBytes + sizeBytes <= quotaBytes) return;
    const detail = `Namespace "${namespace}" uses ${usedBytes} of ${quotaBytes} bytes; ${sizeBytes} more do not fit. Delete images or raise the quota.`;
    throw new ShoalError('quota-exceeded', detail);
  }

  async uploaded(_repository: string, digest: Digest, sizeBytes: number): Promise<void> {
    const { holdings, replication } = this.#parts;
    holdings.add(digest, sizeBytes);
    await replication.spread({ digest, sizeBytes });
  }

  async deleteBlob(_repository: string, digest: Digest): Promise<void> {
    if (!(await this.#parts.garbage.dropEverywhere(digest))) {
      throw new ShoalError('not-found', `Nobody holds the blob ${digest}.`);
    }
  }

  async #record(repository: string, reference: string, signal: AbortSignal): Promise<ManifestRecord | undefined> {
    const { upstreams } = this.#parts;
    if (upstreamOf(repository) === undefined) return upstreams.resolveOwn(repository, reference, signal);
    return (await upstreams.resolve(repository, reference, signal))?.record;
  }

  /** Everything that a manifest names has to be safe before it is. */
  async #secureParts(repository: string, facts: ManifestFacts) {
    const { images, replication } = this.#parts;
    const blobs = [...(facts.config === undefined ? [] : [facts.config]), ...facts.layers];
    const lost = facts.manifests.filter(({ digest }) => images.manifest(repository, digest) === undefined);
    const missing = [...lost.map(({ digest }) => digest), ...(await replication.secure(blobs))];
    if (missing.length === 0) return;
    const faults = missing.map((digest) => ({ pointer: digest, detail: 'is not there' }));
    throw new ShoalError(
      'blob-unknown',
      `The manifest names what is not there: ${missing.join(', ')}. Push it first.`,
      { faults },
    );
  }

  /** Builders write the git commit into a label of the image; that is in its config, which this host has as a rule. */
  async #revisionOf({ config }: ManifestFacts): Promise<string | undefined> {
    const { holdings, blobs, log } = this.#parts;
    if (config === undefined || config.sizeBytes > CONFIG_BYTES_MAX || holdings.sizeOf(config.digest) === undefined) {
      return undefined;
    }
    try {
      const text = new TextDecoder().decode(await blobs.readAll(config.digest, CONFIG_BYTES_MAX));
      return revisionOfConfig(JSON.parse(text));
    } catch (error) {
      log.debug({ digest: config.digest, error }, 'the config of an image does not say what it was built from');
      return undefined;
    }
  }

  #sizeInRecords(repository: string, digest: Digest): number | undefined {
    return this.#parts.images.sizeOf(repository, digest) ?? this.#recentSizes.get(`${repository} ${digest}`);
  }

  #remember(record: ManifestRecord): void {
    this.#parts.prefetch.told(record);
    if (this.#recentSizes.size >= RECENT_MAX) this.#recentSizes.clear();
    for (const { digest, sizeBytes } of blobsOf(record))
      this.#recentSizes.set(`${record.repository} ${digest}`, sizeBytes);
  }

  #refuseUpstream(repository: string): void {
    if (upstreamOf(repository) === undefined) return;
    throw new ShoalError(
      'forbidden',
      `${repository} belongs to another registry; push there, or to a name without its host.`,
    );
  }

  async #run(command: CommandOf<'image.push' | 'image.untag' | 'image.delete'>): Promise<void> {
    const { commands, events } = this.#parts;
    await commands.run(command, { actor: LOCAL, signal: AbortSignal.timeout(limits.apiCommandMs) });
    events.record({ ...actOf(command, (hostId) => hostId), actor: LOCAL.id });
  }
}

const sha256Of = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
