import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Digest, digestParts, isDigest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { isRepository, isTag } from '../../../protocol/image-reference.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Upstream, UpstreamAccess, UpstreamManifest } from '../../ports/upstream.ts';
import { Authority } from './authority.ts';
import { Exchange, readBody } from './exchange.ts';
import { garbage, statusFailure } from './failures.ts';

const HEADERS_MS = 10_000;
const MANIFEST_MS = 30_000;
const MEDIA_TYPE = /^[a-z0-9][a-z0-9.+-]{0,126}\/[a-z0-9][a-z0-9.+-]{0,126}$/;
const MANIFEST_TYPES = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

/** Bytes of a blob on their way. */
export interface BlobBody {
  /** Position in the blob of the first byte that comes. */
  readonly startsAt: number;
  readonly body: IncomingMessage;
}

/** Which bytes of a blob are wanted: `[start, end)`. */
export interface BlobRange {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly start: number;
  readonly end: number;
}

interface Wanted {
  readonly method: 'GET' | 'HEAD';
  readonly kind: 'manifests' | 'blobs';
  readonly reference: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface UpstreamClientOptions {
  readonly clock: Clock;
  /** Certificate authorities (PEM) instead of the machine's. */
  readonly ca?: string;
  /** By which registries are reached: HTTP_PROXY, HTTPS_PROXY, NO_PROXY. */
  readonly proxies?: Readonly<Record<string, string>>;
}

/** Talks to other registries (OCI distribution-spec, distribution's token spec). */
export class UpstreamClient implements Upstream {
  readonly #clock: Clock;
  readonly #exchange: Exchange;
  readonly #authority: Authority;

  constructor({ clock, ...how }: UpstreamClientOptions) {
    this.#clock = clock;
    this.#exchange = new Exchange(clock, how);
    this.#authority = new Authority(this.#exchange, clock);
  }

  close(): void {
    this.#exchange.close();
  }

  async resolve(access: UpstreamAccess, repository: string, reference: string, signal: AbortSignal): Promise<Digest> {
    const headers = { accept: MANIFEST_TYPES };
    const wanted: Wanted = { method: 'HEAD', kind: 'manifests', reference, headers };
    const answer = await this.#ask(access, repository, wanted, signal);
    answer.resume();
    const digest = digestIn(answer);
    if (answer.statusCode === 200 && digest !== undefined && !isOther(digest, reference)) return digest;
    // Registries that don't know HEAD, or tell no digest, give the manifest itself.
    const isHeadless = answer.statusCode === 200 || answer.statusCode === 405 || answer.statusCode === 501;
    if (!isHeadless) throw statusFailure(answer.statusCode ?? 0, placeOf(access, repository, reference));
    return (await this.manifest(access, repository, reference, signal)).digest;
  }

