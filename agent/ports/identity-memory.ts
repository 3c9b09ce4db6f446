import { createHash } from 'node:crypto';
import type { HostId } from '../../protocol/ids.ts';
import type { Identity } from './identity.ts';

/**
 * The identity's twin: the same name makes the same host, and a check costs one hash. Who knows a host id could sign for
 * it, so it shows that signatures are looked at and not that they hold.
 */
export class MemoryIdentity implements Identity {
  readonly hostId: HostId;

  constructor(name: string) {
    // Digits of base 58, which has no zero.
    this.hostId = `12D3Koo${sha256(name).toString('hex').replaceAll('0', 'z').slice(0, 45)}` as HostId;
  }

  async sign(bytes: Uint8Array): Promise<Uint8Array> {
    return seal(this.hostId, bytes);
  }

  async verify(hostId: HostId, bytes: Uint8Array, signature: Uint8Array): Promise<boolean> {
    return seal(hostId, bytes).equals(signature);
  }
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

const seal = (hostId: HostId, bytes: Uint8Array): Buffer => createHash('sha256').update(hostId).update(bytes).digest();
