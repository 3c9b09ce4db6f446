import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { type Digest, isDigest } from '../../../protocol/digest.ts';

export interface Answer {
  readonly status: number;
  /** What the status line says behind it. */
  readonly reason: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export interface Asked {
  readonly headers?: OutgoingHttpHeaders;
  /** An iterable is sent with chunked encoding, without a length. */
  readonly body?: Uint8Array | string | Iterable<Uint8Array>;
}

/** A registry client that sends what it is told to: paths are not normalised, lengths not corrected, faults not hidden. */
export class RegistryClient {
  readonly #base: URL;
  readonly #headers: OutgoingHttpHeaders;

  constructor(baseUrl: string, headers: OutgoingHttpHeaders = {}) {
    this.#base = new URL(baseUrl);
    this.#headers = headers;
  }

  /** The request as it is open; for those that end it halfway. */
  open(method: string, path: string, headers: OutgoingHttpHeaders = {}): ClientRequest {
    const { protocol, hostname, port } = this.#base;
    const options = { method, path, hostname, port, agent: false, headers: { ...this.#headers, ...headers } };
    const isTls = protocol === 'https:';
    const request = isTls ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options);
    // Who waits for the answer hears of errors; once it is there, the rest of the request may break.
    return request.on('error', () => {});
  }

  async ask(method: string, path: string, { headers = {}, body }: Asked = {}): Promise<Answer> {
    const isWhole = typeof body === 'string' || body instanceof Uint8Array;
    const length = isWhole ? { 'Content-Length': Buffer.byteLength(body) } : {};
    const request = this.open(method, path, { ...length, ...headers });
    const answered = answerTo(request);
    if (isWhole) request.end(body);
    else {
      for (const chunk of body ?? []) request.write(chunk);
      request.end();
    }
    return await answered;
  }

  /** What comes back for these bytes on a connection of their own, until that ends. Reads only once all were sent. */
  async raw(bytes: string): Promise<{ readonly text: string; readonly wasReset: boolean }> {
    const socket = connect(Number(this.#base.port), this.#base.hostname);
    let text = '';
    let wasReset = false;
    socket.on('error', () => {
      wasReset = true;
    });
    socket.write(bytes, () =>
      socket.on('data', (chunk) => {
        text += chunk.toString('latin1');
      }),
    );
    await new Promise((resolve) => socket.on('close', resolve));
    return { text, wasReset };
  }

  async startUpload(repository: string): Promise<string> {
    return locationOf(await this.ask('POST', `/v2/${repository}/blobs/uploads/`));
  }

  /** As docker does it: one PATCH of unknown length, then an empty PUT. */
  async pushBlob(repository: string, bytes: Uint8Array): Promise<Digest> {
    const digest = digestOf(bytes);
    const sent = await this.ask('PATCH', await this.startUpload(repository), { body: [bytes] });
    const put = await this.ask('PUT', withDigest(locationOf(sent), digest), { body: '' });
    if (put.status !== 201) throw new Error(`the blob was not taken: ${put.status} ${put.body}`);
    return digest;
  }

  async pushManifest(repository: string, reference: string, manifest: Manifest): Promise<Answer> {
    const headers = { 'Content-Type': manifest.mediaType };
    return await this.ask('PUT', `/v2/${repository}/manifests/${reference}`, { headers, body: manifest.bytes });
  }
}

export async function answerTo(request: ClientRequest): Promise<Answer> {
  const [response]: [IncomingMessage] = await (once(request, 'response') as Promise<[IncomingMessage]>);
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    headers: response.headers,
    body: await buffer(response),
  };
}

export function digestOf(bytes: Uint8Array | string, algorithm: 'sha256' | 'sha512' = 'sha256'): Digest {
  const text = `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
  if (isDigest(text)) return text;
  throw new Error('a hash is no digest');
}

export const withDigest = (location: string, digest: string): string =>
  `${location}${location.includes('?') ? '&' : '?'}digest=${digest}`;

export const randomBlob = (sizeBytes = 1_000): Uint8Array => randomBytes(sizeBytes);

let names = 0;
/** A repository that no other test uses, also against a registry that keeps what it has. */
export const newRepository = (): string => `conformance/r${randomBytes(5).toString('hex')}${names++}`;

export function locationOf({ status, headers }: Answer): string {
  if (headers.location === undefined) throw new Error(`no Location in an answer with ${status}`);
  return headers.location;
}

export const jsonOf = ({ body }: Answer): unknown => JSON.parse(body.toString());

/** The code of an error body of the specification; undefined when it is none. */
export function errorCode(answer: Answer): string | undefined {
  if (answer.headers['content-type'] !== 'application/json') return undefined;
  const { errors } = Object(jsonOf(answer));
  const code: unknown = Array.isArray(errors) ? Object(errors[0]).code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
export const OCI_EMPTY = 'application/vnd.oci.empty.v1+json';

export interface Manifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: Digest;
}

export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly [field: string]: unknown;
}

/** Spaces and all: it has to come back byte by byte. */
export function manifestOf(content: object, mediaType = OCI_MANIFEST): Manifest {
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }, undefined, 3));
  return { mediaType, bytes, digest: digestOf(bytes) };
}

export const descriptorOf = ({ mediaType, digest, bytes }: Manifest): Descriptor => ({
  mediaType,
  digest,
  size: bytes.length,
});

export const layerOf = (bytes: Uint8Array, mediaType = 'application/vnd.oci.image.layer.v1.tar'): Descriptor => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});

const CONFIG = Buffer.from('{"architecture":"amd64","os":"linux"}');

/** An image of one layer, its blobs pushed, its manifest not. */
export async function newImage(client: RegistryClient, repository: string, more: object = {}): Promise<Manifest> {
  const layer = randomBlob();
  await client.pushBlob(repository, CONFIG);
  await client.pushBlob(repository, layer);
  const config = layerOf(CONFIG, 'application/vnd.oci.image.config.v1+json');
  return manifestOf({ config, layers: [layerOf(layer)], ...more });
}
