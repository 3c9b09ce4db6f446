import type { MessagePort } from 'node:worker_threads';
import type { BlobStoreEvent } from '../../ports/blob-store.ts';
import type { Blobs } from '../../ports/blobs.ts';
import type { Upstream } from '../../ports/upstream.ts';
import { type BlobCalls, blobMethods, upstreamMethods } from './blob-calls.ts';
import { callerOf } from './caller.ts';

/** The Blobs port, by calls to the thread at the other end of these ports. */
export function remoteBlobs(ports: {
  readonly blobs: MessagePort;
  readonly upstream: MessagePort;
  readonly piecePort: number;
}): Blobs {
  const { watch, ...calls } = callerOf<BlobCalls>(ports.blobs, blobMethods);
  const handlers = new Set<(event: BlobStoreEvent) => void>();
  const never = new AbortController().signal;
  const onEvent = (event: BlobStoreEvent) => {
    for (const handler of handlers) handler(event);
  };
  // It ends with the thread, and whoever asks for something then is told.
  watch(onEvent, never).catch(() => undefined);
  return {
    ...calls,
    piecePort: ports.piecePort,
    upstream: callerOf<Upstream>(ports.upstream, upstreamMethods),
    onEvent(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
  };
}
