import type { Digest } from '../../../protocol/digest.ts';
import type { Descriptor, ManifestFacts, ManifestRecord } from '../../../protocol/schemas/image.ts';
import { hostA } from '../model/world.ts';

/** A digest that is told apart by its number. */
export const digestOf = (number: number): Digest => `sha256:${number.toString(16).padStart(64, '0')}` as Digest;

export const blob = (number: number, sizeBytes = 100): Descriptor => ({
  digest: digestOf(number),
  sizeBytes,
  mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
});

/** An image of one config and the given layers, all of 100 bytes. */
export const factsOf = (number: number, change: Partial<ManifestFacts> = {}): ManifestFacts => ({
  digest: digestOf(number),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  sizeBytes: 100,
  config: blob(number + 1_000),
  layers: [],
  manifests: [],
  ...change,
});

/** An index of the given images. */
export function indexOf(number: number, ...images: readonly number[]): ManifestFacts {
  const { config: _none, ...facts } = factsOf(number, { mediaType: 'application/vnd.oci.image.index.v1+json' });
  return { ...facts, manifests: images.map((image) => blob(image)) };
}

export const recordOf = (facts: ManifestFacts, change: Partial<ManifestRecord> = {}): ManifestRecord => ({
  repository: 'team/app',
  ...facts,
  pushedAt: '2030-01-01T00:00:00.000Z',
  pushedBy: 'tk_admin',
  pushedTo: hostA,
  ...change,
});
