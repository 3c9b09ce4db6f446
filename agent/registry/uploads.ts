import { type Digest, isDigest } from '../../protocol/digest.ts';
import { errors, ShoalError } from '../../protocol/errors.ts';
import { isRepository } from '../../protocol/image-reference.ts';
import { limits } from '../../protocol/limits.ts';
import type { Exchange, Headers } from './exchange.ts';
import type { Parts } from './parts.ts';
import { type ByteRange, parseContentRange, uploadedRange } from './range.ts';
import { notAllowed, RegistryError } from './registry-error.ts';
import { digestOf, type Name, pathIn } from './route.ts';
import type { UploadSession } from './upload-sessions.ts';

/** The quota is asked again after so many bytes of a body whose length was not said. */
const ADMIT_BYTES = 64 * 1024 * 1024;

/** `POST /v2/<name>/blobs/uploads/`: a mount, a whole blob, or the begin of an upload. */
export async function serveUploads(
  exchange: Exchange,
  name: Name,
  query: URLSearchParams,
  parts: Parts,
): Promise<void> {
  if (exchange.request.method !== 'POST') throw notAllowed('POST');
  const digest = query.has('digest') ? digestOf(query.get('digest')) : undefined;
  await admit(exchange, name, 0, parts);
  const mounted = query.get('mount');
  if (mounted !== null && (await mount(exchange, name, mounted, query.get('from'), parts))) return;
  const session = await parts.uploads.begin(name.repository);
  if (digest === undefined) {
    exchange.send(202, progressOf(name, session, parts));
    return;
  }
  try {
    await parts.uploads.exclusively(session, () => take(exchange, session, parts));
    await finish(exchange, name, session, digest, parts);
  } finally {
    // Nobody learned of its id.
    await parts.uploads.end(session);
  }
}

/** `/v2/<name>/blobs/uploads/<id>`. */
export async function serveUpload(
  exchange: Exchange,
  { name, id }: { readonly name: Name; readonly id: string },
  query: URLSearchParams,
  parts: Parts,
): Promise<void> {
  const session = parts.uploads.find(id, name.repository);
  switch (exchange.request.method) {
    case 'GET':
    case 'HEAD':
      return exchange.send(204, progressOf(name, session, parts));
    case 'PATCH':
      await parts.uploads.exclusively(session, () => append(exchange, name, session, parts));
      return exchange.send(202, progressOf(name, session, parts));
    case 'PUT': {
      const digest = digestOf(query.get('digest'));
      return await parts.uploads.exclusively(session, async () => {
        if (exchange.hasBody) await append(exchange, name, session, parts);
        await finish(exchange, name, session, digest, parts);
      });
    }
    case 'DELETE':
      await parts.uploads.end(session);
      return exchange.send(204, {});
    default:
      throw notAllowed('GET, HEAD, PATCH, PUT, DELETE');
  }
}

/** A blob that the mesh has needs no bytes; without `from` it may be anybody's. False: it has to be uploaded. */
async function mount(
  exchange: Exchange,
  name: Name,
  digest: string,
  from: string | null,
  { backend }: Parts,
): Promise<boolean> {
  if (!isDigest(digest) || (from !== null && !isRepository(from))) return false;
  const size = await backend.blobSize(name.repository, digest);
  if (size === undefined) return false;
  await backend.admitUpload(name.repository, from === name.repository ? 0 : size);
  exchange.send(201, { Location: pathIn(name, `blobs/${digest}`), 'Docker-Content-Digest': digest });
  return true;
}

async function append(exchange: Exchange, name: Name, session: UploadSession, parts: Parts): Promise<void> {
  const chunk = chunkOf(exchange);
  const offset = parts.uploads.offsetBytes(session);
  if (chunk !== undefined && chunk.start !== offset) throw outOfOrder(name, session, parts);
  await admit(exchange, name, offset, parts);
  try {
    await take(exchange, session, parts, chunk);
  } catch (error) {
    // Who was cut off may go on where it was; bytes that should not have come, or found no room, are worth nothing.
    if (isFinal(error)) await parts.uploads.end(session);
    throw error;
  }
}

