import type { BlobStore } from '../ports/blob-store.ts';
import type { RegistryBackend } from '../services/images/registry-backend.ts';
import type { UploadSessions } from './upload-sessions.ts';

/** What answers are made of. */
export interface Parts {
  readonly backend: RegistryBackend;
  readonly store: BlobStore;
  readonly uploads: UploadSessions;
}
