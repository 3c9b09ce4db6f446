import type { Digest } from '../../../protocol/digest.ts';
import { fullName, parseImageReference, parseResolvedImage } from '../../../protocol/image-reference.ts';
import type { ManifestRecord, TagRecord } from '../../../protocol/schemas/image.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import { prefixes } from '../catalog/keys.ts';
import type { ModelView } from './verdict.ts';

/** App versions that run by a digest of a repository: `app "group/app", version 3` by digest. The last one of each. */
export function usersOf(view: ModelView, repository: string): ReadonlyMap<Digest, string> {
  const users = new Map<Digest, string>();
  for (const { value } of view.list<Version>(prefixes.versions)) {
    const digest = digestUsed(value, repository);
    if (digest !== undefined) users.set(digest, `app "${value.group}/${value.app}", version ${value.number}`);
  }
  return users;
}

function digestUsed({ spec, resolvedImage }: Version, repository: string): Digest | undefined {
  const resolved = resolvedImage === undefined ? undefined : parseResolvedImage(resolvedImage);
  if (resolved !== undefined) return resolved.repository === repository ? resolved.digest : undefined;
  const written = parseImageReference(spec.image);
  return written !== undefined && isNamed(written.name, repository) ? written.digest : undefined;
}

/** Whether an image name means this repository: by itself, as Docker completes it, or behind the address of a registry. */
const isNamed = (name: string, repository: string): boolean =>
  name === repository || fullName(name) === repository || name.endsWith(`/${repository}`);

/**
 * What still needs a manifest of a repository, for people: an app version that runs it, or an index that lists it and is
 * tagged or run itself. Its own tags don't count.
 */
export function needOf(
  digest: Digest,
  manifests: readonly ManifestRecord[],
  tags: readonly TagRecord[],
  users: ReadonlyMap<Digest, string>,
): string | undefined {
  for (const index of indexesAbove(digest, manifests)) {
    const user = users.get(index);
    if (user !== undefined) return user;
    const tag = index === digest ? undefined : tags.find((record) => record.digest === index);
    if (tag !== undefined) return `the index tagged "${tag.tag}"`;
  }
  return undefined;
}

/** A manifest, the indexes that list it, those that list them, and so on. */
function indexesAbove(digest: Digest, manifests: readonly ManifestRecord[]): ReadonlySet<Digest> {
  const found = new Set([digest]);
  for (const below of found) {
    for (const index of manifests) if (index.manifests.some((child) => child.digest === below)) found.add(index.digest);
  }
  return found;
}
