import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { startImageThread } from '../../../agent/start-image-thread.ts';
import { digestOf } from '../blobs/content.ts';
import { ScriptedRegistry, sendBlob } from '../upstream/scripted-registry.ts';
import { type PlaneHost, planeSuite } from './plane.suite.ts';

const QUOTA_BYTES = 64 * 1_024 ** 2;
const loopback = { address: '127.0.0.1', port: 0 };

interface Content {
  readonly bytes: Buffer;
  readonly mediaType: string | undefined;
}

planeSuite('a thread for each host, on loopback', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'shoal-plane-'));
  const contents = new Map<string, Content>();
  const upstream = await ScriptedRegistry.start((request, response) => {
    const content = contents.get(request.url ?? '');
    if (content === undefined) response.writeHead(404).end();
    else if (content.mediaType === undefined) sendBlob(request, response, content.bytes);
    else {
      const headers = { 'content-type': content.mediaType, 'docker-content-digest': digestOf(content.bytes) };
      response.writeHead(200, { ...headers, 'content-length': content.bytes.length });
      response.end(request.method === 'HEAD' ? undefined : content.bytes);
    }
  });
  const host = async (name: string): Promise<PlaneHost> => {
    const { hostId, privateKey } = await newIdentity();
    const thread = await startImageThread({
      directory: join(directory, name),
      quotaBytes: QUOTA_BYTES,
      reserveBytes: 0,
      privateKey,
      pieces: loopback,
      registry: undefined,
      mirror: undefined,
      secure: undefined,
      proxies: {},
      logLevel: 'silent',
      log: silentLog,
    });
    const source = { hostId, addresses: ['127.0.0.1'], port: thread.piecePort };
    return { hostId, blobs: thread.blobs, source, stop: () => thread.stop() };
  };
  const hosts = [await host('giver'), await host('taker')] as const;
  return {
    hosts,
    upstreamUrl: upstream.url,
    addBlob: (bytes) => contents.set(`/v2/library/nginx/blobs/${digestOf(bytes)}`, { bytes, mediaType: undefined }),
    addManifest: (repository, tag, bytes, mediaType) => {
      for (const reference of [tag, digestOf(bytes)])
        contents.set(`/v2/${repository}/manifests/${reference}`, { bytes, mediaType });
    },
    blobRequests: () => upstream.ranges.length,
    dispose: async () => {
      for (const { stop } of hosts) await stop();
      await upstream.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
});
