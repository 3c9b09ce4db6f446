import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { pieceCountOf, pieceRange } from '../../core/images/pieces.ts';

/** Bytes of one read or write. Large enough that the thread pool costs little, small enough to be held by many. */
export const CHUNK_BYTES = 512 * 1024;
/** Of a SHA-256. */
export const HASH_BYTES = 32;

export const sha256Of = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest();

/** Fills `buffer` from `position` on; fewer bytes are given back when the file ends before. */
export async function readFully(file: FileHandle, buffer: Uint8Array, position: number): Promise<number> {
  let length = 0;
  while (length < buffer.length) {
    const { bytesRead } = await file.read(buffer, length, buffer.length - length, position + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return length;
}

export async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let length = 0;
  while (length < bytes.length) {
    const { bytesWritten } = await file.write(bytes, length, bytes.length - length, position + length);
    length += bytesWritten;
  }
}

/** Makes renames and new files in a folder survive a power cut. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The SHA-256 of one piece as it lies in the file; undefined when the file is too short. */
export async function hashPiece(file: FileHandle, sizeBytes: number, piece: number): Promise<Buffer | undefined> {
  const hash = createHash('sha256');
  const isThere = await eachChunk(file, pieceRange(sizeBytes, piece), (chunk) => hash.update(chunk));
  return isThere ? hash.digest() : undefined;
}

/** What a file hashes to: the whole in hex, and the SHA-256 of each piece one behind the other. */
export interface FileHashes {
  /** Undefined when no algorithm was asked for. */
  readonly whole: string | undefined;
  readonly pieces: Buffer;
}

/** Reads a file once. Undefined when it is shorter than `sizeBytes`. */
export async function hashFile(
  file: FileHandle,
  sizeBytes: number,
  algorithm: 'sha256' | 'sha512' | undefined,
  signal?: AbortSignal,
): Promise<FileHashes | undefined> {
  const whole = algorithm === undefined ? undefined : createHash(algorithm);
  const count = pieceCountOf(sizeBytes);
  const pieces = Buffer.alloc(count * HASH_BYTES);
  for (let piece = 0; piece < count; piece++) {
    const hash = createHash('sha256');
    const isThere = await eachChunk(file, pieceRange(sizeBytes, piece), (chunk) => {
      signal?.throwIfAborted();
      hash.update(chunk);
      whole?.update(chunk);
    });
    if (!isThere) return undefined;
    hash.digest().copy(pieces, piece * HASH_BYTES);
  }
  return { whole: whole?.digest('hex'), pieces };
}

/** Whether all of the range was there. The chunk is only good until `take` returns. */
async function eachChunk(
  file: FileHandle,
  range: { readonly start: number; readonly end: number },
  take: (chunk: Uint8Array) => void,
): Promise<boolean> {
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, range.end - range.start));
  for (let position = range.start; position < range.end; position += buffer.length) {
    const chunk = buffer.subarray(0, Math.min(buffer.length, range.end - position));
    if ((await readFully(file, chunk, position)) < chunk.length) return false;
    take(chunk);
  }
  return true;
}
