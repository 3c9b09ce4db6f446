import type { Digest } from '../../../protocol/digest.ts';
import { blobsOf, reachedFrom } from '../../core/images/sizes.ts';
import type { Holdings } from './holdings.ts';
import type { ImageCatalog } from './image-catalog.ts';
import type { Swarm } from './swarm.ts';

/** How far an image is on its way to this host, by its layers. */
export class LayerProgress {
  readonly #images: Pick<ImageCatalog, 'manifest'>;
  readonly #holdings: Pick<Holdings, 'sizeOf'>;
  readonly #swarm: Pick<Swarm, 'progressOf'>;

  constructor(
    images: Pick<ImageCatalog, 'manifest'>,
    holdings: Pick<Holdings, 'sizeOf'>,
    swarm: Pick<Swarm, 'progressOf'>,
  ) {
    this.#images = images;
    this.#holdings = holdings;
    this.#swarm = swarm;
  }

  /** Undefined when nothing of it is on its way. Of an index, the images of other platforms don't count. */
  of(repository: string, digest: Digest): { bytes: number; totalBytes: number; peers: number } | undefined {
    const find = (wanted: Digest) => this.#images.manifest(repository, wanted);
    const root = find(digest);
    if (root === undefined) return undefined;
    const peers = new Set<string>();
    let bytes = 0;
    let totalBytes = 0;
    let isMoving = false;
    for (const manifest of reachedFrom(root, find)) {
      const blobs = blobsOf(manifest);
      const isTouched = blobs.some((blob) => this.#isHereOrComing(blob.digest));
      if (!isTouched) continue;
      for (const blob of blobs) {
        const moving = this.#swarm.progressOf(blob.digest);
        totalBytes += blob.sizeBytes;
        bytes += moving?.doneBytes ?? (this.#holdings.sizeOf(blob.digest) === undefined ? 0 : blob.sizeBytes);
        isMoving ||= moving !== undefined;
        for (const { hostId } of moving?.peers ?? []) peers.add(hostId);
      }
    }
    return isMoving ? { bytes, totalBytes, peers: peers.size } : undefined;
  }

  #isHereOrComing(digest: Digest): boolean {
    return this.#holdings.sizeOf(digest) !== undefined || this.#swarm.progressOf(digest) !== undefined;
  }
}
