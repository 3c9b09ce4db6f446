import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import type { HostId } from '../../../protocol/ids.ts';

const KEY_BYTES = 32;
/** Protobuf heads of libp2p's keys (peer-ids spec): field 1, type Ed25519; field 2, so many bytes. */
const PRIVATE_HEAD = Buffer.of(0x08, 0x01, 0x12, 0x40);
const PUBLIC_HEAD = Buffer.of(0x08, 0x01, 0x12, 0x20);
/** Multihash of a short key: the key itself ("identity"). */
const MULTIHASH_HEAD = Buffer.of(0x00, PUBLIC_HEAD.length + KEY_BYTES);
const BASE58 = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

const jwk = { kty: 'OKP', crv: 'Ed25519' };
const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** A host's Ed25519 key, ready to sign. */
export interface HostKey {
  readonly hostId: HostId;
  readonly secret: KeyObject;
  /** Protobuf form of the public key. */
  readonly publicKey: Buffer;
}

/**
 * Reads a host's private key without libp2p.
 *
 * @param bytes `HostIdentity.privateKey`: protobuf form
 * @throws Error when they are no Ed25519 key
 */
export function hostKeyOf(bytes: Uint8Array): HostKey {
  const head = Buffer.from(bytes.subarray(0, PRIVATE_HEAD.length));
  if (!head.equals(PRIVATE_HEAD) || bytes.length !== PRIVATE_HEAD.length + 2 * KEY_BYTES)
    throw new Error('not the private key of a host');
  // The first half is the secret, the second the public key.
  const raw = bytes.subarray(PRIVATE_HEAD.length);
  const x = raw.subarray(KEY_BYTES);
  const secret = createPrivateKey({
    format: 'jwk',
    key: { ...jwk, d: base64url(raw.subarray(0, KEY_BYTES)), x: base64url(x) },
  });
  const publicKey = Buffer.concat([PUBLIC_HEAD, x]);
  return { hostId: hostIdOf(publicKey), secret, publicKey };
}

/** A host's public key and id from the key's protobuf form. Undefined for other kinds of keys and for garbage. */
export function publicKeyOf(bytes: Buffer): { readonly hostId: HostId; readonly key: KeyObject } | undefined {
  if (bytes.length !== PUBLIC_HEAD.length + KEY_BYTES || !bytes.subarray(0, PUBLIC_HEAD.length).equals(PUBLIC_HEAD))
    return undefined;
  const x = base64url(bytes.subarray(PUBLIC_HEAD.length));
  return { hostId: hostIdOf(bytes), key: createPublicKey({ format: 'jwk', key: { ...jwk, x } }) };
}

const hostIdOf = (publicKey: Buffer): HostId => base58(Buffer.concat([MULTIHASH_HEAD, publicKey])) as HostId;

function base58(bytes: Buffer): string {
  let text = '';
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest /= 58n)
    text = BASE58[Number(rest % 58n)] + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return '1'.repeat(zeros === -1 ? bytes.length : zeros) + text;
}
