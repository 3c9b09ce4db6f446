import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { Digest } from '../../../protocol/digest.ts';
import { ScriptedRegistry } from '../../conformance/upstream/scripted-registry.ts';
import { type Blob, IMAGE_TYPE, type Image } from '../../framework/random-image.ts';
import { offer, type Reach } from '../../framework/reach.ts';
import type { RealCluster } from '../../framework/real-cluster.ts';
import type { RealHost } from '../../framework/real-host.ts';

/** Answers a request instead of the registry, or lets it. */
export type Misbehave = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A registry with one image, at repository `app` and tag `1`, that misbehaves as told; all hosts reach it. */
export class MisbehavingRegistry {
  readonly url: string;
  /** May be changed while it runs. */
  misbehave: Misbehave;
  readonly #registry: ScriptedRegistry;
  readonly #reach: Reach;

  private constructor(registry: ScriptedRegistry, reach: Reach, misbehave: Misbehave) {
    this.#registry = registry;
    this.#reach = reach;
    this.url = reach.baseUrl;
    this.misbehave = misbehave;
  }

  /** @param on where its port is opened */
  static async start(
    cluster: RealCluster,
    on: { readonly host: RealHost; readonly port: number },
    image: Image,
    misbehave: Misbehave,
  ): Promise<MisbehavingRegistry> {
    const blobs = new Map<string, Blob>([image.manifest, image.config, ...image.layers].map((b) => [b.digest, b]));
    const serve = serverOf(image, blobs);
    const registry = await ScriptedRegistry.start((request, response) => {
      if (!self.misbehave(request, response)) serve(request, response);
    });
    const port = Number(new URL(registry.url).port);
    const self = new MisbehavingRegistry(registry, await offer(cluster, on.host, on.port, port), misbehave);
    return self;
  }

  /** Requests for a blob. */
  gets(digest: Digest): number {
    return this.#registry.asked.filter(({ path }) => path.endsWith(`/blobs/${digest}`)).length;
  }

  async stop(): Promise<void> {
    await this.#reach.close();
    await this.#registry.stop();
  }
}

const serverOf =
  (image: Image, blobs: ReadonlyMap<string, Blob>) => (request: IncomingMessage, response: ServerResponse) => {
    const [, kind, reference = ''] = /^\/v2\/app\/(manifests|blobs)\/(.+)$/.exec(request.url ?? '') ?? [];
    const blob = kind === 'manifests' && reference === '1' ? image.manifest : blobs.get(reference);
    if (blob === undefined) return void response.writeHead(404).end();
    const bytes = Buffer.concat([...blob.chunks()]);
    const [, first = '0', last = `${bytes.length - 1}`] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
    const part = bytes.subarray(Number(first), Number(last) + 1);
    response.writeHead(request.headers.range === undefined ? 200 : 206, {
      'content-type': kind === 'manifests' ? IMAGE_TYPE : 'application/octet-stream',
      'content-length': part.length,
      'content-range': `bytes ${first}-${last}/${bytes.length}`,
      'docker-content-digest': blob.digest,
    });
    response.end(request.method === 'HEAD' ? undefined : part);
  };

export const isBlob = (request: IncomingMessage, { digest }: Blob): boolean =>
  request.url?.endsWith(`/blobs/${digest}`) === true;

/** Sends a blob in parts with pauses between them. */
export async function trickle(response: ServerResponse, blob: Blob, parts: number, pauseMs: number): Promise<void> {
  const bytes = Buffer.concat([...blob.chunks()]);
  const size = Math.ceil(bytes.length / parts);
  response.writeHead(200, { 'content-length': bytes.length, 'docker-content-digest': blob.digest });
  for (let at = 0; at < bytes.length && !response.destroyed; at += size) {
    response.write(bytes.subarray(at, at + size));
    await pause(pauseMs);
  }
  response.end();
}
