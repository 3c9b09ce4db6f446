import { MemoryBlobStore } from '../../../agent/ports/blob-store-memory.ts';
import { MemoryBlobs } from '../../../agent/ports/blobs-memory.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { MemoryPieceNetwork } from '../../../agent/ports/piece-network-memory.ts';
import { MemoryUpstream } from '../../../agent/ports/upstream-memory.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { type PlaneHost, planeSuite } from './plane.suite.ts';

const QUOTA_BYTES = 64 * 1_024 ** 2;
const upstreamUrl = 'https://registry.example';

planeSuite('in-memory twin', async () => {
  const clock = new VirtualClock();
  const network = new MemoryPieceNetwork({ clock });
  const upstream = new MemoryUpstream({ clock });
  const host = (name: string): PlaneHost => {
    const hostId = name as HostId;
    const store = new MemoryBlobStore({ clock, quotaBytes: QUOTA_BYTES });
    const blobs = new MemoryBlobs({ hostId, store, network, upstream });
    const source = { hostId, addresses: ['127.0.0.1'], port: blobs.piecePort };
    return { hostId, blobs, source, stop: async () => blobs.stop() };
  };
  const hosts = [host('giver'), host('taker')] as const;
  return {
    hosts,
    upstreamUrl,
    addBlob: (bytes) => upstream.addBlob(bytes),
    addManifest: (repository, tag, bytes, mediaType) =>
      upstream.addManifest(upstreamUrl, repository, tag, bytes, mediaType),
    blobRequests: () => upstream.requests.filter(({ kind }) => kind === 'blob').length,
    dispose: async () => {
      for (const { stop } of hosts) await stop();
    },
  };
});
