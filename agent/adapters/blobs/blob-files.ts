import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Digest } from '../../../protocol/digest.ts';
import { writePrivateFile } from '../local-files.ts';
import { syncFolder } from './file-bytes.ts';
import type { Layout } from './layout.ts';
import { encodeMetadata, type Metadata } from './metadata.ts';

/** The files of complete blobs. What resolves here survives a power cut. */
export class BlobFiles {
  readonly #layout: Layout;
  readonly #folders = new Set<string>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  /**
   * Makes a file, whose bytes are synced, the bytes of a blob. When it fails the file is where it was. Metadata goes first: bytes
   * without it would have to be hashed again at the next start, it without bytes is nothing.
   */
  async commit(digest: Digest, metadata: Metadata, from: string): Promise<void> {
    const folder = this.#layout.blobFolder(digest);
    await this.#makeFolder(folder);
    const path = this.#layout.blob(digest);
    try {
      await this.writeMetadata(digest, metadata);
      await rename(from, path);
      await syncFolder(folder);
    } catch (error) {
      await rename(path, from).catch(() => undefined);
      await rm(this.#layout.metadata(digest), { force: true }).catch(() => undefined);
      throw error;
    }
  }

  async writeMetadata(digest: Digest, metadata: Metadata): Promise<void> {
    const path = this.#layout.metadata(digest);
    try {
      await writePrivateFile(path, encodeMetadata(metadata));
    } catch (error) {
      await rm(`${path}.new`, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  /** Bytes first: metadata alone is dropped at the next start, bytes alone would come back. */
  async remove(digest: Digest): Promise<void> {
    await rm(this.#layout.blob(digest), { force: true });
    await rm(this.#layout.metadata(digest), { force: true });
  }

  async #makeFolder(folder: string): Promise<void> {
    if (this.#folders.has(folder)) return;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(dirname(folder));
    this.#folders.add(folder);
  }
}
