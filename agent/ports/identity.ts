import type { HostId } from '../../protocol/ids.ts';

/** The host's Ed25519 key, and checks of other hosts' signatures (a host id contains its public key). */
export interface Identity {
  readonly hostId: HostId;
  sign(bytes: Uint8Array): Promise<Uint8Array>;
  verify(hostId: HostId, bytes: Uint8Array, signature: Uint8Array): Promise<boolean>;
}
