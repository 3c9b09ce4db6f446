import { createHash } from 'node:crypto';
import { type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../protocol/digest.ts';
import { type Blob, IMAGE_TYPE, type Image } from './random-image.ts';

const TIMEOUT_MS = 120_000;

interface Call {
  readonly headers?: Readonly<Record<string, string | number>>;
  readonly blob?: Blob;
}

/** What was read of an image, every blob compared with its digest. */
export interface Pulled {
  readonly digest: Digest;
  readonly blobs: ReadonlyMap<Digest, number>;
}

/** Pushes to and pulls from a registry behind a Unix socket, such as a tunnel into a host (OCI distribution-spec 1.1). */
export class RegistryClient {
  readonly #socketPath: string;
  readonly #headers: Readonly<Record<string, string>>;

  /** @param login `user:password` */
  constructor(socketPath: string, login?: string) {
    this.#socketPath = socketPath;
    this.#headers = login === undefined ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  }

  /** Pushes what the repository lacks of the image, then its manifest under the tag. */
  async push(repository: string, tag: string, image: Image): Promise<void> {
    for (const blob of [...image.layers, image.config]) await this.#pushBlob(repository, blob);
    const put = { headers: { 'content-type': IMAGE_TYPE }, blob: image.manifest };
    await this.#expect(201, 'PUT', `/v2/${repository}/manifests/${tag}`, put);
  }

  /** Reads an image with all its layers, at most three at once as an engine does, and keeps none of it. */
  async pull(repository: string, reference: string): Promise<Pulled> {
    const path = `/v2/${repository}/manifests/${reference}`;
    const body = await this.#expect(200, 'GET', path, { headers: { accept: IMAGE_TYPE } });
    const manifest = JSON.parse(body) as { config: { digest: Digest }; layers: { digest: Digest }[] };
    const blobs = new Map<Digest, number>();
    const left = [manifest.config, ...manifest.layers];
    const reader = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift())
        blobs.set(next.digest, await this.readBlob(repository, next.digest));
    };
    await Promise.all([reader(), reader(), reader()]);
    return { digest: sha256(body), blobs };
  }

  /** Reads a blob; the answer is its size in bytes. @throws Error when it is not what its digest says */
  async readBlob(repository: string, digest: Digest): Promise<number> {
    const response = await this.send('GET', `/v2/${repository}/blobs/${digest}`);
    const hash = createHash('sha256');
    let sizeBytes = 0;
    for await (const chunk of response as AsyncIterable<Buffer>) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
    const read = `sha256:${hash.digest('hex')}`;
    if (response.statusCode !== 200 || read !== digest)
      throw new Error(`${digest} is answered ${response.statusCode} with ${sizeBytes} bytes of ${read}`);
    return sizeBytes;
  }

  /** Whether the repository has this tag or manifest. */
  async has(repository: string, reference: string): Promise<boolean> {
    const answer = await this.send('HEAD', `/v2/${repository}/manifests/${reference}`);
    answer.resume();
    return answer.statusCode === 200;
  }

  /** Deletes a tag or a manifest. */
  async delete(repository: string, reference: string): Promise<void> {
    await this.#expect(202, 'DELETE', `/v2/${repository}/manifests/${reference}`);
  }

  /** One request; the caller reads the answer's body. */
  send(method: string, path: string, { headers = {}, blob }: Call = {}): Promise<IncomingMessage> {
    const length = blob === undefined ? {} : { 'content-length': blob.sizeBytes };
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          socketPath: this.#socketPath,
          agent: false,
          method,
          path,
          headers: { ...this.#headers, ...length, ...headers },
          timeout: TIMEOUT_MS,
        },
        resolve,
      );
      sent.on('timeout', () => sent.destroy(new Error(`${method} ${path} makes no progress`)));
      sent.on('error', reject);
      if (blob === undefined) sent.end();
      else pipeline(Readable.from(blob.chunks()), sent).catch(reject);
    });
  }

  async #pushBlob(repository: string, blob: Blob): Promise<void> {
    const known = await this.send('HEAD', `/v2/${repository}/blobs/${blob.digest}`);
    known.resume();
    if (known.statusCode === 200) return;
    const begun = await this.send('POST', `/v2/${repository}/blobs/uploads/`);
    begun.resume();
    const location = new URL(begun.headers.location ?? '', 'http://registry');
    if (begun.statusCode !== 202) throw new Error(`an upload to ${repository} is answered ${begun.statusCode}`);
    location.searchParams.set('digest', blob.digest);
    const headers = { 'content-type': 'application/octet-stream' };
    await this.#expect(201, 'PUT', location.pathname + location.search, { headers, blob });
  }

  async #expect(status: number, method: string, path: string, call: Call = {}): Promise<string> {
    const answer = await this.send(method, path, call);
    const body = await text(answer);
    if (answer.statusCode !== status) throw new Error(`${method} ${path} is answered ${answer.statusCode}: ${body}`);
    return body;
  }
}

const sha256 = (body: string): Digest => `sha256:${createHash('sha256').update(body).digest('hex')}` as Digest;
