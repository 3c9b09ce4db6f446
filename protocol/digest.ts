import type { Brand } from './ids.ts';

/** Names content by its hash: `sha256:` and 64 hex digits, or `sha512:` and 128 (OCI image-spec, descriptor). */
export type Digest = Brand<'Digest'>;

const HEX_DIGITS: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };
/** `sha512:` and 128 digits. */
export const DIGEST_LENGTH_MAX = 135;
export const DIGEST_PATTERN = '^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$';

/** Whether a text is a digest of an algorithm that this mesh can check. */
export function isDigest(text: string): text is Digest {
  const colon = text.indexOf(':');
  const hex = text.slice(colon + 1);
  return hex.length === HEX_DIGITS[text.slice(0, Math.max(0, colon))] && /^[0-9a-f]+$/.test(hex);
}

/** The digest's algorithm as `node:crypto` names it, and its hex digits. */
export function digestParts(digest: Digest): { readonly algorithm: 'sha256' | 'sha512'; readonly hex: string } {
  const colon = digest.indexOf(':');
  return { algorithm: digest.slice(0, colon) === 'sha512' ? 'sha512' : 'sha256', hex: digest.slice(colon + 1) };
}
