import { type Digest, isDigest } from '../../../protocol/digest.ts';
import type { FieldFault } from '../../../protocol/errors.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Descriptor, ManifestFacts, PlatformDescriptor } from '../../../protocol/schemas/image.ts';
import { isImageConfig, isOptionalLayer, kindOfManifest } from './media-types.ts';

/** What the bytes are, by whoever has them. */
export interface ManifestBytes {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** As the client sends it; undefined or empty when it says nothing. */
  readonly mediaType: string | undefined;
}

export type ReadFacts =
  | { readonly ok: true; readonly facts: ManifestFacts }
  | { readonly ok: false; readonly detail: string; readonly faults: readonly FieldFault[] };

const MEDIA_TYPE_LENGTH_MAX = 256;
/** Annotations are kept for people and for referrers lists; more or longer ones stay in the manifest's bytes alone. */
const ANNOTATIONS_MAX = 32;
const ANNOTATION_KEY_LENGTH_MAX = 256;
const ANNOTATION_LENGTH_MAX = 2_048;
const ANNOTATIONS_LENGTH_MAX = 16_384;
const REVISION_LENGTH_MAX = 128;
const PLATFORM_LENGTH_MAX = 128;
const FAULTS_MAX = 16;
const REVISION_KEY = 'org.opencontainers.image.revision';

type Json = Readonly<Record<string, unknown>>;

/**
 * Reads a manifest (OCI image-spec 1.1 image manifest or index, Docker schema 2 manifest or list) into the facts that its
 * record keeps. Layers that are not distributed are left out: nobody has to have them.
 *
 * @param value the parsed JSON; whatever a client sent
 */
export function readManifestFacts(value: unknown, { digest, sizeBytes, mediaType }: ManifestBytes): ReadFacts {
  const reader = new Reader();
  const facts = reader.manifest(value, mediaType);
  if (reader.faults.length > 0 || facts === undefined) {
    const named = reader.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`).join('; ');
    return { ok: false, detail: `The manifest can't be taken. ${named}.`, faults: reader.faults };
  }
  return { ok: true, facts: { digest, sizeBytes, ...facts } };
}

/** What kind of thing it is, as a referrers list shows it (OCI distribution-spec 1.1, "Listing Referrers"). */
export const artifactTypeOf = (facts: Pick<ManifestFacts, 'artifactType' | 'config'>): string | undefined =>
  facts.artifactType ?? facts.config?.mediaType;

/** Git commit from an image's parsed config, for a manifest that does not say it. */
export function revisionOfConfig(config: unknown): string | undefined {
  const { config: inner } = isObject(config) ? config : {};
  const { Labels: labels } = isObject(inner) ? inner : {};
  return isObject(labels) ? revisionOf(labels[REVISION_KEY]) : undefined;
}

const revisionOf = (text: unknown): string | undefined =>
  typeof text === 'string' && text !== '' && text.length <= REVISION_LENGTH_MAX ? text : undefined;

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Reads field by field, and goes on after a fault so that all are named. */
class Reader {
  readonly faults: FieldFault[] = [];

