import type { Digest } from '../../../protocol/digest.ts';

export interface ResolvedManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

/** An entry of a referrers list (OCI distribution-spec 1.1, `GET /v2/<name>/referrers/<digest>`). */
export interface Referrer extends ResolvedManifest {
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

export interface PutManifest {
  readonly repository: string;
  /** Undefined: by its digest alone. */
  readonly tag: string | undefined;
  /** What the client said it would be; undefined when it named only a tag. */
  readonly digest: Digest | undefined;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Whether somebody may change what the registry has, or only read what was pushed to it. */
export type RegistryAccess = 'push' | 'pull';

/**
 * What the registry's HTTP side asks of the mesh. It works in the thread of the bytes, this in the thread of the decisions.
 * Repository names are those of the path, checked (`isRepository`), with the upstream's host in front where there is one.
 *
 * Errors are ShoalErrors: `not-found`, `invalid-request`, `forbidden`, `quota-exceeded`, `upstream-denied`,
 * `upstream-unavailable`, `not-replicated`, `not-stored`, `not-ready`, `timeout`.
 */
export interface RegistryBackend {
  /** What somebody who comes over a network may do: the password is an API token. Undefined: nothing. */
  authenticate(username: string, password: string): Promise<RegistryAccess | undefined>;
  /** What a tag or digest stands for; undefined when the mesh and the upstream don't know it. */
  resolve(repository: string, reference: string, signal: AbortSignal): Promise<ResolvedManifest | undefined>;
  /** Its bytes. @throws not-found */
  manifest(repository: string, digest: Digest, signal: AbortSignal): Promise<Uint8Array>;
  /** Resolves when it is safe: bytes and record on two hosts. @throws invalid-request (with the field), blob-unknown when it names blobs that are not there */
  putManifest(manifest: PutManifest): Promise<{ readonly digest: Digest; readonly subject: Digest | undefined }>;
  /** @throws not-found */
  deleteTag(repository: string, tag: string): Promise<void>;
  /** With all tags of it. @throws not-found */
  deleteManifest(repository: string, digest: Digest): Promise<void>;
  /** In lexical order, those after `last`, at most `count`. Undefined when there is no such repository. */
  tags(
    repository: string,
    page: { readonly count: number; readonly last: string | undefined },
  ): Promise<{ readonly tags: readonly string[]; readonly hasMore: boolean } | undefined>;
  referrers(repository: string, digest: Digest): Promise<readonly Referrer[]>;
  /** In lexical order, those after `last`, at most `count`. */
  repositories(page: {
    readonly count: number;
    readonly last: string | undefined;
  }): Promise<{ readonly repositories: readonly string[]; readonly hasMore: boolean }>;

  /** Whether the mesh holds a blob, without bringing it here. Counts as used. */
  blobSize(repository: string, digest: Digest): Promise<number | undefined>;
  /**
   * Brings a blob here. Resolves with its size as soon as this host's store has it open, so that `BlobStore.read` gives what
   * arrives; undefined when nobody has it. It goes on being fetched until the signal aborts or it is whole.
   */
  wantBlob(repository: string, digest: Digest, signal: AbortSignal): Promise<number | undefined>;
  /** Before an upload: whether the namespace may have that many bytes more. @throws quota-exceeded, forbidden (an upstream's repository) */
  admitUpload(repository: string, sizeBytes: number): Promise<void>;
  /** An upload was finished in this host's store. Resolves when enough hosts hold the blob. */
  uploaded(repository: string, digest: Digest, sizeBytes: number): Promise<void>;
  /** @throws not-found */
  deleteBlob(repository: string, digest: Digest): Promise<void>;
}
