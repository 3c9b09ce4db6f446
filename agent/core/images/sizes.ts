import type { Digest } from '../../../protocol/digest.ts';
import type { Descriptor, ManifestRecord } from '../../../protocol/schemas/image.ts';

/** A blob and how large it is. */
export type SizedBlob = Pick<Descriptor, 'digest' | 'sizeBytes'>;

/** The blobs that one manifest names, itself included; of an index, not those of its images. */
export const blobsOf = (
  manifest: Pick<ManifestRecord, 'digest' | 'sizeBytes' | 'config' | 'layers'>,
): readonly SizedBlob[] => [manifest, ...(manifest.config === undefined ? [] : [manifest.config]), ...manifest.layers];

/** Bytes of all different blobs; each counts once, however often it is named. */
export function sizeOfDifferent(blobs: Iterable<SizedBlob>): number {
  const sizes = new Map<Digest, number>();
  for (const { digest, sizeBytes } of blobs) sizes.set(digest, sizeBytes);
  let sumBytes = 0;
  for (const sizeBytes of sizes.values()) sumBytes += sizeBytes;
  return sumBytes;
}

/**
 * A manifest and those that it reaches through indexes, each once, itself first.
 *
 * @param find undefined for a manifest that the mesh does not know
 */
export function reachedFrom<M extends Pick<ManifestRecord, 'digest' | 'manifests'>>(
  root: M,
  find: (digest: Digest) => M | undefined,
): readonly M[] {
  const found = new Map<Digest, M>([[root.digest, root]]);
  for (const manifest of found.values()) {
    for (const { digest } of manifest.manifests) {
      const child = found.has(digest) ? undefined : find(digest);
      if (child !== undefined) found.set(digest, child);
    }
  }
  return [...found.values()];
}
