import { keys, prefixes } from '../../../agent/core/catalog/keys.ts';
import { manifestsOf, tagsOf } from '../../../agent/core/images/records.ts';
import { blobsOf, sizeOfDifferent } from '../../../agent/core/images/sizes.ts';
import { upstreamView } from '../../../agent/core/model/upstreams.ts';
import type { ImagePlatform, ResolvedImage } from '../../../agent/services/images/image-platform.ts';
import { type Digest, isDigest } from '../../../protocol/digest.ts';
import type { ShoalError } from '../../../protocol/errors.ts';
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
  RepositoryRecord,
  Transfer,
  Upstream,
  UpstreamRecord,
} from '../../../protocol/schemas/image.ts';
import type { World } from '../model/world.ts';
import { hostA } from '../model/world.ts';

/** Images as the records of a world have them; what hosts and registries say is given. */
export class FakeImages implements ImagePlatform {
  readonly allTransfers: Transfer[] = [];
  readonly allUsage: HostImageUsage[] = [];
  /** What images stand for, or why that can't be said. Others only engines know. */
  readonly known = new Map<string, ResolvedImage | ShoalError>();
  timesAskedForTransfers = 0;
  readonly #world: World;

  constructor(world: World) {
    this.#world = world;
  }

  repositories(): readonly Repository[] {
    const names = [
      ...this.#world.list<ManifestRecord>(prefixes.manifests).map(({ value }) => value.repository),
      ...this.#world.list<RepositoryRecord>(prefixes.repositories).map(({ value }) => value.name),
    ];
    return [...new Set(names)].flatMap((name) => this.repository(name) ?? []);
  }

  repository(name: string): Repository | undefined {
    const manifests = manifestsOf(this.#world, name);
    const record = this.#world.get<RepositoryRecord>(keys.repository(name));
    if (manifests.length === 0 && record === undefined) return undefined;
    const { updatedAt: _at, ...wanted } = record ?? { name, updatedAt: '' };
    return {
      ...wanted,
      origin: upstreamOf(name)?.host ?? 'mesh',
      tags: tagsOf(this.#world, name).length,
      manifests: manifests.length,
      sizeBytes: sizeOfDifferent(manifests.flatMap(blobsOf)),
    };
  }

  images(repository: string): readonly Image[] {
    return manifestsOf(this.#world, repository).map((manifest) => this.#image(manifest));
  }

  image(repository: string, reference: string): ImageDetail | undefined {
    const tag = tagsOf(this.#world, repository).find((record) => record.tag === reference);
    const digest = isDigest(reference) ? reference : tag?.digest;
    const manifest = manifestsOf(this.#world, repository).find((record) => record.digest === digest);
    if (manifest === undefined) return undefined;
    return { ...this.#image(manifest), manifest, children: [], history: tag?.history ?? [] };
  }

  async locations(repository: string, digest: Digest): Promise<readonly BlobLocation[]> {
    const manifest = manifestsOf(this.#world, repository).find((record) => record.digest === digest);
    const holders = [{ hostId: hostA, hostName: 'h1', isPinned: true }];
    return (manifest?.layers ?? []).map((layer) => ({ ...layer, holders, wantedCopies: 3 }));
  }

  async transfers(): Promise<readonly Transfer[]> {
    this.timesAskedForTransfers++;
    return [...this.allTransfers];
  }

  usage(): readonly HostImageUsage[] {
    return this.allUsage;
  }

  namespaces(): readonly Namespace[] {
    const own = this.repositories().filter(({ origin }) => origin === 'mesh');
    const records = this.#world.list<NamespaceRecord>(prefixes.namespaces).map(({ value }) => value);
    const names = new Set([...own.map(({ name }) => namespaceOf(name)), ...records.map(({ name }) => name)]);
    return [...names].map((name) => {
      const { updatedAt: _at, ...wanted } = records.find((record) => record.name === name) ?? { name, updatedAt: '' };
      const within = own.filter((repository) => namespaceOf(repository.name) === name);
      return { ...wanted, usedBytes: 0, repositories: within.length };
    });
  }

  upstreams(): readonly Upstream[] {
    return this.#world.list<UpstreamRecord>(prefixes.upstreams).map(({ value }) => upstreamView(value));
  }

  settings(): ImageSettings {
    return this.#world.get<ImageSettings>(keys.imageSettings) ?? { updatedAt: '1970-01-01T00:00:00.000Z' };
  }

  async resolve(image: string, signal: AbortSignal): Promise<ResolvedImage | undefined> {
    signal.throwIfAborted();
    const found = this.known.get(image);
    if (found instanceof Error) throw found;
    return found;
  }

  seal(password: string, host: string): string {
    return Buffer.from(`sealed for ${host}: ${password.length} characters`).toString('base64');
  }

  #image(manifest: ManifestRecord): Image {
    const { repository, digest, mediaType, pushedAt, pushedBy, pushedTo, layers } = manifest;
    const tags = tagsOf(this.#world, repository).filter((record) => record.digest === digest);
    return {
      repository,
      tags: tags.map(({ tag }) => tag),
      digest,
      mediaType,
      sizeBytes: sizeOfDifferent(blobsOf(manifest)),
      platforms: [],
      layers: layers.length,
      pushedAt,
      pushedBy,
      pushedTo,
    };
  }
}
