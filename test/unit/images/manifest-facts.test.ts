import { describe, expect, it } from 'vitest';
import { artifactTypeOf, readManifestFacts, revisionOfConfig } from '../../../agent/core/images/manifest-facts.ts';
import { digestOf } from './fixtures.ts';

const OCI = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const CONFIG = 'application/vnd.oci.image.config.v1+json';
const LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';

const part = (number: number, mediaType = LAYER, more: object = {}) => ({
  digest: digestOf(number),
  size: number,
  mediaType,
  ...more,
});
const stored = (number: number, mediaType = LAYER) => ({ digest: digestOf(number), sizeBytes: number, mediaType });
const image = (change: object = {}) => ({ schemaVersion: 2, config: part(1, CONFIG), layers: [part(2)], ...change });
const index = (...manifests: readonly object[]) => ({ schemaVersion: 2, manifests });

const read = (value: unknown, mediaType?: string) =>
  readManifestFacts(value, { digest: digestOf(9), sizeBytes: 500, mediaType });
function factsOf(value: unknown, mediaType?: string) {
  const result = read(value, mediaType);
  if (!result.ok) throw new Error(result.detail);
  return result.facts;
}

describe('is taken', () => {
  it('an OCI image, by what the client calls it or by itself', () => {
    const facts = {
      digest: digestOf(9),
      sizeBytes: 500,
      mediaType: OCI,
      config: stored(1, CONFIG),
      layers: [stored(2)],
      manifests: [],
    };
    expect(factsOf(image(), OCI)).toEqual(facts);
    expect(factsOf(image({ mediaType: OCI }))).toEqual(facts);
    expect(factsOf(image(), 'application/json; charset=utf-8')).toEqual(facts);
  });

  it('a Docker image, and one without layers', () => {
    expect(factsOf(image({ mediaType: DOCKER }), DOCKER)).toMatchObject({ mediaType: DOCKER, layers: [stored(2)] });
    expect(factsOf(image({ layers: null }), OCI).layers).toEqual([]);
  });

  it('an index with its platforms; attestations have none', () => {
    const value = index(
      part(3, OCI, { platform: { os: 'linux', architecture: 'arm', variant: 'v7' } }),
      part(4, OCI, { platform: { os: 'unknown', architecture: 'unknown' } }),
    );
    const manifests = [{ ...stored(3, OCI), platform: 'linux/arm/v7' }, stored(4, OCI)];
    expect(factsOf(value, OCI_INDEX)).toEqual({
      digest: digestOf(9),
      sizeBytes: 500,
      mediaType: OCI_INDEX,
      layers: [],
      manifests,
    });
    expect(factsOf({ ...value, mediaType: DOCKER_LIST }, DOCKER_LIST).manifests).toEqual(manifests);
  });

  it('what says something about another manifest, and what kind of thing that is', () => {
    const signature = factsOf(image({ subject: part(5, OCI), artifactType: 'application/x-sig' }), OCI);
    expect(signature).toMatchObject({ subject: digestOf(5), artifactType: 'application/x-sig' });
    const older = factsOf(image({ config: part(1, 'application/x-chart') }), OCI);
    expect(older.artifactType).toBe('application/x-chart');
    expect(artifactTypeOf(factsOf(image(), OCI))).toBe(CONFIG);
  });

  it('layers that are fetched from elsewhere, without asking for them', () => {
    const foreign = part(3, 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip', { urls: ['https://x/y'] });
    const withheld = part(4, 'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip', { urls: ['https://x/z'] });
    const present = part(5, 'application/vnd.oci.image.layer.nondistributable.v1.tar');
    const { layers } = factsOf(image({ layers: [foreign, part(2), withheld, present] }), OCI);
    expect(layers.map(({ digest }) => digest)).toEqual([digestOf(2), digestOf(5)]);
  });

  it('annotations up to a bound, and the commit among them', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`key${at}`, 'x']));
    const annotations = { 'org.opencontainers.image.revision': 'abc123', long: 'x'.repeat(3_000), number: 3, ...many };
    const facts = factsOf(image({ annotations }), OCI);
    expect(facts.revision).toBe('abc123');
    expect(Object.keys(facts.annotations ?? {})).toHaveLength(32);
    expect(facts.annotations).not.toHaveProperty('long');
  });
});

describe('is refused, with the field at fault', () => {
  const rows: [string, unknown, string | undefined, string][] = [
    ['no object', [], OCI, ''],
    ['null', null, OCI, ''],
    [
      'schema 1',
      { schemaVersion: 1, fsLayers: [] },
      'application/vnd.docker.distribution.manifest.v1+prettyjws',
      '/schemaVersion',
    ],
    ['schema 1 that says nothing', { schemaVersion: 1, fsLayers: [] }, undefined, '/schemaVersion'],
    ['no schema version', { config: part(1, CONFIG) }, OCI, '/schemaVersion'],
    ['a media type of something else', image(), 'text/html', '/mediaType'],
    ['two media types', image({ mediaType: DOCKER }), OCI, '/mediaType'],
    ['a media type that is no text', image({ mediaType: 3 }), OCI, '/mediaType'],
    ['an image that is an index too', image({ manifests: [] }), OCI, '/manifests'],
    ['an index that is an image too', { ...index(), layers: [] }, OCI_INDEX, '/layers'],
    ['no config', { schemaVersion: 2, layers: [] }, OCI, '/config'],
    ['layers that are no list', image({ layers: {} }), OCI, '/layers'],
    ['too many layers', image({ layers: Array.from({ length: 257 }, () => part(2)) }), OCI, '/layers'],
    ['a layer that is no object', image({ layers: ['x'] }), OCI, '/layers/0'],
    [
      'a digest of another algorithm',
      image({ layers: [part(2), { ...part(3), digest: 'md5:abcd' }] }),
      OCI,
      '/layers/1/digest',
    ],
    ['a negative size', image({ layers: [{ ...part(2), size: -1 }] }), OCI, '/layers/0/size'],
    ['half a byte', image({ layers: [{ ...part(2), size: 0.5 }] }), OCI, '/layers/0/size'],
    ['more than a blob may have', image({ layers: [{ ...part(2), size: 2 ** 40 }] }), OCI, '/layers/0/size'],
    ['a layer without a media type', image({ layers: [{ ...part(2), mediaType: '' }] }), OCI, '/layers/0/mediaType'],
    ['a subject that is none', image({ subject: { digest: 'x' } }), OCI, '/subject/digest'],
    ['an artifact type with a line break', image({ artifactType: 'a\nb' }), OCI, '/artifactType'],
  ];
  it.each(rows)('%s', (_name, value, mediaType, pointer) => {
    const result = read(value, mediaType);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.faults[0]?.pointer).toBe(pointer);
  });

  it('all of them, but not without end', () => {
    const result = read(image({ layers: Array.from({ length: 200 }, () => ({})) }), OCI);
    if (!result.ok) expect(result.faults).toHaveLength(16);
    expect(result.ok).toBe(false);
  });
});

it('reads the commit from the labels of a config, whatever that is', () => {
  const labels = { 'org.opencontainers.image.revision': 'abc' };
  expect(revisionOfConfig({ config: { Labels: labels } })).toBe('abc');
  for (const config of [null, 3, {}, { config: { Labels: null } }, { config: { Labels: { x: 1 } } }]) {
    expect(revisionOfConfig(config)).toBeUndefined();
  }
});
