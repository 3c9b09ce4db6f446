import type { Digest } from '../../../protocol/digest.ts';
import { parseImageReference, upstreamOf } from '../../../protocol/image-reference.ts';
import type { ManifestRecord, TagRecord } from '../../../protocol/schemas/image.ts';
import { blobsOf } from './sizes.ts';

const DAY_MS = 86_400_000;
/** Images of other registries are kept this long after they were fetched, in case they are wanted again. */
const UPSTREAM_KEPT_MS = 7 * DAY_MS;
/** And what their tags stood for this long after they were asked for, for when their registry is gone. */
const UPSTREAM_TAG_KEPT_MS = 30 * DAY_MS;
/** Their tags are written down anew when they are asked for this long after: a write a day tells which are in use. */
const UPSTREAM_TAG_RENEWED_MS = DAY_MS;

/** What an app version or a container runs. */
export interface ImageUse {
  /** As people wrote it. */
  readonly image: string;
  readonly imageDigest?: Digest | undefined;
}

type Dated = Pick<TagRecord, 'repository' | 'pushedAt'>;

export interface ReachableInput {
  readonly manifests: readonly ManifestRecord[];
  readonly tags: readonly (Dated & Pick<TagRecord, 'digest'>)[];
  /** Of every version that is still in the catalog, for it may be rolled back to, and of every container. */
  readonly uses: Iterable<ImageUse>;
  readonly nowMs: number;
  /** Manifests of the mesh's own stay for so long after their push whatever happens: what refers to them may be on its way. */
  readonly graceMs: number;
}

export interface Reachable {
  /** Every blob that has to stay, and the repositories through which it is reached; none when only a container names it. */
  readonly blobs: ReadonlyMap<Digest, ReadonlySet<string>>;
  /** Records that can go. */
  readonly unreachable: readonly ManifestRecord[];
}

/**
 * What images still need, and what nothing does. Roots are tagged manifests, digests that versions and containers run by
 * (in whichever repository), and what is young. From a manifest one reaches its blobs, the images it lists, and those that
 * name it as their subject.
 */
export function reachable({ manifests, tags, uses, nowMs, graceMs }: ReachableInput): Reachable {
  const graph = new Graph(manifests);
  const used = digestsOf(uses);
  for (const tag of tags) if (!isExpired(tag, nowMs)) graph.reach(tag.repository, tag.digest);
  for (const manifest of manifests) {
    const keptMs = upstreamOf(manifest.repository) === undefined ? graceMs : UPSTREAM_KEPT_MS;
    const isOld = nowMs - Date.parse(manifest.pushedAt) > keptMs;
    if (!isOld || used.has(manifest.digest)) graph.reach(manifest.repository, manifest.digest);
  }
  const blobs = graph.blobs();
  for (const digest of used) if (!blobs.has(digest)) blobs.set(digest, new Set());
  return { blobs, unreachable: manifests.filter((manifest) => !graph.isReached(manifest)) };
}

const ageMs = ({ repository, pushedAt }: Dated, nowMs: number): number =>
  upstreamOf(repository) === undefined ? 0 : nowMs - Date.parse(pushedAt);

/** Whether a tag of another registry was not asked for in so long that it can go. Those of the mesh's own stay. */
export const isExpired = (tag: Dated, nowMs: number): boolean => ageMs(tag, nowMs) > UPSTREAM_TAG_KEPT_MS;

/** Whether it is time to write down that a tag of another registry is still asked for. */
export const isToRenew = (tag: Dated, nowMs: number): boolean => ageMs(tag, nowMs) > UPSTREAM_TAG_RENEWED_MS;

function digestsOf(uses: Iterable<ImageUse>): ReadonlySet<Digest> {
  const digests = new Set<Digest>();
  for (const { image, imageDigest } of uses) {
    const written = parseImageReference(image)?.digest;
    if (imageDigest !== undefined) digests.add(imageDigest);
    if (written !== undefined) digests.add(written);
  }
  return digests;
}

/** The manifests of all repositories, and which of them are reached. */
class Graph {
  readonly #byName = new Map<string, ManifestRecord>();
  readonly #referrers = new Map<string, ManifestRecord[]>();
  /** Names of manifests, also of those without a record. */
  readonly #reached = new Set<string>();

  constructor(manifests: readonly ManifestRecord[]) {
    for (const manifest of manifests) {
      this.#byName.set(nameOf(manifest.repository, manifest.digest), manifest);
      if (manifest.subject === undefined) continue;
      const subject = nameOf(manifest.repository, manifest.subject);
      const known = this.#referrers.get(subject);
      if (known === undefined) this.#referrers.set(subject, [manifest]);
      else known.push(manifest);
    }
  }

  reach(repository: string, digest: Digest): void {
    const waiting = [nameOf(repository, digest)];
    for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
      if (this.#reached.has(name)) continue;
      this.#reached.add(name);
      for (const child of this.#byName.get(name)?.manifests ?? []) waiting.push(nameOf(repository, child.digest));
      for (const referrer of this.#referrers.get(name) ?? []) waiting.push(nameOf(repository, referrer.digest));
    }
  }

  isReached({ repository, digest }: ManifestRecord): boolean {
    return this.#reached.has(nameOf(repository, digest));
  }

  blobs(): Map<Digest, Set<string>> {
    const found = new Map<Digest, Set<string>>();
    const add = (digest: Digest, repository: string): void => {
      const known = found.get(digest);
      if (known === undefined) found.set(digest, new Set([repository]));
      else known.add(repository);
    };
    for (const name of this.#reached) {
      const at = name.lastIndexOf('/');
      const repository = name.slice(0, at);
      add(name.slice(at + 1) as Digest, repository);
      const manifest = this.#byName.get(name);
      if (manifest !== undefined) for (const { digest } of blobsOf(manifest)) add(digest, repository);
    }
    return found;
  }
}

const nameOf = (repository: string, digest: Digest): string => `${repository}/${digest}`;
