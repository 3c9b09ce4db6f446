import type { Digest } from '../../protocol/digest.ts';

/** A registry that is not ours, and who we are there. */
export interface UpstreamAccess {
  /** `https://registry-1.docker.io`, without a path. */
  readonly url: string;
  readonly login: { readonly username: string; readonly password: string } | undefined;
}

export interface UpstreamManifest {
  readonly digest: Digest;
  readonly mediaType: string;
  /** At most `limits.manifestBytes`; they have the digest. */
  readonly bytes: Uint8Array;
}

/**
 * Other registries, by the OCI distribution-spec, with Basic and Bearer challenges. Everything is bounded in time and size.
 * Errors are ShoalErrors that name the registry and its answer: `not-found` (404), `upstream-denied` (401, 403),
 * `upstream-unavailable` (unreachable, 429, 5xx, garbage), `timeout`, `cancelled`.
 */
export interface Upstream {
  /** Which digest a tag stands for now. */
  resolve(access: UpstreamAccess, repository: string, reference: string, signal: AbortSignal): Promise<Digest>;
  manifest(
    access: UpstreamAccess,
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<UpstreamManifest>;
}
