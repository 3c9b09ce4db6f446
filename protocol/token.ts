import { ShoalError } from './errors.ts';
import { shoal } from './generated/wire.js';
import type { MeshId } from './ids.ts';

const PREFIX = 'shoal1.';
const TEXT_MAX = 8_192;
const ADDRESSES_MAX = 64;
const TOKEN_SECRET_BYTES = 32;

/** What a join token says: which mesh, where its members are, and the secret that one of them will check. */
export interface JoinToken {
  readonly meshId: MeshId;
  readonly tokenId: string;
  /** 32 bytes. */
  readonly secret: Uint8Array;
  /** Multiaddrs with `/p2p/<host id>`, so that the secret goes to no one else. */
  readonly addresses: readonly string[];
  /** Milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
}

/** The token as people copy it: `shoal1.` and base64url. */
export function encodeJoinToken(token: JoinToken): string {
  const bytes = shoal.join.JoinToken.encode({ ...token, addresses: [...token.addresses] }).finish();
  return PREFIX + Buffer.from(bytes).toString('base64url');
}

/**
 * Reads a token from anywhere; white space around it is fine. Says nothing about whether the mesh will accept it.
 *
 * @throws ShoalError token-invalid
 */
export function parseJoinToken(text: string): JoinToken {
  const trimmed = text.trim();
  if (!trimmed.startsWith(PREFIX)) throw invalid(`A join token begins with ${PREFIX}`);
  const encoded = trimmed.slice(PREFIX.length);
  if (encoded.length > TEXT_MAX || !/^[\w-]+$/.test(encoded))
    throw invalid('The join token has characters that do not belong there.');
  const token = decode(Buffer.from(encoded, 'base64url'));
  const { meshId, tokenId, secret, addresses, expiresAtMs } = token;
  const isWhole =
    /^[\w-]{1,64}$/.test(meshId) &&
    /^tk_[0-9A-HJKMNP-TV-Z]{26}$/.test(tokenId) &&
    secret.length === TOKEN_SECRET_BYTES &&
    addresses.length > 0 &&
    addresses.length <= ADDRESSES_MAX &&
    addresses.every((address) => /^\/[\x21-\x7e]{1,255}\/p2p\/[1-9A-HJ-NP-Za-km-z]{20,80}$/.test(address)) &&
    Number.isSafeInteger(expiresAtMs);
  if (!isWhole) throw invalid('The join token is not complete.');
  return { meshId: meshId as MeshId, tokenId, secret: new Uint8Array(secret), addresses: [...addresses], expiresAtMs };
}

function decode(bytes: Uint8Array) {
  try {
    return shoal.join.JoinToken.decode(bytes);
  } catch (cause) {
    throw invalid('The join token is damaged.', cause);
  }
}

const invalid = (detail: string, cause?: unknown): ShoalError => new ShoalError('token-invalid', detail, { cause });
