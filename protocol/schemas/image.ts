import Type from 'typebox';
import { DIGEST_LENGTH_MAX, DIGEST_PATTERN, type Digest } from '../digest.ts';
import { REPOSITORY_LENGTH_MAX, REPOSITORY_PATTERN, RESOLVED_IMAGE_PATTERN, TAG_PATTERN } from '../image-reference.ts';
import { limits } from '../limits.ts';
import { Bytes, Description, HostIdSchema, Name, Timestamp } from './common.ts';

export const DigestSchema = Type.Unsafe<Digest>(
  Type.String({ pattern: DIGEST_PATTERN, maxLength: DIGEST_LENGTH_MAX, description: 'sha256:… or sha512:…' }),
);
/** `team/app` of the mesh, `docker.io/library/nginx` of an upstream. */
export const RepositoryName = Type.String({ pattern: REPOSITORY_PATTERN, maxLength: REPOSITORY_LENGTH_MAX });
/** What an image stood for when its version was made: `team/app@sha256:…`. Hosts run that. */
export const ResolvedImageName = Type.String({
  pattern: RESOLVED_IMAGE_PATTERN,
  maxLength: REPOSITORY_LENGTH_MAX + 1 + DIGEST_LENGTH_MAX,
});
export const TagName = Type.String({ pattern: TAG_PATTERN, maxLength: 128 });
const MediaType = Type.String({ maxLength: 256 });
const actor = Type.String({ maxLength: 128 });

/** A part of an image (OCI image-spec, descriptor). */
export const Descriptor = Type.Object(
  { digest: DigestSchema, sizeBytes: Bytes, mediaType: MediaType },
  { $id: 'Descriptor' },
);
export type Descriptor = Type.Static<typeof Descriptor>;

/** An image of an index. */
export const PlatformDescriptor = Type.Object({
  ...Descriptor.properties,
  /** `linux/amd64`, `linux/arm/v7`; absent for what is no image of a platform. */
  platform: Type.Optional(Type.String({ maxLength: 128 })),
});
export type PlatformDescriptor = Type.Static<typeof PlatformDescriptor>;

/** What the catalog says of one manifest of a repository; its bytes are a blob like any other. */
export const ManifestRecord = Type.Object(
  {
    repository: RepositoryName,
    digest: DigestSchema,
    mediaType: MediaType,
    /** Of the manifest itself. */
    sizeBytes: Bytes,
    /** Absent for an index. */
    config: Type.Optional(Descriptor),
    layers: Type.Array(Descriptor, { maxItems: limits.layersPerManifest }),
    /** Of an index. */
    manifests: Type.Array(PlatformDescriptor, { maxItems: limits.manifestsPerIndex }),
    /** The manifest that this one says something about (OCI 1.1). */
    subject: Type.Optional(DigestSchema),
    artifactType: Type.Optional(MediaType),
    annotations: Type.Optional(
      Type.Record(Type.String({ maxLength: 256 }), Type.String({ maxLength: 2_048 }), { maxProperties: 32 }),
    ),
    /** Git commit, from the annotation or label `org.opencontainers.image.revision`. */
    revision: Type.Optional(Type.String({ maxLength: 128 })),
    pushedAt: Timestamp,
    pushedBy: actor,
    /** Host whose agent took it, or fetched it from the upstream. */
    pushedTo: HostIdSchema,
  },
  { $id: 'ManifestRecord' },
);
export type ManifestRecord = Type.Static<typeof ManifestRecord>;

const { repository: _in, pushedAt: _at, pushedBy: _by, pushedTo: _to, ...factProperties } = ManifestRecord.properties;
/** What the bytes of a manifest say, wherever and by whomever it was pushed. */
export const ManifestFacts = Type.Object(factProperties, { $id: 'ManifestFacts' });
export type ManifestFacts = Type.Static<typeof ManifestFacts>;

