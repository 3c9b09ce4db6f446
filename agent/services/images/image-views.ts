import { type Digest, isDigest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { namespaceOf, upstreamOf } from '../../../protocol/image-reference.ts';
import type {
  BlobLocation,
  HostImageUsage,
  Image,
  ImageDetail,
  ImageSettings,
  ManifestRecord,
  Namespace,
  NamespaceRecord,
  Repository,
  Transfer,
  Upstream,
  UpstreamRecord,
} from '../../../protocol/schemas/image.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import { blobsOf, reachedFrom, sizeOfDifferent } from '../../core/images/sizes.ts';
import { compareText } from '../../core/order.ts';
import type { Log } from '../../ports/log.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { ImageCalls } from './calls.ts';
import type { ImageCatalog } from './image-catalog.ts';
import { COPIES, type ImagePeers } from './image-peers.ts';
import type { ImagePlatform, ResolvedImage } from './image-platform.ts';
import type { Replication } from './replication.ts';
import type { ImageResolver } from './resolver.ts';
import type { Sealing } from './sealing.ts';

const TRANSFERS_CALL_MS = 1_500;
/** Hosts asked at once, so that a large mesh is not asked all in one moment. */
const ASKED_AT_ONCE = 32;

export interface ImageViewsParts {
  readonly catalog: Pick<Catalog, 'get' | 'list'>;
  readonly images: ImageCatalog;
  readonly replication: Pick<Replication, 'locate'>;
  readonly resolver: ImageResolver;
  readonly sealing: Sealing;
  readonly peers: ImagePeers;
  readonly calls: ImageCalls;
  readonly view: Pick<MeshView, 'hosts'>;
  readonly log: Log;
}

/** Images as people look at them, composed on read from the catalog, the host records and what trackers and hosts answer. */
export class ImageViews implements ImagePlatform {
  readonly #parts: ImageViewsParts;

  constructor(parts: ImageViewsParts) {
    this.#parts = parts;
  }

  repositories(): readonly Repository[] {
    const { catalog, images } = this.#parts;
    const named = catalog.list<{ name: string }>(prefixes.repositories).map(({ value }) => value.name);
    const names = [...new Set([...images.repositories(), ...named])].sort(compareText);
    const tags = Map.groupBy(images.allTags(), ({ repository }) => repository);
    const manifests = Map.groupBy(images.allManifests(), ({ repository }) => repository);
    return names.map((name) => this.#repository(name, tags.get(name)?.length ?? 0, manifests.get(name) ?? []));
  }

  repository(name: string): Repository | undefined {
    const { images } = this.#parts;
    const manifests = images.manifests(name);
    if (manifests.length === 0 && images.settingsOf(name) === undefined) return undefined;
    return this.#repository(name, images.tags(name).length, manifests);
  }

  images(repository: string): readonly Image[] {
    const { images } = this.#parts;
    const tags = Map.groupBy(images.tags(repository), ({ digest }) => digest);
    const manifests = images.manifests(repository);
    const listed = new Set(manifests.flatMap((manifest) => manifest.manifests.map(({ digest }) => digest)));
    return manifests
      .filter(({ digest }) => tags.has(digest) || !listed.has(digest))
      .map((manifest) => this.#image(manifest, tags.get(manifest.digest)?.map(({ tag }) => tag) ?? []))
      .sort((a, b) => compareText(b.pushedAt, a.pushedAt) || compareText(a.digest, b.digest));
  }

  image(repository: string, reference: string): ImageDetail | undefined {
    const { images } = this.#parts;
    const record = isDigest(reference) ? undefined : images.tag(repository, reference);
    const digest = isDigest(reference) ? reference : record?.digest;
    const manifest = digest === undefined ? undefined : images.manifest(repository, digest);
    if (manifest === undefined) return undefined;
    const tags = images.tags(repository).filter((tag) => tag.digest === manifest.digest);
    return {
      ...this.#image(
        manifest,
        tags.map(({ tag }) => tag),
      ),
      manifest,
      children: this.#family(manifest).slice(1),
      history: record?.history ?? [],
    };
  }

  async locations(repository: string, digest: Digest): Promise<readonly BlobLocation[]> {
    const { images, replication, peers } = this.#parts;
    const manifest = images.manifest(repository, digest);
    if (manifest === undefined) throw new ShoalError('not-found', `${repository} has no image ${digest}.`);
    const parts = new Map(
      this.#family(manifest)
        .flatMap(descriptorsOf)
        .map((part) => [part.digest, part]),
    );
    const located = await replication.locate([...parts.keys()]);
    const wantedCopies = upstreamOf(repository) === undefined ? Math.min(COPIES, peers.alive().length) : 0;
    return [...parts.values()].map((part) => ({
      ...part,
      wantedCopies,
      holders: (located.get(part.digest)?.holders ?? []).map(({ hostId, isPinned }) => ({
        hostId,
        hostName: peers.nameOf(hostId),
        isPinned,
      })),
    }));
  }

  async transfers(): Promise<readonly Transfer[]> {
    const { peers } = this.#parts;
    const hosts = [...peers.alive()];
    const found: Transfer[] = [];
    while (hosts.length > 0) {
      const answers = await Promise.all(hosts.splice(0, ASKED_AT_ONCE).map((hostId) => this.#transfersOf(hostId)));
      found.push(...answers.flat());
    }
    return found.sort((a, b) => compareText(a.hostName, b.hostName) || compareText(a.digest, b.digest));
  }

  usage(): readonly HostImageUsage[] {
    return this.#parts.view.hosts().flatMap(({ hostId, name, record }) => {
      if (record?.blobs === undefined) return [];
      const { port: _port, ...usage } = record.blobs;
      return [{ hostId, hostName: name, ...usage }];
    });
  }

  namespaces(): readonly Namespace[] {
    const { catalog, images } = this.#parts;
    const own = images.allManifests().filter(({ repository }) => upstreamOf(repository) === undefined);
    const byName = Map.groupBy(own, ({ repository }) => namespaceOf(repository));
    const records = catalog.list<NamespaceRecord>(prefixes.namespaces).map(({ value }) => value);
    const names = new Set([...byName.keys(), ...records.map(({ name }) => name)]);
    return [...names].sort(compareText).map((name) => {
      const manifests = byName.get(name) ?? [];
      const quotaBytes = records.find((record) => record.name === name)?.quotaBytes;
      return {
        name,
        ...(quotaBytes === undefined ? {} : { quotaBytes }),
        usedBytes: sizeOfDifferent(manifests.flatMap(blobsOf)),
        repositories: new Set(manifests.map(({ repository }) => repository)).size,
      };
    });
  }

  upstreams(): readonly Upstream[] {
    return this.#parts.catalog.list<UpstreamRecord>(prefixes.upstreams).map(({ value }) => {
      const { sealedPassword, ...shown } = value;
      return { ...shown, hasLogin: sealedPassword !== undefined };
    });
  }

  settings(): ImageSettings {
    const stored = this.#parts.catalog.get<ImageSettings>(keys.imageSettings)?.value;
    return stored ?? { updatedAt: new Date(0).toISOString() };
  }

  resolve(image: string, signal: AbortSignal): Promise<ResolvedImage | undefined> {
    return this.#parts.resolver.resolve(image, signal);
  }

  seal(password: string, host: string): string {
    return this.#parts.sealing.seal(password, host);
  }

  async #transfersOf(hostId: Transfer['hostId']): Promise<Transfer[]> {
    const { calls, peers, log } = this.#parts;
    try {
      const { transfers } = await calls.call(hostId, 'images.transfers', {}, { timeoutMs: TRANSFERS_CALL_MS });
      const hostName = peers.nameOf(hostId);
      return transfers.map((transfer) => ({
        ...transfer,
        hostId,
        hostName,
        peers: transfer.peers.map((peer) => ({ ...peer, hostName: peers.nameOf(peer.hostId) })),
      }));
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      log.debug({ hostId, error }, 'a host did not tell of its transfers');
      return [];
    }
  }

  #repository(name: string, tags: number, manifests: readonly ManifestRecord[]): Repository {
    const settings = this.#parts.images.settingsOf(name);
    const pushedAt = manifests
      .map((manifest) => manifest.pushedAt)
      .sort(compareText)
      .at(-1);
    return {
      name,
      origin: upstreamOf(name)?.host ?? 'mesh',
      ...(settings?.description === undefined ? {} : { description: settings.description }),
      ...(settings?.retention === undefined ? {} : { retention: settings.retention }),
      tags,
      manifests: manifests.length,
      sizeBytes: sizeOfDifferent(manifests.flatMap(blobsOf)),
      ...(pushedAt === undefined ? {} : { pushedAt }),
    };
  }

  #image(manifest: ManifestRecord, tags: readonly string[]): Image {
    const { peers } = this.#parts;
    const { repository, digest, mediaType, revision, pushedAt, pushedBy, pushedTo } = manifest;
    const family = this.#family(manifest);
    const revisionOfChild = family.find((member) => member.revision !== undefined)?.revision;
    const shownRevision = revision ?? revisionOfChild;
    return {
      repository,
      tags: [...tags],
      digest,
      mediaType,
      sizeBytes: sizeOfDifferent(family.flatMap(blobsOf)),
      platforms: manifest.manifests.flatMap(({ platform }) => platform ?? []),
      layers: manifest.layers.length,
      ...(shownRevision === undefined ? {} : { revision: shownRevision }),
      pushedAt,
      pushedBy,
      pushedTo: peers.nameOf(pushedTo),
    };
  }

  /** A manifest and those that it lists, as far as the mesh knows them; itself first. */
  #family(manifest: ManifestRecord): readonly ManifestRecord[] {
    return reachedFrom(manifest, (digest) => this.#parts.images.manifest(manifest.repository, digest));
  }
}

const descriptorsOf = ({ digest, sizeBytes, mediaType, config, layers }: ManifestRecord) => [
  { digest, sizeBytes, mediaType },
  ...(config === undefined ? [] : [config]),
  ...layers,
];
