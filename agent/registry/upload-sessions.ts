import type { BlobStore } from '../ports/blob-store.ts';
import { RegistryError } from './registry-error.ts';

/** A push under way. Its bytes are the store's; that it belongs to a repository is known here. */
export interface UploadSession {
  readonly id: string;
  readonly repository: string;
}

/** The uploads of all listeners. As many as the store keeps open; those that it ended are forgotten. */
export class UploadSessions {
  readonly #store: BlobStore;
  readonly #repositories = new Map<string, string>();
  readonly #busy = new Set<string>();

  constructor(store: BlobStore) {
    this.#store = store;
  }

  /** @throws ShoalError rate-limited, not-stored */
  async begin(repository: string): Promise<UploadSession> {
    for (const id of this.#repositories.keys()) {
      if (this.#store.upload(id) === undefined) this.#repositories.delete(id);
    }
    const { id } = await this.#store.beginUpload();
    this.#repositories.set(id, repository);
    return { id, repository };
  }

  /** Another repository's upload is as unknown as one that never was. @throws RegistryError 404 */
  find(id: string, repository: string): UploadSession {
    if (this.#repositories.get(id) === repository && this.#store.upload(id) !== undefined) return { id, repository };
    throw new RegistryError(404, 'BLOB_UPLOAD_UNKNOWN', 'There is no such upload in this repository.');
  }

  offsetBytes({ id }: UploadSession): number {
    return this.#store.upload(id)?.offsetBytes ?? 0;
  }

  /** Runs one thing at a time for each upload. @throws RegistryError 409 while another request writes to it */
  async exclusively<T>({ id }: UploadSession, task: () => Promise<T>): Promise<T> {
    if (this.#busy.has(id)) {
      throw new RegistryError(409, 'BLOB_UPLOAD_INVALID', 'Another request writes to this upload.');
    }
    this.#busy.add(id);
    try {
      return await task();
    } finally {
      this.#busy.delete(id);
    }
  }

  async end({ id }: UploadSession): Promise<void> {
    this.#repositories.delete(id);
    await this.#store.cancelUpload(id);
  }
}
