import { fullName, isTag, parseImageReference, upstreamOf } from '../../../protocol/image-reference.ts';
import { usage } from '../failure.ts';

/** An image of a repository, by tag or digest. */
export interface ImageName {
  readonly repository: string;
  /** As it was written; undefined when neither was. */
  readonly reference: string | undefined;
}

/** `NAME`, `NAME:TAG` or `NAME@DIGEST`; a digest says more than a tag beside it. */
export function parseImage(text: string): ImageName {
  const parsed = parseImageReference(text);
  if (parsed === undefined) {
    throw usage(`'${text}' does not name an image: write it as NAME, NAME:TAG or NAME@DIGEST`);
  }
  return { repository: parsed.name, reference: parsed.digest ?? parsed.tag };
}

export function parseRepository(text: string): string {
  const { repository, reference } = parseImage(text);
  if (reference !== undefined) throw usage(`'${text}' names one image: give its repository, ${repository}`);
  return repository;
}

/**
 * What a name may mean in the mesh, likeliest first: a repository by that name; behind the address of a member's own registry,
 * what follows it; else what Docker makes of it, so that `nginx` is `docker.io/library/nginx`.
 */
export function meanings(name: string): readonly string[] {
  const upstream = upstreamOf(name);
  const other =
    upstream !== undefined && /^(127\.0\.0\.1|localhost)(:|$)/.test(upstream.host)
      ? upstream.repository
      : fullName(name);
  return other === name ? [name] : [name, other];
}

/** Tags, `*` stands for any characters: `v*,release-*`. */
export function parseTagGlobs(text: string): readonly string[] {
  const globs = text.split(',').map((glob) => glob.trim());
  const bad = globs.find((glob) => !isTag(glob.replaceAll('*', '_')));
  if (bad !== undefined) throw usage(`'${bad}' can match no tag: write tags like 'v*,release-*'`);
  return globs;
}

/** `h1,h2`, given once or several times. */
export const parseHosts = (texts: readonly string[]): readonly string[] =>
  texts
    .flatMap((text) => text.split(','))
    .map((name) => {
      const trimmed = name.trim();
      if (trimmed === '') throw usage(`'${texts.join(' ')}' does not name hosts: write them like h1,h2`);
      return trimmed;
    });
