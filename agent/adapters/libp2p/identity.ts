import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateKeyPair, privateKeyFromProtobuf, privateKeyToProtobuf } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id';
import type { HostId } from '../../../protocol/ids.ts';
import type { Identity } from '../../ports/identity.ts';

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
  await writeSecret(path, key);
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

async function readIfPresent(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whole or not at all, also when the power fails: write beside, sync, rename, sync the folder. */
async function writeSecret(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.${randomBytes(4).toString('hex')}`;
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
