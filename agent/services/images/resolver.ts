import { type ErrorCode, ShoalError } from '../../../protocol/errors.ts';
import { fullName, parseImageReference, upstreamOf } from '../../../protocol/image-reference.ts';
import type { MeshView } from '../view/mesh-view.ts';
import type { ImageCatalog } from './image-catalog.ts';
import type { ResolvedImage } from './image-platform.ts';
import type { UpstreamImages } from './upstream-images.ts';

const DEFAULT_TAG = 'latest';
/** The registry does not have it, or can't be asked now: what engines have by that name has to do. */
const unknown: readonly ErrorCode[] = ['image-not-found', 'upstream-unavailable', 'timeout'];

export interface ResolverParts {
  readonly images: ImageCatalog;
  readonly upstreams: Pick<UpstreamImages, 'resolve' | 'resolveOwn'>;
  readonly view: Pick<MeshView, 'hosts'>;
  /** Under which addresses people know this mesh's registry, such as `127.0.0.1:5000`. */
  readonly ownHosts: readonly string[];
  /** Whether this host's engine has an image by this name. */
  readonly isOnOwnEngine: (reference: string, signal: AbortSignal) => Promise<boolean>;
}

/** Finds what an image stands for at the moment of a request, so that every host runs the same. */
export class ImageResolver {
  readonly #parts: ResolverParts;

  constructor(parts: ResolverParts) {
    this.#parts = parts;
  }

  /** As `ImagePlatform.resolve`. */
  async resolve(image: string, signal: AbortSignal): Promise<ResolvedImage | undefined> {
    const parsed = parseImageReference(image);
    if (parsed === undefined) {
      const fault = { pointer: '/spec/image', detail: 'expected [REGISTRY/]NAME[:TAG][@DIGEST]' };
      throw new ShoalError('invalid-request', `"${image.slice(0, 200)}" is no image reference.`, { faults: [fault] });
    }
    const name = this.#withoutOwnHost(parsed.name);
    const tag = parsed.tag ?? DEFAULT_TAG;
    const { images, upstreams } = this.#parts;
    if (upstreamOf(name) === undefined) {
      const own = await upstreams.resolveOwn(name, parsed.digest ?? tag, signal);
      if (own !== undefined) return { repository: name, digest: own.digest };
    }
    if (upstreamOf(name) === undefined && (images.has(name) || name !== parsed.name)) {
      throw notFound(
        image,
        `The mesh has the repository ${name}, but not ${parsed.digest ?? tag}; shoal image ls ${name} lists what it has.`,
      );
    }
    if (parsed.digest === undefined && this.#isLocalOnly(parsed.name, tag)) return undefined;
    try {
      return await this.#upstream(image, fullName(name), parsed.digest ?? tag, signal);
    } catch (error) {
      const isUnknown = error instanceof ShoalError && unknown.includes(error.code);
      if (!isUnknown || parsed.digest !== undefined) throw error;
      const written = `${parsed.name}:${tag}`;
      // Host records tell of new images a little late; this host's engine knows what was just built or loaded here.
      if (this.#isOnEngine(written) || (await this.#parts.isOnOwnEngine(written, signal))) return undefined;
      throw error;
    }
  }

  async #upstream(image: string, repository: string, reference: string, signal: AbortSignal): Promise<ResolvedImage> {
    const found = await this.#parts.upstreams.resolve(repository, reference, signal);
    if (found !== undefined) return { repository, digest: found.record.digest };
    throw notFound(
      image,
      `${upstreamOf(repository)?.host} does not have ${repository}:${reference}. Check the name and the tag.`,
    );
  }

  #withoutOwnHost(name: string): string {
    const host = this.#parts.ownHosts.find((own) => name.startsWith(`${own}/`));
    return host === undefined ? name : name.slice(host.length + 1);
  }

  /**
   * Whether engines have the image by this name and none ever pulled that repository: it was built or loaded there, and no
   * registry is to be asked for it.
   */
  #isLocalOnly(name: string, tag: string): boolean {
    return this.#isOnEngine(`${name}:${tag}`) && !this.#engineImages().some((held) => held.startsWith(`${name}@`));
  }

  #isOnEngine(reference: string): boolean {
    return this.#engineImages().includes(reference);
  }

  #engineImages(): readonly string[] {
    return this.#parts.view.hosts().flatMap(({ record }) => record?.images ?? []);
  }
}

const notFound = (image: string, why: string): ShoalError =>
  new ShoalError('image-not-found', `The image ${image} was not found. ${why}`, {
    faults: [{ pointer: '/spec/image', detail: 'no such image' }],
  });
