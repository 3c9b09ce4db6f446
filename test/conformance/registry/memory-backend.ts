import { createHash } from 'node:crypto';
import { compareText } from '../../../agent/core/order.ts';
import type { BlobStore } from '../../../agent/ports/blob-store.ts';
import type {
  PutManifest,
  Referrer,
  RegistryAccess,
  RegistryBackend,
  ResolvedManifest,
} from '../../../agent/services/images/registry-backend.ts';
import { type Digest, isDigest } from '../../../protocol/digest.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import { upstreamOf } from '../../../protocol/image-reference.ts';

interface Stored extends ResolvedManifest {
  readonly bytes: Uint8Array;
  readonly subject: Digest | undefined;
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

interface Repository {
  readonly tags: Map<string, Digest>;
  readonly manifests: Map<Digest, Stored>;
}

type Method = keyof RegistryBackend;

/** A mesh of one host: the backend's twin, with faults to order. */
export class MemoryRegistryBackend implements RegistryBackend {
  readonly #store: BlobStore;
  readonly #repositories = new Map<string, Repository>();
  readonly #faults = new Map<Method, unknown>();
  readonly #waits = new Set<Method>();
  /** Lets in whoever comes over a network. */
  password = 'let me in';
  /** What a namespace may have. */
  quotaBytes = Number.POSITIVE_INFINITY;
  /** Calls so far, the repository in each. */
  readonly calls: { readonly method: Method; readonly repository: string }[] = [];
  /** Those who wanted a blob and whose signal has not ended. */
  wanted = 0;
  /** The most at once. */
  wantedMost = 0;

  constructor(store: BlobStore) {
    this.#store = store;
  }

  async authenticate(_username: string, password: string): Promise<RegistryAccess | undefined> {
    return password === this.password ? 'push' : undefined;
  }

  /** Every call of the method fails so, until undefined. */
  failAt(method: Method, error: unknown): void {
    if (error === undefined) this.#faults.delete(method);
    else this.#faults.set(method, error);
  }

  /** Calls of the method don't end before their signal does. */
  hangAt(method: Method): void {
    this.#waits.add(method);
  }

  /** As if the mesh had got it from an upstream. */
  addUpstream(repository: string, tag: string, mediaType: string, bytes: Uint8Array): Digest {
    return this.#put({ repository, tag, digest: undefined, mediaType, bytes }).digest;
  }

  async resolve(repository: string, reference: string, signal: AbortSignal): Promise<ResolvedManifest | undefined> {
    await this.#enter('resolve', repository, signal);
    const found = this.#repositories.get(repository);
    return found?.manifests.get(isDigest(reference) ? reference : (found.tags.get(reference) ?? none));
  }

  async manifest(repository: string, digest: Digest, signal: AbortSignal): Promise<Uint8Array> {
    await this.#enter('manifest', repository, signal);
    return this.#manifest(repository, digest).bytes;
  }

  async putManifest(manifest: PutManifest) {
    await this.#enter('putManifest', manifest.repository);
    for (const digest of namedBlobs(manifest.bytes)) {
      const isThere =
        this.#store.stat(digest)?.isComplete === true ||
        this.#repositories.get(manifest.repository)?.manifests.has(digest) === true;
      if (!isThere) throw new ShoalError('blob-unknown', `${digest} is not there.`);
    }
    const { digest, subject } = this.#put(manifest);
    return { digest, subject };
  }

