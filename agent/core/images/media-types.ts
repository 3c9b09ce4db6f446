/** What a manifest of a media type is; undefined for what is no manifest, or none that this mesh keeps. */
export function kindOfManifest(mediaType: string): 'image' | 'index' | 'schema1' | undefined {
  switch (mediaType) {
    case 'application/vnd.oci.image.manifest.v1+json':
    case 'application/vnd.docker.distribution.manifest.v2+json':
      return 'image';
    case 'application/vnd.oci.image.index.v1+json':
    case 'application/vnd.docker.distribution.manifest.list.v2+json':
      return 'index';
    case 'application/vnd.docker.distribution.manifest.v1+json':
    case 'application/vnd.docker.distribution.manifest.v1+prettyjws':
      return 'schema1';
    default:
      return undefined;
  }
}

/** Of an image that runs; every other config is that of an artifact. */
export const isImageConfig = (mediaType: string): boolean =>
  mediaType === 'application/vnd.oci.image.config.v1+json' ||
  mediaType === 'application/vnd.docker.container.image.v1+json';

/** Whether clients fetch a layer from elsewhere, so that no registry has to have it. */
export const isOptionalLayer = (mediaType: string, hasUrls: boolean): boolean =>
  hasUrls &&
  (mediaType === 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip' ||
    /^application\/vnd\.oci\.image\.layer\.nondistributable\.v1\.tar(\+gzip|\+zstd)?$/.test(mediaType));