const isFinal = (error: unknown): boolean =>
  error instanceof RegistryError ||
  (error instanceof ShoalError && (error.code === 'not-stored' || !errors[error.code].retryable));

/** Takes the body; its end is the upload's new offset. */
async function take(exchange: Exchange, session: UploadSession, { backend, store }: Parts, chunk?: ByteRange) {
  const startBytes = store.upload(session.id)?.offsetBytes ?? 0;
  async function* checked(): AsyncGenerator<Uint8Array> {
    let endBytes = startBytes;
    let admittedBytes = startBytes + Math.max(exchange.bodyBytes ?? 0, ADMIT_BYTES);
    for await (const bytes of exchange.body()) {
      endBytes += bytes.length;
      if (chunk !== undefined && endBytes > chunk.end) throw wrongSize();
      if (endBytes > admittedBytes) {
        await backend.admitUpload(session.repository, endBytes);
        admittedBytes = endBytes + ADMIT_BYTES;
      }
      yield bytes;
    }
    if (chunk !== undefined && endBytes !== chunk.end) throw wrongSize();
  }
  await store.append(session.id, checked(), startBytes);
}

async function finish(
  exchange: Exchange,
  name: Name,
  session: UploadSession,
  digest: Digest,
  { backend, store, uploads }: Parts,
): Promise<void> {
  try {
    await backend.admitUpload(name.repository, uploads.offsetBytes(session));
    const blob = await store.finishUpload(session.id, digest);
    await backend.uploaded(name.repository, digest, blob.sizeBytes);
  } finally {
    await uploads.end(session);
  }
  exchange.send(201, { Location: pathIn(name, `blobs/${digest}`), 'Docker-Content-Digest': digest });
}

/** @throws RegistryError 413, ShoalError forbidden, quota-exceeded */
async function admit(exchange: Exchange, name: Name, offsetBytes: number, { backend }: Parts): Promise<void> {
  const sizeBytes = offsetBytes + (exchange.bodyBytes ?? 0);
  if (sizeBytes > limits.blobBytes) {
    throw new RegistryError(413, 'SIZE_INVALID', `A blob has at most ${limits.blobBytes} bytes.`);
  }
  await backend.admitUpload(name.repository, sizeBytes);
}

/** Undefined without `Content-Range`: the body goes where the upload stands. @throws RegistryError 400 */
function chunkOf(exchange: Exchange): ByteRange | undefined {
  const header = exchange.request.headers['content-range'];
  if (header === undefined) return undefined;
  const range = parseContentRange(header);
  if (range === undefined) throw new RegistryError(400, 'BLOB_UPLOAD_INVALID', 'Content-Range is not "START-END".');
  if (exchange.bodyBytes !== undefined && exchange.bodyBytes !== range.end - range.start) throw wrongSize();
  return range;
}

function progressOf(name: Name, session: UploadSession, { uploads }: Parts): Headers {
  return {
    Location: pathIn(name, `blobs/uploads/${session.id}`),
    Range: uploadedRange(uploads.offsetBytes(session)),
    'Docker-Upload-UUID': session.id,
  };
}

function outOfOrder(name: Name, session: UploadSession, parts: Parts): RegistryError {
  const { Location = '', Range = '', 'Docker-Upload-UUID': id = '' } = progressOf(name, session, parts);
  return new RegistryError(416, 'BLOB_UPLOAD_INVALID', 'The chunk does not begin where the upload stands.', {
    headers: { Location: String(Location), Range: String(Range), 'Docker-Upload-UUID': String(id) },
  });
}

const wrongSize = () => new RegistryError(400, 'SIZE_INVALID', 'The body is not as long as Content-Range says.');
