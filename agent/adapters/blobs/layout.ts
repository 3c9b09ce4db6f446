import { join } from 'node:path';
import { type Digest, digestParts, isDigest } from '../../../protocol/digest.ts';

export const ALGORITHMS = ['sha256', 'sha512'] as const;
const METADATA_SUFFIX = '.meta';
const JOURNAL_SUFFIX = '.journal';

/** Where everything of a blob store lies below its directory. */
export class Layout {
  readonly blobs: string;
  readonly partial: string;
  readonly uploads: string;

  constructor(directory: string) {
    this.blobs = join(directory, 'blobs');
    this.partial = join(directory, 'partial');
    this.uploads = join(directory, 'uploads');
  }

  /** The folder of a complete blob and its metadata. */
  blobFolder(digest: Digest): string {
    const { algorithm, hex } = digestParts(digest);
    return join(this.blobs, algorithm, hex.slice(0, 2));
  }

  blob(digest: Digest): string {
    return join(this.blobFolder(digest), digestParts(digest).hex);
  }

  metadata(digest: Digest): string {
    return this.blob(digest) + METADATA_SUFFIX;
  }

  partialBlob(digest: Digest): string {
    const { algorithm, hex } = digestParts(digest);
    return join(this.partial, `${algorithm}-${hex}`);
  }

  journal(digest: Digest): string {
    return this.partialBlob(digest) + JOURNAL_SUFFIX;
  }

  upload(id: string): string {
    return join(this.uploads, id);
  }
}

/** What a name in a folder of complete blobs stands for; undefined for names that this store does not give. */
export function blobFileOf(algorithm: string, name: string): { digest: Digest; isMetadata: boolean } | undefined {
  const isMetadata = name.endsWith(METADATA_SUFFIX);
  const digest = `${algorithm}:${isMetadata ? name.slice(0, -METADATA_SUFFIX.length) : name}`;
  return isDigest(digest) ? { digest, isMetadata } : undefined;
}

/** The digest of a partial blob whose journal has this name. */
export function journalDigestOf(name: string): Digest | undefined {
  if (!name.endsWith(JOURNAL_SUFFIX)) return undefined;
  const digest = name.slice(0, -JOURNAL_SUFFIX.length).replace('-', ':');
  return isDigest(digest) ? digest : undefined;
}
