import type { Digest } from '../../../protocol/digest.ts';
import { upstreamOf } from '../../../protocol/image-reference.ts';
import type { ManifestRecord, RepositoryRecord, TagRecord } from '../../../protocol/schemas/image.ts';
import { keys, prefixes } from '../../core/catalog/keys.ts';
import { manifestsOf, tagsOf } from '../../core/images/records.ts';
import { blobsOf } from '../../core/images/sizes.ts';
import { compareText } from '../../core/order.ts';
import type { Catalog } from '../catalog/catalog.ts';

/** Repositories whose blobs' sizes are remembered between two changes of the catalog. */
const SIZES_MAX = 256;

/** What the catalog says of images. */
export class ImageCatalog {
  readonly #catalog: Pick<Catalog, 'get' | 'list' | 'onChange'>;
  /** Blob sizes by repository; dropped when its manifests change. */
  readonly #sizes = new Map<string, ReadonlyMap<Digest, number>>();
  #repositories: readonly string[] | undefined;

  constructor(catalog: Pick<Catalog, 'get' | 'list' | 'onChange'>) {
    this.#catalog = catalog;
    catalog.onChange((changed) => {
      if (!changed.some((key) => key.startsWith(prefixes.manifests) || key.startsWith(prefixes.tags))) return;
      this.#sizes.clear();
      this.#repositories = undefined;
    });
  }

  tag(repository: string, tag: string): TagRecord | undefined {
    return this.#catalog.get<TagRecord>(keys.tag(repository, tag))?.value;
  }

  manifest(repository: string, digest: Digest): ManifestRecord | undefined {
    return this.#catalog.get<ManifestRecord>(keys.manifest(repository, digest))?.value;
  }

  settingsOf(repository: string): RepositoryRecord | undefined {
    return this.#catalog.get<RepositoryRecord>(keys.repository(repository))?.value;
  }

  /** In lexical order. */
  tags(repository: string): readonly TagRecord[] {
    return tagsOf(this.#catalog, repository);
  }

  manifests(repository: string): readonly ManifestRecord[] {
    return manifestsOf(this.#catalog, repository);
  }

  allManifests(): readonly ManifestRecord[] {
    return this.#catalog.list<ManifestRecord>(prefixes.manifests).map(({ value }) => value);
  }

  allTags(): readonly TagRecord[] {
    return this.#catalog.list<TagRecord>(prefixes.tags).map(({ value }) => value);
  }

  /** Names of all that have a manifest, sorted. */
  repositories(): readonly string[] {
    this.#repositories ??= [...new Set(this.allManifests().map(({ repository }) => repository))].sort(compareText);
    return this.#repositories;
  }

  has(repository: string): boolean {
    return this.repositories().includes(repository);
  }

  /** Size of a blob that some manifest of the repository names. */
  sizeOf(repository: string, digest: Digest): number | undefined {
    let sizes = this.#sizes.get(repository);
    if (sizes === undefined) {
      sizes = new Map(
        this.manifests(repository)
          .flatMap(blobsOf)
          .map((blob) => [blob.digest, blob.sizeBytes]),
      );
      if (this.#sizes.size >= SIZES_MAX) this.#sizes.clear();
      this.#sizes.set(repository, sizes);
    }
    return sizes.get(digest);
  }

  /** Blobs that the mesh itself has to keep: those of everything that was pushed to it. */
  ownBlobs(): ReadonlyMap<Digest, number> {
    const own = this.allManifests().filter(({ repository }) => upstreamOf(repository) === undefined);
    return new Map(own.flatMap(blobsOf).map(({ digest, sizeBytes }) => [digest, sizeBytes]));
  }
}
