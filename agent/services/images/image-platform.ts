import type { Digest } from '../../../protocol/digest.ts';
import type {
  BlobLocation,
  HostImageUsage,
  Image,
  ImageDetail,
  ImageSettings,
  Namespace,
  Repository,
  Transfer,
  Upstream,
} from '../../../protocol/schemas/image.ts';

/** An image as it was written, and what it stands for. */
export interface ResolvedImage {
  /** Name in the mesh's registry: `team/app`, or `docker.io/library/nginx`. */
  readonly repository: string;
  readonly digest: Digest;
}

/** What the API shows of images. Reads are local unless they return a promise. Throws ShoalError. */
export interface ImagePlatform {
  repositories(): readonly Repository[];
  repository(name: string): Repository | undefined;
  /** Newest first. */
  images(repository: string): readonly Image[];
  /** By tag or digest. */
  image(repository: string, reference: string): ImageDetail | undefined;
  /** Who holds the blobs of an image, its children's included. */
  locations(repository: string, digest: Digest): Promise<readonly BlobLocation[]>;
  /** Blobs on their way to any host; hosts that don't answer are left out. */
  transfers(): Promise<readonly Transfer[]>;
  usage(): readonly HostImageUsage[];
  namespaces(): readonly Namespace[];
  upstreams(): readonly Upstream[];
  settings(): ImageSettings;
  /**
   * What an image stands for now; undefined when only engines know it, by that name.
   *
   * @throws ShoalError image-not-found, upstream-denied, upstream-unavailable
   */
  resolve(image: string, signal: AbortSignal): Promise<ResolvedImage | undefined>;
  /** Seals a registry's password for the catalog. */
  seal(password: string, host: string): string;
}
