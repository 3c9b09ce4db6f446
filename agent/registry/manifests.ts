import { createHash } from 'node:crypto';
import { type Digest, digestParts, isDigest } from '../../protocol/digest.ts';
import { isTag } from '../../protocol/image-reference.ts';
import { limits } from '../../protocol/limits.ts';
import type { Exchange } from './exchange.ts';
import type { Parts } from './parts.ts';
import { notAllowed, RegistryError } from './registry-error.ts';
import { digestOf, type Name, pathIn } from './route.ts';

interface ManifestRoute {
  readonly name: Name;
  readonly reference: string;
}

/** RFC 6838, 4.2: type and subtype have at most 127 characters each. */
const MEDIA_TYPE = /^[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}\/[a-zA-Z0-9][a-zA-Z0-9!#$&^_.+-]{0,126}$/;

/** `/v2/<name>/manifests/<reference>`, which is a tag or a digest. */
export async function serveManifest(exchange: Exchange, route: ManifestRoute, parts: Parts): Promise<void> {
  switch (exchange.request.method) {
    case 'GET':
    case 'HEAD':
      return await getManifest(exchange, route, parts);
    case 'PUT':
      return await putManifest(exchange, route, parts);
    case 'DELETE':
      return await deleteManifest(exchange, route, parts);
    default:
      throw notAllowed('GET, HEAD, PUT, DELETE');
  }
}

/** Gives what is stored, whatever `Accept` says: a manifest in another form would have another digest. */
async function getManifest(exchange: Exchange, { name, reference }: ManifestRoute, { backend }: Parts): Promise<void> {
  const found = await backend.resolve(name.repository, knownReference(reference), exchange.signal);
  if (found === undefined) throw unknown();
  const headers = {
    'Content-Type': found.mediaType,
    'Docker-Content-Digest': found.digest,
    ETag: `"${found.digest}"`,
  };
  if (exchange.request.method === 'HEAD') {
    exchange.send(200, { ...headers, 'Content-Length': found.sizeBytes });
    return;
  }
  const bytes = await backend.manifest(name.repository, found.digest, exchange.signal);
  exchange.send(200, headers, bytes);
}

async function putManifest(exchange: Exchange, { name, reference }: ManifestRoute, { backend }: Parts): Promise<void> {
  const isByDigest = reference.includes(':');
  const digest = isByDigest ? digestOf(reference) : undefined;
  if (!isByDigest && !isTag(reference)) throw invalid('This is no tag.');
  const mediaType = (exchange.request.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';
  if (!MEDIA_TYPE.test(mediaType)) throw invalid("Content-Type has to be the manifest's media type.");
  // Whether it fits is decided with the manifest: what adds nothing always does.
  await backend.admitUpload(name.repository, 0);
  const bytes = await exchange.readAll(limits.manifestBytes);
  if (digest !== undefined && !hasDigest(bytes, digest)) {
    throw new RegistryError(400, 'DIGEST_INVALID', 'The manifest does not have the digest that it was sent under.');
  }
  const tag = isByDigest ? undefined : reference;
  const put = await backend.putManifest({ repository: name.repository, tag, digest, mediaType, bytes });
  exchange.send(201, {
    Location: pathIn(name, `manifests/${put.digest}`),
    'Docker-Content-Digest': put.digest,
    ...(put.subject === undefined ? {} : { 'OCI-Subject': put.subject }),
  });
}

async function deleteManifest(exchange: Exchange, { name, reference }: ManifestRoute, parts: Parts): Promise<void> {
  const known = knownReference(reference);
  if (isDigest(known)) await parts.backend.deleteManifest(name.repository, known);
  else await parts.backend.deleteTag(name.repository, known);
  exchange.send(202, {});
}

/** What can be no tag names nothing. @throws RegistryError 404, 400 for a malformed digest */
function knownReference(reference: string): string {
  if (reference.includes(':')) return digestOf(reference);
  if (isTag(reference)) return reference;
  throw unknown();
}

function hasDigest(bytes: Uint8Array, digest: Digest): boolean {
  const { algorithm, hex } = digestParts(digest);
  return createHash(algorithm).update(bytes).digest('hex') === hex;
}

const unknown = () => new RegistryError(404, 'MANIFEST_UNKNOWN', 'There is no such manifest in this repository.');
const invalid = (message: string) => new RegistryError(400, 'MANIFEST_INVALID', message);