/** A tag: the only thing of an image that can change. */
export const TagRecord = Type.Object(
  {
    repository: RepositoryName,
    tag: TagName,
    digest: DigestSchema,
    pushedAt: Timestamp,
    pushedBy: actor,
    pushedTo: HostIdSchema,
    /** What it was before, newest first. */
    history: Type.Array(Type.Object({ digest: DigestSchema, pushedAt: Timestamp, pushedBy: actor }), {
      maxItems: limits.tagHistory,
    }),
  },
  { $id: 'TagRecord' },
);
export type TagRecord = Type.Static<typeof TagRecord>;

/** A tag, `*` stands for any characters. */
const TagGlob = Type.String({ pattern: '^[a-zA-Z0-9_.*-]+$', maxLength: 128 });

/** Which tags of a repository stay; what no rule keeps is deleted. Absent: all. */
export const Retention = Type.Object(
  {
    /** The newest so many tags. */
    keepLast: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })),
    /** Tags that match one of these stay in any case. */
    keepTags: Type.Optional(Type.Array(TagGlob, { maxItems: 32 })),
  },
  { additionalProperties: false },
);
export type Retention = Type.Static<typeof Retention>;

/** What people want of a repository. One without a record has no rules. */
export const RepositoryRecord = Type.Object(
  {
    name: RepositoryName,
    description: Type.Optional(Description),
    retention: Type.Optional(Retention),
    updatedAt: Timestamp,
  },
  { $id: 'RepositoryRecord' },
);
export type RepositoryRecord = Type.Static<typeof RepositoryRecord>;

/** First component of a repository's name. */
export const NamespaceName = Type.String({ pattern: '^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$', maxLength: 128 });
export const NamespaceRecord = Type.Object(
  {
    name: NamespaceName,
    /** Bytes of all different blobs that its repositories reach; absent: no bound. */
    quotaBytes: Type.Optional(Bytes),
    updatedAt: Timestamp,
  },
  { $id: 'NamespaceRecord' },
);
export type NamespaceRecord = Type.Static<typeof NamespaceRecord>;

/** `HOST` or `HOST:PORT` of a registry. */
export const RegistryHost = Type.String({
  pattern: '^[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]{1,5})?$',
  maxLength: 128,
});

export const UpstreamUrl = Type.String({ pattern: '^https?://[^/?#@]+$', maxLength: 256 });
export const UpstreamUser = Type.String({ minLength: 1, maxLength: 256 });
/** Base64. */
export const SealedPassword = Type.String({ minLength: 1, maxLength: 8_192 });

/** How to reach a registry, and a login for it. The password is sealed with the mesh's key; only members can open it. */
export const UpstreamRecord = Type.Object(
  {
    host: RegistryHost,
    /** `http://10.0.0.5:5000`; absent: HTTPS at `host`. */
    url: Type.Optional(UpstreamUrl),
    username: Type.Optional(UpstreamUser),
    sealedPassword: Type.Optional(SealedPassword),
    updatedAt: Timestamp,
    updatedBy: actor,
  },
  { $id: 'UpstreamRecord' },
);
export type UpstreamRecord = Type.Static<typeof UpstreamRecord>;

const rate = (description: string) =>
  Type.Integer({ minimum: 64 * 1024, maximum: Number.MAX_SAFE_INTEGER, description });
export const imageRates = {
  uploadBytesPerS: rate('to other hosts'),
  downloadBytesPerS: rate('from other hosts'),
  originBytesPerS: rate('from other registries'),
};
/** Bounds for moving layers, for each host; absent: none. */
export const ImageSettings = Type.Object(
  {
    uploadBytesPerS: Type.Optional(imageRates.uploadBytesPerS),
    downloadBytesPerS: Type.Optional(imageRates.downloadBytesPerS),
    originBytesPerS: Type.Optional(imageRates.originBytesPerS),
    updatedAt: Timestamp,
  },
  { $id: 'ImageSettings' },
);
export type ImageSettings = Type.Static<typeof ImageSettings>;

// As the API shows them

export const Repository = Type.Object(
  {
    name: RepositoryName,
    /** `mesh`, or the registry that it mirrors. */
    origin: Type.String(),
    description: Type.Optional(Description),
    retention: Type.Optional(Retention),
    tags: Type.Integer({ minimum: 0 }),
    manifests: Type.Integer({ minimum: 0 }),
    /** Of all different blobs that its manifests reach. */
    sizeBytes: Bytes,
    pushedAt: Type.Optional(Timestamp),
  },
  { $id: 'Repository' },
);
export type Repository = Type.Static<typeof Repository>;

