import { hashHex } from '../../../agent/core/hash.ts';
import { pieceCountOf, pieceRange } from '../../../agent/core/images/pieces.ts';
import type { Digest } from '../../../protocol/digest.ts';

/** A blob of which only the hashes exist. */
export interface Content {
  readonly digest: Digest;
  readonly sizeBytes: number;
  /** The right hash of each piece, 64 hex digits. */
  readonly sha256: readonly string[];
}

const hexOf = (text: string): string => [0, 1, 2, 3].map((seed) => hashHex(text, seed)).join('');

export function contentOf(name: string, sizeBytes: number): Content {
  const sha256 = Array.from({ length: pieceCountOf(sizeBytes) }, (_, piece) => hexOf(`${name}/${piece}`));
  return { digest: `sha256:${hexOf(name)}` as Digest, sizeBytes, sha256 };
}

/** What a liar makes of a piece. */
export const falsified = (sha256: string): string => hexOf(`not ${sha256}`);

export function pieceSizeOf({ sizeBytes }: Content, piece: number): number {
  const { start, end } = pieceRange(sizeBytes, piece);
  return end - start;
}
