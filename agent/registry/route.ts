import { type Digest, isDigest } from '../../protocol/digest.ts';
import { DOCKER_HUB, isRepository, nameOfUpstream, upstreamOf } from '../../protocol/image-reference.ts';
import { limits } from '../../protocol/limits.ts';
import { RegistryError } from './registry-error.ts';

/**
 * - registry: names are as they are; an upstream's begin with its host
 * - hub-mirror: what an engine's `registry-mirrors` asks; every name is one of Docker Hub's, and nothing can be changed
 */
export type Role = 'registry' | 'hub-mirror';

/** A repository as the mesh calls it and as the client asked for it; its links have to stay in the client's words. */
export interface Name {
  readonly repository: string;
  readonly asked: string;
  /** The `ns` parameter of containerd: the registry that the client believes to speak to. */
  readonly ns: string | undefined;
}

/** What a path of the distribution-spec names. */
export type Route =
  | { readonly kind: 'ping' }
  | { readonly kind: 'catalog' }
  | { readonly kind: 'tags'; readonly name: Name }
  /** The reference was not looked at: what is wrong with it depends on the method. */
  | { readonly kind: 'manifest'; readonly name: Name; readonly reference: string }
  | { readonly kind: 'blob'; readonly name: Name; readonly digest: Digest }
  | { readonly kind: 'uploads'; readonly name: Name }
  | { readonly kind: 'upload'; readonly name: Name; readonly id: string }
  | { readonly kind: 'referrers'; readonly name: Name; readonly digest: Digest };

export interface Target {
  readonly route: Route;
  readonly query: URLSearchParams;
}

/**
 * Takes the target of a request apart. Names may have slashes, so it is read from its end. It is not normalised: what has
 * `..` or an empty segment in it is no name.
 *
 * @throws RegistryError with 400, 404 or 414
 */
export function parseTarget(target: string, role: Role): Target {
  if (target.length > limits.apiUrlBytes) throw new RegistryError(414, 'UNSUPPORTED', 'The URL is too long.');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? '' : target.slice(mark + 1));
  if (path === '/v2' || path === '/v2/') return { route: { kind: 'ping' }, query };
  if (!path.startsWith('/v2/')) throw notHere();
  return { route: routeOf(path.slice('/v2/'.length).split('/').map(decode), query, role), query };
}

function routeOf(segments: readonly string[], query: URLSearchParams, role: Role): Route {
  if (segments.length === 1 && segments[0] === '_catalog') {
    if (role === 'registry') return { kind: 'catalog' };
    throw notHere();
  }
  const named = (tail: number): Name => nameOf(segments.slice(0, -tail).join('/'), query, role);
  const [beforeLast, secondLast, last] = segments.slice(-3);
  if (last === undefined || secondLast === undefined || beforeLast === undefined) throw notHere();
  if (beforeLast === 'blobs' && secondLast === 'uploads' && segments.length > 3) {
    return last === '' ? { kind: 'uploads', name: named(3) } : { kind: 'upload', name: named(3), id: last };
  }
  if (secondLast === 'blobs' && last === 'uploads') return { kind: 'uploads', name: named(2) };
  if (secondLast === 'tags' && last === 'list') return { kind: 'tags', name: named(2) };
  if (secondLast === 'manifests') return { kind: 'manifest', name: named(2), reference: last };
  if (secondLast === 'blobs') return { kind: 'blob', name: named(2), digest: digestOf(last) };
  if (secondLast === 'referrers') return { kind: 'referrers', name: named(2), digest: digestOf(last) };
  throw notHere();
}

/** @throws RegistryError with 400 DIGEST_INVALID */
export function digestOf(text: string | null): Digest {
  if (text !== null && isDigest(text)) return text;
  throw new RegistryError(400, 'DIGEST_INVALID', 'This is no sha256 or sha512 digest.');
}

/** The path of something in a repository, for `Location` and `Link`. */
export function pathIn(name: Name, rest: string, parameters: Readonly<Record<string, string>> = {}): string {
  const query = new URLSearchParams({ ...parameters, ...(name.ns === undefined ? {} : { ns: name.ns }) }).toString();
  return `/v2/${name.asked}/${rest}${query === '' ? '' : `?${query}`}`;
}

function nameOf(asked: string, query: URLSearchParams, role: Role): Name {
  const [ns, ...others] = query.getAll('ns');
  if (others.length > 0) throw invalidName();
  if (role === 'registry') return { repository: repositoryOf(asked, ns), asked, ns };
  // A name of another registry must not be answered with what Docker Hub has under it.
  if (ns !== undefined && ns !== DOCKER_HUB) {
    throw new RegistryError(404, 'NAME_UNKNOWN', 'Only Docker Hub is mirrored at this port.');
  }
  return { repository: repositoryOf(asked, DOCKER_HUB), asked, ns };
}

/** What the mesh calls it: one name for all ways to write a registry's host. */
function repositoryOf(asked: string, ns: string | undefined): string {
  const full = ns === undefined ? asked : `${ns}/${asked}`;
  if (!isRepository(full)) throw invalidName();
  const upstream = upstreamOf(full.replace(/^[^/]+/, (host) => host.toLowerCase()));
  if (upstream === undefined) {
    // Upper case is for hosts only; a first component without a dot or a port is none.
    if (ns === undefined && full === full.toLowerCase()) return full;
    throw invalidName();
  }
  const canonical = nameOfUpstream(upstream);
  if (ns?.includes('/') === true || !isRepository(canonical)) throw invalidName();
  return canonical;
}

/** An escaped slash would move the border between name and rest. */
function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    const text = decodeURIComponent(segment);
    if (!text.includes('/')) return text;
  } catch {
    // Malformed escapes are judged as the slash is.
  }
  throw invalidName();
}

const invalidName = (): RegistryError => new RegistryError(400, 'NAME_INVALID', 'This is no name of a repository.');
const notHere = (): RegistryError => new RegistryError(404, 'UNSUPPORTED', 'The distribution API has no such path.');
