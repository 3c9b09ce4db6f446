import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id';
import type { HostId } from '../../../protocol/ids.ts';
import type { Identity } from '../../ports/identity.ts';
import { readIfPresent, writePrivateFile } from '../local-files.ts';

/** A host's identity together with the key that the transport needs. */
export interface HostIdentity extends Identity {
  /** Protobuf form of the private key, as libp2p stores keys. */
  readonly privateKey: Uint8Array;
}

/** Reads the host's Ed25519 key from `path`, or makes one there (mode 0600, on disk before this resolves). */
export async function loadIdentity(path: string): Promise<HostIdentity> {
  const stored = await readIfPresent(path);
  if (stored !== undefined) return identityOf(stored);
  const key = privateKeyToProtobuf(await generateKeyPair('Ed25519'));
  await writePrivateFile(path, key);
  return identityOf(key);
}

/** A new identity that is stored nowhere. */
export async function newIdentity(): Promise<HostIdentity> {
  return identityOf(privateKeyToProtobuf(await generateKeyPair('Ed25519')));
}

/** @param privateKey as `HostIdentity.privateKey` */
function identityOf(privateKey: Uint8Array): HostIdentity {
  const key = privateKeyFromProtobuf(privateKey);
  return {
    privateKey,
    hostId: hostIdOfKey(key),
    sign: async (bytes) => key.sign(bytes),
    verify,
  };
}

/** The host id that belongs to a private key. */
export const hostIdOfKey = (key: PrivateKey): HostId => peerIdFromPrivateKey(key).toString() as HostId;

/** An Ed25519 peer id contains its public key, so nothing has to be looked up. Hostile ids and signatures are just false. */
async function verify(hostId: HostId, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
  try {
    const peer = peerIdFromString(hostId);
    return peer.type === 'Ed25519' && (await peer.publicKey.verify(bytes, signature));
  } catch {
    return false;
  }
}
