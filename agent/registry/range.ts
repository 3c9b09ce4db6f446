/** Bytes `[start, end)`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Decimal digits that a double holds exactly. */
const NUMBER = '([0-9]{1,15})';
const fromTo = new RegExp(`^bytes=${NUMBER}-${NUMBER}?$`);
const lastOnes = new RegExp(`^bytes=-${NUMBER}$`);
const chunk = new RegExp(`^(?:bytes )?${NUMBER}-${NUMBER}(?:/(?:[0-9]{1,15}|\\*))?$`);

/**
 * The part of a blob that a `Range` header asks for (RFC 9110, 14.1.2). Undefined for the whole: without a header, and for what is
 * not understood, several ranges among them.
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | 'unsatisfiable' | undefined {
  if (header === undefined) return undefined;
  const suffix = lastOnes.exec(header)?.[1];
  if (suffix !== undefined) {
    const start = Math.max(0, sizeBytes - Number(suffix));
    return start < sizeBytes ? { start, end: sizeBytes } : 'unsatisfiable';
  }
  const [, first, last] = fromTo.exec(header) ?? [];
  if (first === undefined) return undefined;
  const start = Number(first);
  if (last !== undefined && Number(last) < start) return undefined;
  if (start >= sizeBytes) return 'unsatisfiable';
  return { start, end: last === undefined ? sizeBytes : Math.min(sizeBytes, Number(last) + 1) };
}

/** Where a chunk of an upload lies (distribution-spec, "Pushing a blob in chunks"): `0-99`. Undefined for what says nothing. */
export function parseContentRange(header: string): ByteRange | undefined {
  const [, first, last] = chunk.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(last) < Number(first)) return undefined;
  return { start: Number(first), end: Number(last) + 1 };
}

/** What an upload has, as its `Range` header: an empty one says `0-0`, for which there is no better word. */
export const uploadedRange = (offsetBytes: number): string => `0-${Math.max(0, offsetBytes - 1)}`;
