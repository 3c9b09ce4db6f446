import { pieceCountOf } from '../../core/images/pieces.ts';
import { HASH_BYTES } from './file-bytes.ts';

/** What is kept beside the bytes of a complete blob. Its last use is the file's modification time. */
export interface Metadata {
  readonly sizeBytes: number;
  readonly addedAtMs: number;
  readonly isPinned: boolean;
  /** SHA-256 of each piece, one behind the other. */
  readonly pieces: Buffer;
}

export function encodeMetadata({ sizeBytes, addedAtMs, isPinned, pieces }: Metadata): string {
  return JSON.stringify({ version: 1, sizeBytes, addedAtMs, isPinned, pieces: pieces.toString('base64') });
}

/** Undefined when it is not what this store writes. */
export function decodeMetadata(text: string): Metadata | undefined {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null || !('version' in value) || value.version !== 1) return undefined;
  if (!('sizeBytes' in value && 'addedAtMs' in value && 'isPinned' in value && 'pieces' in value)) return undefined;
  const { sizeBytes, addedAtMs, isPinned, pieces } = value;
  if (typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0) return undefined;
  if (typeof addedAtMs !== 'number' || typeof isPinned !== 'boolean' || typeof pieces !== 'string') return undefined;
  const table = Buffer.from(pieces, 'base64');
  if (table.length !== pieceCountOf(sizeBytes) * HASH_BYTES) return undefined;
  return { sizeBytes, addedAtMs, isPinned, pieces: table };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