  async manifest(
    access: UpstreamAccess,
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<UpstreamManifest> {
    const place = placeOf(access, repository, reference);
    const wanted: Wanted = { method: 'GET', kind: 'manifests', reference, headers: { accept: MANIFEST_TYPES } };
    const answer = await this.#ok(access, repository, wanted, [200], signal);
    const bounds = { maxBytes: limits.manifestBytes, timeoutMs: MANIFEST_MS, place };
    const bytes = await readBody(answer, bounds, this.#clock, signal);
    const mediaType = (answer.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
    if (!MEDIA_TYPE.test(mediaType)) throw garbage(place, 'the manifest comes without a media type');
    const said = [reference, answer.headers['docker-content-digest']].filter(isDigestText);
    if (said.some((digest) => hashLike(digest, bytes) !== digest))
      throw garbage(place, 'the manifest does not have the digest that it should');
    return { digest: said[0] ?? hashLike(undefined, bytes), mediaType, bytes };
  }

  /**
   * Opens a blob at a place in it. The body's time is the caller's to bound, and the body the caller's to end.
   *
   * @returns bytes from `start`, or from 0 when the registry knows no ranges; no more than `end` when it does
   */
  async openBlob(
    access: UpstreamAccess,
    repository: string,
    { digest, sizeBytes, start, end }: BlobRange,
    signal: AbortSignal,
  ): Promise<BlobBody> {
    const isWhole = start === 0 && end === sizeBytes;
    const headers: Record<string, string> = isWhole ? {} : { range: `bytes=${start}-${end - 1}` };
    const wanted: Wanted = { method: 'GET', kind: 'blobs', reference: digest, headers };
    const body = await this.#ok(access, repository, wanted, [200, 206], signal);
    const startsAt = body.statusCode === 206 ? start : 0;
    if (isFitting(body, { digest, sizeBytes, start, end })) return { startsAt, body };
    body.destroy();
    throw garbage(placeOf(access, repository, digest), 'the blob does not have the size that it should');
  }

  async #ok(
    access: UpstreamAccess,
    repository: string,
    wanted: Wanted,
    statuses: readonly number[],
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const answer = await this.#ask(access, repository, wanted, signal);
    const status = answer.statusCode ?? 0;
    if (statuses.includes(status)) return answer;
    answer.destroy();
    throw statusFailure(status, placeOf(access, repository, wanted.reference));
  }

  /** Asks, once more with a fresh authorization when the registry wants one. */
  async #ask(
    access: UpstreamAccess,
    repository: string,
    { method, kind, reference, headers }: Wanted,
    signal: AbortSignal,
  ): Promise<IncomingMessage> {
    const place = placeOf(access, repository, reference);
    if (!isRepository(repository) || (!isTag(reference) && !isDigest(reference)))
      throw new ShoalError('invalid-request', `${place}: this is no name that a registry could know.`);
    const url = URL.parse(`/v2/${repository}/${kind}/${reference}`, access.url);
    if (url === null || !/^https?:$/.test(url.protocol))
      throw new ShoalError('invalid-request', `${place}: this is no address of a registry.`);
    const scope = `repository:${repository}:pull`;
    const ask = (authorization: string | undefined) =>
      this.#exchange.ask({ method, url, headers, authorization, place, timeoutMs: HEADERS_MS }, signal);
    const answer = await ask(this.#authority.known(access, scope));
    if (answer.statusCode !== 401) return answer;
    answer.destroy();
    const challenge = answer.headers['www-authenticate'];
    return ask(await this.#authority.obtain(access, scope, challenge, place, signal));
  }
}

const placeOf = (access: UpstreamAccess, repository: string, reference: string): string =>
  `${URL.parse(access.url)?.host ?? 'registry'}/${repository}${reference.includes(':') ? '@' : ':'}${reference}`;

const isDigestText = (text: string | string[] | undefined): text is Digest =>
  typeof text === 'string' && isDigest(text);

const digestIn = ({ headers }: IncomingMessage): Digest | undefined =>
  isDigestText(headers['docker-content-digest']) ? headers['docker-content-digest'] : undefined;

const isOther = (digest: Digest, reference: string): boolean => isDigest(reference) && digest !== reference;

/** The digest of bytes, by the algorithm of another one. */
function hashLike(digest: Digest | undefined, bytes: Uint8Array): Digest {
  const algorithm = digest === undefined ? 'sha256' : digestParts(digest).algorithm;
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}` as Digest;
}

/** Whether an answer's headers say that it holds these bytes. */
function isFitting({ statusCode, headers }: IncomingMessage, { sizeBytes, start, end }: BlobRange): boolean {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') return false;
  const length = headers['content-length'];
  if (statusCode === 200) return length === undefined || length === String(sizeBytes);
  const [, first, last, total] =
    /^bytes (\d{1,16})-(\d{1,16})\/(\d{1,16}|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  const isRange = Number(first) === start && Number(last) < end && Number(last) >= start;
  return isRange && (total === '*' || Number(total) === sizeBytes);
}