/** A tag or an untagged manifest of a repository, with its size. */
export const Image = Type.Object(
  {
    repository: RepositoryName,
    tags: Type.Array(TagName),
    digest: DigestSchema,
    mediaType: MediaType,
    /** Of all different blobs that it reaches, manifests included. */
    sizeBytes: Bytes,
    platforms: Type.Array(Type.String()),
    layers: Type.Integer({ minimum: 0 }),
    revision: Type.Optional(Type.String()),
    pushedAt: Timestamp,
    pushedBy: Type.String(),
    pushedTo: Type.String(),
  },
  { $id: 'Image' },
);
export type Image = Type.Static<typeof Image>;

/** An image with all that it consists of. */
export const ImageDetail = Type.Object(
  {
    ...Image.properties,
    manifest: ManifestRecord,
    /** Images of an index that the mesh knows. */
    children: Type.Array(ManifestRecord),
    history: TagRecord.properties.history,
  },
  { $id: 'ImageDetail' },
);
export type ImageDetail = Type.Static<typeof ImageDetail>;

/** Who holds a blob of an image. */
export const BlobLocation = Type.Object(
  {
    ...Descriptor.properties,
    holders: Type.Array(Type.Object({ hostId: HostIdSchema, hostName: Name, isPinned: Type.Boolean() })),
    /** Copies that the mesh keeps of it; 0 for one that is only cached. */
    wantedCopies: Type.Integer({ minimum: 0 }),
  },
  { $id: 'BlobLocation' },
);
export type BlobLocation = Type.Static<typeof BlobLocation>;

/** A blob that is on its way to a host. */
export const Transfer = Type.Object(
  {
    hostId: HostIdSchema,
    hostName: Name,
    digest: DigestSchema,
    sizeBytes: Bytes,
    doneBytes: Bytes,
    bytesPerS: Type.Integer({ minimum: 0 }),
    /** Members it takes pieces from now. */
    peers: Type.Array(Type.Object({ hostId: HostIdSchema, hostName: Name, doneBytes: Bytes })),
    /** Bytes that came from the upstream registry, on the host that fetches for all. */
    originBytes: Bytes,
  },
  { $id: 'Transfer' },
);
export type Transfer = Type.Static<typeof Transfer>;

/** The blob store of one host. */
export const BlobUsage = Type.Object(
  {
    /** Complete and partial blobs. */
    blobs: Type.Integer({ minimum: 0 }),
    usedBytes: Bytes,
    /** Kept for the mesh, never evicted. */
    pinnedBytes: Bytes,
    quotaBytes: Bytes,
    /** Left on the disk. */
    diskFreeBytes: Bytes,
  },
  { $id: 'BlobUsage' },
);
export type BlobUsage = Type.Static<typeof BlobUsage>;

const { blobs: _counted, ...usageProperties } = BlobUsage.properties;
/** The blob store of one host, as that host last said. */
export const HostImageUsage = Type.Object(
  { hostId: HostIdSchema, hostName: Name, ...usageProperties },
  { $id: 'HostImageUsage' },
);
export type HostImageUsage = Type.Static<typeof HostImageUsage>;

/** A namespace with what its repositories take. */
export const Namespace = Type.Object(
  {
    name: NamespaceName,
    /** Absent: no bound. */
    quotaBytes: Type.Optional(Bytes),
    usedBytes: Bytes,
    repositories: Type.Integer({ minimum: 0 }),
  },
  { $id: 'Namespace' },
);
export type Namespace = Type.Static<typeof Namespace>;

const { sealedPassword: _hidden, ...upstreamProperties } = UpstreamRecord.properties;
/** Another registry as people see it: without the password. */
export const Upstream = Type.Object({ ...upstreamProperties, hasLogin: Type.Boolean() }, { $id: 'Upstream' });
export type Upstream = Type.Static<typeof Upstream>;
