import { createHash } from 'node:crypto';
import { type Digest, isDigest } from '../../protocol/digest.ts';
import { ShoalError } from '../../protocol/errors.ts';
import type { Clock } from './clock.ts';
import { pause } from './pause.ts';
import type { Upstream, UpstreamAccess, UpstreamManifest } from './upstream.ts';

export interface MemoryUpstreamOptions {
  readonly clock: Clock;
  /** There and back. */
  readonly roundTripMs?: number;
  /** Of its line, shared by all who fetch; undefined: no bound. */
  readonly bytesPerS?: number;
}

/** One request, in order of arrival. */
export interface UpstreamRequest {
  readonly kind: 'resolve' | 'manifest' | 'blob';
  /** `https://registry.example/library/nginx:1` or `...@sha256:...` */
  readonly name: string;
}

type Login = UpstreamAccess['login'];

/**
 * Other registries in one process, each known by its URL: they hold what a test puts there, count what is asked, and can be
 * down, slow or closed to strangers.
 */
export class MemoryUpstream implements Upstream {
  readonly #options: MemoryUpstreamOptions;
  readonly #manifests = new Map<string, UpstreamManifest>();
  readonly #blobs = new Map<Digest, Uint8Array>();
  readonly #logins = new Map<string, NonNullable<Login>>();
  readonly #down = new Set<string>();
  #freeMs = 0;
  readonly requests: UpstreamRequest[] = [];
  /** Bytes of blobs that left, those for readers that had gone by then included. */
  sentBytes = 0;

  constructor(options: MemoryUpstreamOptions) {
    this.#options = options;
  }

  addBlob(bytes: Uint8Array): Digest {
    const digest = sha256(bytes);
    this.#blobs.set(digest, bytes);
    return digest;
  }

  /** From now on other bytes come under this digest, as many as those that have it. */
  forgeBlob(digest: Digest): void {
    const bytes = this.#blobs.get(digest);
    if (bytes !== undefined) this.#blobs.set(digest, new Uint8Array(bytes.length));
  }

  /** Puts a manifest there, by its digest and by a tag; an earlier one of that tag loses it. */
  addManifest(url: string, repository: string, tag: string, bytes: Uint8Array, mediaType: string): Digest {
    const digest = sha256(bytes);
    const manifest = { digest, mediaType, bytes };
    this.#manifests.set(nameOf(url, repository, digest), manifest);
    this.#manifests.set(nameOf(url, repository, tag), manifest);
    return digest;
  }

  /** From now on this registry answers nobody else. */
  requireLogin(url: string, login: NonNullable<Login>): void {
    this.#logins.set(url, login);
  }

  setDown(url: string, isDown: boolean): void {
    if (isDown) this.#down.add(url);
    else this.#down.delete(url);
  }

  async resolve(access: UpstreamAccess, repository: string, reference: string, signal: AbortSignal): Promise<Digest> {
    return (await this.#find('resolve', access, repository, reference, signal)).digest;
  }

  manifest(
    access: UpstreamAccess,
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<UpstreamManifest> {
    return this.#find('manifest', access, repository, reference, signal);
  }

  /** @internal One request for a blob, for `MemoryBlobs`. */
  async openBlob(access: UpstreamAccess, repository: string, digest: Digest, signal: AbortSignal): Promise<Uint8Array> {
    await this.#ask('blob', access, repository, digest, signal);
    const bytes = this.#blobs.get(digest);
    if (bytes === undefined)
      throw new ShoalError('not-found', `${nameOf(access.url, repository, digest)} is not there.`);
    return bytes;
  }

  /** @internal Sends bytes of a blob, at the rate of the line. @throws ShoalError cancelled, upstream-unavailable */
  async send(access: UpstreamAccess, bytes: number, cap: number | undefined, signal: AbortSignal): Promise<void> {
    const { clock, bytesPerS = Number.POSITIVE_INFINITY } = this.#options;
    const nowMs = clock.monotonicMs();
    const rate = Math.min(cap ?? Number.POSITIVE_INFINITY, bytesPerS);
    this.#freeMs = Math.max(nowMs, this.#freeMs) + (bytes * 1_000) / rate;
    this.sentBytes += bytes;
    if (!(await pause(clock, this.#freeMs - nowMs, signal))) throw cancelled();
    this.#assertUp(access.url);
  }

  async #find(
    kind: 'resolve' | 'manifest',
    access: UpstreamAccess,
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<UpstreamManifest> {
    await this.#ask(kind, access, repository, reference, signal);
    const name = nameOf(access.url, repository, reference);
    const found = this.#manifests.get(name);
    if (found === undefined) throw new ShoalError('not-found', `${name} is not there.`);
    return { ...found, bytes: found.bytes.slice() };
  }

  async #ask(
    kind: UpstreamRequest['kind'],
    { url, login }: UpstreamAccess,
    repository: string,
    reference: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { clock, roundTripMs = 0 } = this.#options;
    this.requests.push({ kind, name: nameOf(url, repository, reference) });
    if (!(await pause(clock, roundTripMs, signal))) throw cancelled();
    this.#assertUp(url);
    const wanted = this.#logins.get(url);
    const isLetIn = wanted === undefined || (login?.username === wanted.username && login.password === wanted.password);
    if (!isLetIn) throw new ShoalError('upstream-denied', `${url} refuses the login.`);
  }

  #assertUp(url: string): void {
    if (this.#down.has(url)) throw new ShoalError('upstream-unavailable', `${url} does not answer.`);
  }
}

const nameOf = (url: string, repository: string, reference: string): string =>
  `${url}/${repository}${isDigest(reference) ? '@' : ':'}${reference}`;

const sha256 = (bytes: Uint8Array): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;

const cancelled = () => new ShoalError('cancelled', 'The request was cancelled.');
