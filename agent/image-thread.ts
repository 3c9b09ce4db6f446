import { workerData } from 'node:worker_threads';
import { DiskStore } from './adapters/blobs/disk-store.ts';
import { BufferPool } from './adapters/pieces/buffer-pool.ts';
import { makeCertificate } from './adapters/pieces/certificate.ts';
import { PieceClient } from './adapters/pieces/piece-client.ts';
import { PieceServer } from './adapters/pieces/piece-server.ts';
import { TokenBucket } from './adapters/pieces/token-bucket.ts';
import { systemClock } from './adapters/system-clock.ts';
import { blobMethods, upstreamMethods } from './adapters/thread/blob-calls.ts';
import { callerOf } from './adapters/thread/caller.ts';
import { LocalBlobs } from './adapters/thread/local-blobs.ts';
import { sendLog } from './adapters/thread/log-wire.ts';
import { serve } from './adapters/thread/serve.ts';
import { OriginFetcher } from './adapters/upstream/origin-fetcher.ts';
import { UpstreamClient } from './adapters/upstream/upstream-client.ts';
import {
  backendMethods,
  type ImageThreadControl,
  type ImageThreadData,
  type ImageThreadPlaces,
  type ImageThreadSettings,
  lastingBackendMethods,
  threadMethods,
} from './image-thread-contract.ts';
import { listeningAs } from './listening.ts';
import type { Log } from './ports/log.ts';
import { createRegistry, type Registry } from './registry/registry.ts';
import type { RegistryBackend } from './services/images/registry-backend.ts';

// The thread in which all bytes of images are handled: a composition root of its own, started by start-image-thread.ts.
// What is imported here is loaded a second time, so no library is.

class ImageThread implements ImageThreadControl {
  readonly #data: ImageThreadData;
  readonly #log: Log;
  readonly #started = new AsyncDisposableStack();
  #registry: Registry | undefined;

  constructor(data: ImageThreadData, log: Log) {
    this.#data = data;
    this.#log = log;
  }

  /** What was started before a failure is stopped again. */
  async start(): Promise<ImageThreadPlaces> {
    try {
      return await this.#start(this.#data.settings);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  async #start(settings: ImageThreadSettings): Promise<ImageThreadPlaces> {
    const { ports } = this.#data;
    const clock = systemClock;
    const log = this.#log;
    const { directory, quotaBytes, reserveBytes } = settings;
    const reserve = reserveBytes === undefined ? {} : { reserveBytes };
    const opened = await DiskStore.open({ directory, quotaBytes, ...reserve, clock, log });
    const store = this.#started.adopt(opened, (disk) => disk.close());

    const caps = {
      upload: new TokenBucket(clock, undefined),
      download: new TokenBucket(clock, undefined),
      origin: new TokenBucket(clock, undefined),
    };
    const buffers = this.#started.adopt(new BufferPool(clock), (pool) => pool.close());
    const certificate = makeCertificate(settings.privateKey, clock.nowMs());
    const server = this.#started.adopt(
      await listeningAs('SHOAL_PIECES_LISTEN', settings.pieces, (listen) =>
        PieceServer.listen({ store, certificate, listen, upload: caps.upload, buffers, clock, log }),
      ),
      (pieces) => pieces.close(),
    );
    const client = new PieceClient({ store, certificate, download: caps.download, buffers, clock });
    this.#started.adopt(client, (pieces) => pieces.close());
    const upstream = this.#started.adopt(new UpstreamClient({ clock, proxies: settings.proxies }), (others) =>
      others.close(),
    );
    const origin = new OriginFetcher({ upstream, store, origin: caps.origin, clock });

    const methods = { lasting: lastingBackendMethods };
    const backend = callerOf<RegistryBackend>(ports.backend, backendMethods, methods);
    const registry = createRegistry({ backend, store, clock, log });
    this.#registry = registry;
    this.#started.defer(() => this.stopServing());
    const registryAt =
      settings.registry &&
      (await listeningAs('SHOAL_REGISTRY_LISTEN', settings.registry, (at) =>
        registry.listen({ ...at, role: 'registry' }),
      ));
    const mirrorAt =
      settings.mirror &&
      (await listeningAs('SHOAL_MIRROR_LISTEN', settings.mirror, (at) =>
        registry.listen({ ...at, role: 'hub-mirror' }),
      ));

    const { secure } = settings;
    if (secure !== undefined) {
      const { cert, key, ...place } = secure;
      const authenticate = (username: string, password: string) => backend.authenticate(username, password);
      await listeningAs('SHOAL_REGISTRY_TLS_LISTEN', place, (at) =>
        registry.listen({ ...at, role: 'registry', tls: { cert, key }, authenticate }),
      );
    }

    serve(ports.blobs, new LocalBlobs({ store, server, client, origin, caps }), blobMethods, log);
    serve(ports.upstream, upstream, upstreamMethods, log);
    return { piecePort: server.port, registry: registryAt, mirror: mirrorAt };
  }

  async ping(): Promise<void> {}

  async stopServing(): Promise<void> {
    await this.#registry?.close();
    this.#registry = undefined;
  }

  /** In reverse order: requests, ways in and out, the store. */
  stop(): Promise<void> {
    return this.#started.disposeAsync();
  }
}

const data = workerData as ImageThreadData;
const log = sendLog(data.ports.log, data.settings.logLevel);
serve(data.ports.control, new ImageThread(data, log), threadMethods, log);