  manifest(value: unknown, sentType: string | undefined): Omit<ManifestFacts, 'digest' | 'sizeBytes'> | undefined {
    if (!isObject(value)) return this.#fault('', 'is no JSON object');
    const mediaType = this.#mediaType(value, sentType);
    if (mediaType === undefined) return undefined;
    const isIndex = kindOfManifest(mediaType) === 'index';
    if (isIndex ? isSet(value.layers) || isSet(value.config) : isSet(value.manifests)) {
      // What one client takes for an image and another for an index has two meanings under one digest (CVE-2021-41190).
      return this.#fault(isIndex ? '/layers' : '/manifests', `has no place in a ${mediaType}`);
    }
    const config = isIndex ? undefined : this.#descriptor(value.config, '/config');
    const layers = this.#list(value.layers, '/layers', limits.layersPerManifest, (item, at) => this.#layer(item, at));
    const manifests = this.#list(value.manifests, '/manifests', limits.manifestsPerIndex, (item, at) =>
      this.#platformDescriptor(item, at),
    );
    const subject = isSet(value.subject) ? this.#descriptor(value.subject, '/subject')?.digest : undefined;
    const artifactType = this.#artifactType(value.artifactType, config);
    const annotations = boundedAnnotations(value.annotations);
    const revision = isObject(value.annotations) ? revisionOf(value.annotations[REVISION_KEY]) : undefined;
    return {
      mediaType,
      ...(config === undefined ? {} : { config }),
      layers,
      manifests,
      ...(subject === undefined ? {} : { subject }),
      ...(artifactType === undefined ? {} : { artifactType }),
      ...(annotations === undefined ? {} : { annotations }),
      ...(revision === undefined ? {} : { revision }),
    };
  }

  /** What the client says, what the manifest says, or what its fields show; all that are there have to agree. */
  #mediaType(value: Json, sentType: string | undefined): string | undefined {
    const sent = bare(sentType);
    const own = isSet(value.mediaType) ? value.mediaType : undefined;
    if (own !== undefined && typeof own !== 'string') return this.#fault('/mediaType', 'is no text');
    if (own !== undefined && sent !== undefined && own !== sent) {
      return this.#fault('/mediaType', `is ${own.slice(0, MEDIA_TYPE_LENGTH_MAX)}, but was sent as ${sent}`);
    }
    const mediaType = own ?? sent ?? guessed(value);
    const kind = kindOfManifest(mediaType);
    if (kind === 'schema1' || value.schemaVersion === 1) {
      return this.#fault('/schemaVersion', 'is 1; such manifests are obsolete. Push with a client of 2017 or later');
    }
    if (kind === undefined) {
      return this.#fault('/mediaType', `${mediaType.slice(0, MEDIA_TYPE_LENGTH_MAX)} is no manifest that can be kept`);
    }
    return value.schemaVersion === 2 ? mediaType : this.#fault('/schemaVersion', 'must be 2');
  }

  #list<T>(value: unknown, pointer: string, max: number, read: (item: unknown, at: string) => T | undefined): T[] {
    // Go writes an empty list as null.
    if (!isSet(value)) return [];
    if (!Array.isArray(value)) return this.#fault(pointer, 'is no list') ?? [];
    if (value.length > max) return this.#fault(pointer, `has ${value.length} items, more than ${max}`) ?? [];
    return value.flatMap((item: unknown, index) => read(item, `${pointer}/${index}`) ?? []);
  }

  #layer(value: unknown, pointer: string): Descriptor | undefined {
    const layer = this.#descriptor(value, pointer);
    const urls = isObject(value) && Array.isArray(value.urls) ? value.urls : [];
    return layer !== undefined && isOptionalLayer(layer.mediaType, urls.length > 0) ? undefined : layer;
  }

  #platformDescriptor(value: unknown, pointer: string): PlatformDescriptor | undefined {
    const descriptor = this.#descriptor(value, pointer);
    const platform = isObject(value) ? platformText(value.platform) : undefined;
    if (descriptor === undefined || platform === undefined) return descriptor;
    return { ...descriptor, platform };
  }

  #descriptor(value: unknown, pointer: string): Descriptor | undefined {
    if (!isObject(value)) return this.#fault(pointer, isSet(value) ? 'is no descriptor' : 'is missing');
    const { digest, size, mediaType } = value;
    if (typeof digest !== 'string' || !isDigest(digest)) {
      return this.#fault(`${pointer}/digest`, 'is no digest of sha256 or sha512');
    }
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || size > limits.blobBytes) {
      return this.#fault(`${pointer}/size`, `is no number from 0 to ${limits.blobBytes}`);
    }
    if (!isMediaType(mediaType)) return this.#fault(`${pointer}/mediaType`, 'is no media type');
    return { digest, sizeBytes: size, mediaType };
  }

  /** An artifact of before 1.1 says by its config what it is. */
  #artifactType(value: unknown, config: Descriptor | undefined): string | undefined {
    if (!isSet(value) || value === '') {
      return config === undefined || isImageConfig(config.mediaType) ? undefined : config.mediaType;
    }
    return isMediaType(value) ? value : this.#fault('/artifactType', 'is no media type');
  }

  #fault(pointer: string, detail: string): undefined {
    if (this.faults.length < FAULTS_MAX) this.faults.push({ pointer, detail });
  }
}

/** Visible ASCII is enough: what is in between belongs to whoever registers types (RFC 6838, 4.2). */
const isMediaType = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MEDIA_TYPE_LENGTH_MAX && /^[\x21-\x7e]+$/.test(value);

const isSet = (value: unknown): boolean => value !== undefined && value !== null;

/** Without parameters; undefined for what says nothing. */
function bare(sentType: string | undefined): string | undefined {
  const type = (sentType ?? '').split(';')[0]?.trim() ?? '';
  return type === '' || type === 'application/json' || type === 'application/octet-stream' ? undefined : type;
}

const guessed = (value: Json): string =>
  isSet(value.manifests) ? 'application/vnd.oci.image.index.v1+json' : 'application/vnd.oci.image.manifest.v1+json';

/** `linux/arm/v7`; undefined for `unknown/unknown`, which builders give to attestations. */
function platformText(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { os, architecture, variant } = value;
  const isNamed = typeof os === 'string' && typeof architecture === 'string' && os !== 'unknown';
  if (!isNamed || os === '' || architecture === '') return undefined;
  const text = [os, architecture, ...(typeof variant === 'string' && variant !== '' ? [variant] : [])].join('/');
  return text.length <= PLATFORM_LENGTH_MAX ? text : undefined;
}

/** The first ones that fit. */
function boundedAnnotations(value: unknown): Record<string, string> | undefined {
  if (!isObject(value)) return undefined;
  const kept: [string, string][] = [];
  let room = ANNOTATIONS_LENGTH_MAX;
  for (const [key, text] of Object.entries(value)) {
    if (kept.length >= ANNOTATIONS_MAX) break;
    if (typeof text !== 'string' || key.length > ANNOTATION_KEY_LENGTH_MAX || text.length > ANNOTATION_LENGTH_MAX)
      continue;
    if (key.length + text.length > room) continue;
    room -= key.length + text.length;
    kept.push([key, text]);
  }
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
