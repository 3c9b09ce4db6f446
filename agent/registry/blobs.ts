import type { Digest } from '../../protocol/digest.ts';
import { ShoalError } from '../../protocol/errors.ts';
import { upstreamOf } from '../../protocol/image-reference.ts';
import type { Exchange, Headers } from './exchange.ts';
import type { Parts } from './parts.ts';
import { parseRange } from './range.ts';
import { notAllowed, RegistryError } from './registry-error.ts';
import type { Name } from './route.ts';

interface BlobRoute {
  readonly name: Name;
  readonly digest: Digest;
}

/** `/v2/<name>/blobs/<digest>`. */
export async function serveBlob(exchange: Exchange, route: BlobRoute, parts: Parts): Promise<void> {
  switch (exchange.request.method) {
    case 'GET':
      return await getBlob(exchange, route, parts);
    case 'HEAD':
      return await headBlob(exchange, route, parts);
    case 'DELETE':
      await parts.backend.deleteBlob(route.name.repository, route.digest);
      return exchange.send(202, {});
    default:
      throw notAllowed('GET, HEAD, DELETE');
  }
}

const headersOf = (digest: Digest): Headers => ({
  'Content-Type': 'application/octet-stream',
  'Docker-Content-Digest': digest,
  ETag: `"${digest}"`,
  'Accept-Ranges': 'bytes',
});

/** Asked before a push, so it brings nothing here; only an upstream's blob has to be looked for as a GET would. */
async function headBlob(exchange: Exchange, { name, digest }: BlobRoute, { backend }: Parts): Promise<void> {
  let size = await backend.blobSize(name.repository, digest);
  if (size === undefined && upstreamOf(name.repository) !== undefined) {
    size = await backend.wantBlob(name.repository, digest, exchange.signal);
  }
  if (size === undefined) throw unknown();
  exchange.send(200, { ...headersOf(digest), 'Content-Length': size });
}

/** What was dropped between the answer that it is here and its first byte comes anew when asked for again, or the reason does. */
async function getBlob(exchange: Exchange, route: BlobRoute, parts: Parts): Promise<void> {
  try {
    await sendBlob(exchange, route, parts);
  } catch (error) {
    const isGone = error instanceof ShoalError && error.code === 'not-found' && !exchange.hasBegun;
    if (!isGone) throw error;
    await sendBlob(exchange, route, parts);
  }
}

/** Begins with the first bytes and goes on as the blob arrives: an engine asks anew from where it was cut. */
async function sendBlob(exchange: Exchange, { name, digest }: BlobRoute, { backend, store }: Parts): Promise<void> {
  const size = await backend.wantBlob(name.repository, digest, exchange.signal);
  if (size === undefined) throw unknown();
  const { range: header, 'if-range': validator } = exchange.request.headers;
  const isSame = validator === undefined || validator === `"${digest}"`;
  const range = parseRange(isSame ? header : undefined, size);
  if (range === 'unsatisfiable') {
    throw new RegistryError(416, 'SIZE_INVALID', 'The blob ends before the range begins.', {
      headers: { 'Content-Range': `bytes */${size}` },
    });
  }
  const { start, end } = range ?? { start: 0, end: size };
  const partHeaders = range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${size}` };
  const headers = { ...headersOf(digest), ...partHeaders };
  if (size === 0) return exchange.send(200, headers);
  await exchange.stream(
    range === undefined ? 200 : 206,
    headers,
    end - start,
    store.read(digest, { start, end }, exchange.signal),
  );
}

const unknown = () => new RegistryError(404, 'BLOB_UNKNOWN', 'There is no such blob.');
