import type { BlobStoreEvent } from '../../ports/blob-store.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Upstream } from '../../ports/upstream.ts';
import type { MethodOf } from './caller.ts';

/** What the thread of the bytes can be asked for: `Blobs`, as far as it is calls. */
export interface BlobCalls extends Omit<Blobs, 'piecePort' | 'upstream' | 'onEvent'> {
  /** Tells what happens in the store until the signal aborts, and resolves then. */
  watch(onEvent: (event: BlobStoreEvent) => void, signal: AbortSignal): Promise<void>;
}

export const blobMethods = [
  'list',
  'usage',
  'stats',
  'open',
  'complete',
  'fail',
  'readAll',
  'write',
  'pin',
  'touch',
  'remove',
  'verify',
  'fetchPiece',
  'fetchOrigin',
  'setMembers',
  'setCaps',
  'watch',
] as const satisfies readonly MethodOf<BlobCalls>[];

export const upstreamMethods = ['resolve', 'manifest'] as const satisfies readonly MethodOf<Upstream>[];