  async deleteTag(repository: string, tag: string): Promise<void> {
    await this.#enter('deleteTag', repository);
    if (this.#repositories.get(repository)?.tags.delete(tag) !== true) throw notFound();
  }

  async deleteManifest(repository: string, digest: Digest): Promise<void> {
    await this.#enter('deleteManifest', repository);
    this.#manifest(repository, digest);
    const found = this.#repositories.get(repository);
    found?.manifests.delete(digest);
    for (const [tag, target] of found?.tags ?? []) if (target === digest) found?.tags.delete(tag);
  }

  async tags(repository: string, page: { readonly count: number; readonly last: string | undefined }) {
    await this.#enter('tags', repository);
    const found = this.#repositories.get(repository);
    if (found === undefined) return undefined;
    const { items, hasMore } = pageOf([...found.tags.keys()], page);
    return { tags: items, hasMore };
  }

  async referrers(repository: string, digest: Digest): Promise<readonly Referrer[]> {
    await this.#enter('referrers', repository);
    const manifests = this.#repositories.get(repository)?.manifests.values() ?? [];
    return [...manifests].filter(({ subject }) => subject === digest);
  }

  async repositories(page: { readonly count: number; readonly last: string | undefined }) {
    await this.#enter('repositories', '');
    const { items, hasMore } = pageOf([...this.#repositories.keys()], page);
    return { repositories: items, hasMore };
  }

  async blobSize(repository: string, digest: Digest): Promise<number | undefined> {
    await this.#enter('blobSize', repository);
    const found = this.#store.stat(digest);
    return found?.isComplete === true ? found.sizeBytes : undefined;
  }

  async wantBlob(repository: string, digest: Digest, signal: AbortSignal): Promise<number | undefined> {
    this.wanted++;
    this.wantedMost = Math.max(this.wantedMost, this.wanted);
    signal.addEventListener('abort', () => this.wanted--, { once: true });
    await this.#enter('wantBlob', repository, signal);
    return this.#store.stat(digest)?.sizeBytes;
  }

  async admitUpload(repository: string, sizeBytes: number): Promise<void> {
    await this.#enter('admitUpload', repository);
    if (upstreamOf(repository) !== undefined) throw new ShoalError('forbidden', 'That is another registry.');
    if (sizeBytes > this.quotaBytes) throw new ShoalError('quota-exceeded', 'The quota is used up.');
  }

  async uploaded(repository: string): Promise<void> {
    await this.#enter('uploaded', repository);
    this.#repository(repository);
  }

  async deleteBlob(repository: string, digest: Digest): Promise<void> {
    await this.#enter('deleteBlob', repository);
    if (this.#store.stat(digest) === undefined) throw notFound();
    await this.#store.remove([digest]);
  }

  async #enter(method: Method, repository: string, signal?: AbortSignal): Promise<void> {
    this.calls.push({ method, repository });
    signal?.throwIfAborted();
    if (this.#waits.has(method)) {
      await new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }));
    }
    if (this.#faults.has(method)) throw this.#faults.get(method);
  }

  #repository(name: string): Repository {
    const found = this.#repositories.get(name) ?? { tags: new Map(), manifests: new Map() };
    this.#repositories.set(name, found);
    return found;
  }

  #manifest(repository: string, digest: Digest): Stored {
    const found = this.#repositories.get(repository)?.manifests.get(digest);
    if (found === undefined) throw notFound();
    return found;
  }

  #put({ repository, tag, digest: given, mediaType, bytes }: PutManifest): Stored {
    const digest = given ?? sha256(bytes);
    const stored: Stored = { digest, mediaType, sizeBytes: bytes.length, bytes, ...referenceOf(bytes) };
    const { manifests, tags } = this.#repository(repository);
    manifests.set(digest, stored);
    if (tag !== undefined) tags.set(tag, digest);
    return stored;
  }
}

const none = '' as Digest;
const notFound = () => new ShoalError('not-found', 'It is not there.');

function sha256(bytes: Uint8Array): Digest {
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (isDigest(digest)) return digest;
  throw new Error('a hash is no digest');
}

function pageOf(
  all: readonly string[],
  { count, last }: { readonly count: number; readonly last: string | undefined },
) {
  const rest = all.filter((item) => last === undefined || item > last).sort(compareText);
  return { items: rest.slice(0, count), hasMore: rest.length > count };
}

function parse(bytes: Uint8Array): Record<string, unknown> {
  try {
    return Object(JSON.parse(new TextDecoder().decode(bytes)));
  } catch {
    throw new ShoalError('invalid-request', 'The manifest is not JSON.');
  }
}

/** Of layers, those that may be distributed; a subject may be missing. */
function namedBlobs(bytes: Uint8Array): Digest[] {
  const { config, layers, manifests } = parse(bytes);
  const descriptors: unknown[] = [config, layers, manifests].flat();
  return descriptors
    .map((descriptor) => Object(descriptor))
    .filter(({ mediaType }) => !String(mediaType).includes('nondistributable'))
    .map(({ digest }) => String(digest))
    .filter(isDigest);
}

/** Image-spec, "Guidelines for Artifact Usage": without an artifact type the config's media type stands for it. */
function referenceOf(bytes: Uint8Array): Pick<Stored, 'subject' | 'artifactType' | 'annotations'> {
  const { subject, artifactType, config, annotations } = parse(bytes);
  const digest = String(Object(subject).digest);
  const type: unknown = artifactType ?? Object(config).mediaType;
  return {
    subject: isDigest(digest) ? digest : undefined,
    artifactType: typeof type === 'string' ? type : undefined,
    annotations: annotations === undefined ? undefined : Object(annotations),
  };
}
