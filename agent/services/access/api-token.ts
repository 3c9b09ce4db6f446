import { createHash, randomBytes } from 'node:crypto';

const SECRET_BYTES = 32;

/** A new API token, 256 bits of it random, and what the catalog keeps of it: its SHA-256 in hex. */
export function newApiToken(): { readonly token: string; readonly secretHash: string } {
  const token = `shoal_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { token, secretHash: hashOf(token).toString('hex') };
}

export const hashOf = (token: string): Buffer => createHash('sha256').update(token).digest();
