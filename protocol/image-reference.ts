import { type Digest, isDigest } from './digest.ts';

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const registry = `${label}(?:\\.${label})*(?::[0-9]{1,5})?`;
const tag = '[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}';
const digest = '[a-z0-9]+(?:[+._-][a-z0-9]+)*:[0-9a-f]{32,128}';

const reference = new RegExp(`^((?:${registry}/)?${component}(?:/${component})*)(?::(${tag}))?(?:@(${digest}))?$`);
const repository = new RegExp(`^(?:${registry}/)?${component}(?:/${component})*$`);

/** The engine takes 255 characters, what it puts before a short name (`docker.io/library/`) included. */
const NAME_LENGTH_MAX = 255 - 'docker.io/library/'.length;
const LENGTH_MAX = 512;
/** Of a repository of the mesh or of an upstream, the registry's host included: a tag's catalog key has to hold it. */
export const REPOSITORY_LENGTH_MAX = 180;
export const DOCKER_HUB = 'docker.io';

/** `/` separates components, so a repository is safe as part of a path and of a catalog key. */
export const REPOSITORY_PATTERN = repository.source;
export const TAG_PATTERN = `^${tag}$`;

/**
 * Whether a text is an image reference: registry, name, tag and digest, by the grammar of
 * https://github.com/distribution/reference. What is none must not reach the engine as part of a path: `a//b` or `a/../b`
 * make it another path.
 */
export function isImageReference(text: string): boolean {
  const name = text.length <= LENGTH_MAX ? reference.exec(text)?.[1] : undefined;
  return name !== undefined && name.length <= NAME_LENGTH_MAX;
}

export const isRepository = (text: string): boolean => text.length <= REPOSITORY_LENGTH_MAX && repository.test(text);

export const isTag = (text: string): boolean => tagWhole.test(text);
const tagWhole = new RegExp(TAG_PATTERN);

/** `repository@digest` of the mesh's registry: an image that stands for one thing only. */
export const resolvedImage = (repositoryName: string, of: Digest): string => `${repositoryName}@${of}`;
export const RESOLVED_IMAGE_PATTERN = `${repository.source.slice(0, -1)}@(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$`;

/** Undefined for what is none. */
export function parseResolvedImage(text: string): { readonly repository: string; readonly digest: Digest } | undefined {
  const at = text.lastIndexOf('@');
  const [name, digestText] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)];
  return isRepository(name) && isDigest(digestText) ? { repository: name, digest: digestText } : undefined;
}

/** An image reference taken apart, as it was written. */
export interface ImageReference {
  /** With its registry when one was written. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: Digest | undefined;
}

/** Undefined for what is no reference, or names a digest of an unknown algorithm. */
export function parseImageReference(text: string): ImageReference | undefined {
  const match = isImageReference(text) ? reference.exec(text) : null;
  const [, name, tagText, digestText] = match ?? [];
  if (name === undefined) return undefined;
  if (digestText === undefined) return { name, tag: tagText, digest: undefined };
  return isDigest(digestText) ? { name, tag: tagText, digest: digestText } : undefined;
}

/** A repository of another registry. */
export interface UpstreamName {
  /** `HOST` or `HOST:PORT`, `docker.io` for Docker Hub. */
  readonly host: string;
  /** As that registry knows it. */
  readonly repository: string;
}

/**
 * The upstream that a repository name begins with, as Docker tells a registry from a path component: it has a dot or a
 * port, or is `localhost`. A port may be written as in `nameInPath`. Undefined for a repository of the mesh's own.
 */
export function upstreamOf(name: string): UpstreamName | undefined {
  const slash = name.indexOf('/');
  const host = name.slice(0, Math.max(0, slash)).replace(ESCAPED_PORT, ':$1');
  if (!/[.:]/.test(host) && host !== 'localhost') return undefined;
  const path = name.slice(slash + 1);
  const isHub = host === DOCKER_HUB || host === 'index.docker.io' || host === 'registry-1.docker.io';
  if (!isHub) return { host, repository: path };
  return { host: DOCKER_HUB, repository: path.includes('/') ? path : `library/${path}` };
}

/** Clients allow a port in the first component of a name only, and that is the address of this host's registry. */
const ESCAPED_PORT = /__([0-9]{1,5})$/;

/** A repository's name behind the address of the mesh's registry: `registry.corp__5000/a/b` for `registry.corp:5000/a/b`. */
export const nameInPath = (name: string): string => name.replace(/^([^/:]+):([0-9]{1,5})\//, '$1__$2/');

/** How the mesh's registry calls an upstream repository: `docker.io/library/nginx`. */
export const nameOfUpstream = ({ host, repository }: UpstreamName): string => `${host}/${repository}`;

/** `nginx` as Docker understands it: `docker.io/library/nginx`. A name with a registry stays as it is, in its full form. */
export const fullName = (name: string): string =>
  nameOfUpstream(upstreamOf(name) ?? upstreamOf(`${DOCKER_HUB}/${name}`) ?? { host: DOCKER_HUB, repository: name });

/** The namespace that a repository of the mesh belongs to; those without one share `default`. */
export const namespaceOf = (name: string): string => (name.includes('/') ? (name.split('/')[0] ?? '') : 'default');
