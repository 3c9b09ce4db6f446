import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id';
import { ShoalError } from '../../../protocol/errors.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Identity } from '../../ports/identity.ts';
import { readIfPresent, writePrivateFile } from '../local-files.ts';

const KEY_BYTES = 32;
/** The head of an Ed25519 key as JSON Web Key (RFC 8037). */
const jwk = { kty: 'OKP', crv: 'Ed25519' };

const base64url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

/** A host's identity together with the key that the transport needs. */
export interface HostIdentity extends Identity {
  /** Protobuf form of the private key, as libp2p stores keys. */
  readonly privateKey: Uint8Array;
}

/**
 * Reads the host's Ed25519 key from `path`, or makes one there (mode 0600, on disk before this resolves).
 *
 * @throws ShoalError invalid-request when the file holds no such key
 */
export async function loadIdentity(path: string): Promise<HostIdentity> {
  const stored = await readIfPresent(path);
  if (stored !== undefined) return storedIdentity(stored, path);
  const key = privateKeyToProtobuf(await generateKeyPair('Ed25519'));
  await writePrivateFile(path, key);
  return identityOf(key);
}

function storedIdentity(bytes: Uint8Array, path: string): HostIdentity {
  try {
    return identityOf(bytes);
  } catch (cause) {
    throw new ShoalError('invalid-request', `${path} is damaged. Restore it, or make this host join anew.`, { cause });
  }
}

/** A new identity that is stored nowhere. */
export async function newIdentity(): Promise<HostIdentity> {
  return identityOf(privateKeyToProtobuf(await generateKeyPair('Ed25519')));
}

/** @param privateKey as `HostIdentity.privateKey` */
function identityOf(privateKey: Uint8Array): HostIdentity {
  const key = privateKeyFromProtobuf(privateKey);
  // The first half of the raw key is the secret, the second the public key.
  const d = base64url(key.raw.subarray(0, KEY_BYTES));
  const secret = createPrivateKey({ format: 'jwk', key: { ...jwk, d, x: base64url(key.publicKey.raw) } });
  return {
    privateKey,
    hostId: hostIdOfKey(key),
    sign: async (bytes) => sign(null, bytes, secret),
    verify: async (hostId, bytes, signature) => {
      const publicKey = publicKeyOf(hostId);
      return publicKey !== undefined && verify(null, bytes, publicKey, signature);
    },
  };
}

/** The host id that belongs to a private key. */
export const hostIdOfKey = (key: PrivateKey): HostId => peerIdFromPrivateKey(key).toString() as HostId;

/** Prepared keys by host: preparing one takes longer than a check with it. */
const publicKeys = new Map<HostId, KeyObject>();

function publicKeyOf(hostId: HostId): KeyObject | undefined {
  const known = publicKeys.get(hostId);
  if (known !== undefined) return known;
  const prepared = preparePublicKey(hostId);
  if (prepared === undefined) return undefined;
  if (publicKeys.size >= limits.members) publicKeys.clear();
  publicKeys.set(hostId, prepared);
  return prepared;
}

/** An Ed25519 peer id contains its public key, so nothing has to be looked up. Undefined for a hostile id. */
function preparePublicKey(hostId: HostId): KeyObject | undefined {
  try {
    const peer = peerIdFromString(hostId);
    if (peer.type !== 'Ed25519') return undefined;
    return createPublicKey({ format: 'jwk', key: { ...jwk, x: base64url(peer.publicKey.raw) } });
  } catch {
    return undefined;
  }
}
