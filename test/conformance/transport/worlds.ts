import { type HostIdentity, newIdentity } from '../../../agent/adapters/libp2p/identity.ts';
import { dialJoin } from '../../../agent/adapters/libp2p/join.ts';
import { createLibp2pTransport } from '../../../agent/adapters/libp2p/transport.ts';
import { systemClock } from '../../../agent/adapters/system-clock.ts';
import type { Clock } from '../../../agent/ports/clock.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { MemoryNetwork } from '../../../agent/ports/transport-memory.ts';
import * as codec from '../../../agent/services/codec/gossip.ts';
import type { HostId, MeshId } from '../../../protocol/ids.ts';
import type { World } from './world.ts';

export const meshId = 'test-mesh' as MeshId;

/** Real connections over 127.0.0.1. Keeps the identities, so that a host can restart. */
export class Libp2pWorld implements World {
  readonly identities = new Map<HostId, HostIdentity>();
  readonly #clock: Clock;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  async newHost(): Promise<HostId> {
    const identity = await newIdentity();
    this.identities.set(identity.hostId, identity);
    return identity.hostId;
  }

  transport(hostId: HostId) {
    const listen = ['/ip4/127.0.0.1/tcp/0'];
    return createLibp2pTransport({
      privateKey: this.keyOf(hostId),
      meshId,
      listen,
      codec,
      log: silentLog,
      clock: this.#clock,
    });
  }

  join(from: HostId, address: string, request: Uint8Array): Promise<Uint8Array> {
    return dialJoin({ privateKey: this.keyOf(from), meshId, addresses: [address], timeoutMs: 5_000, request });
  }

  keyOf(hostId: HostId): Uint8Array {
    const identity = this.identities.get(hostId);
    if (identity === undefined) throw new Error('not a host of this world');
    return identity.privateKey;
  }
}

/** The twin. Its hosts have real ids, so that the codec can size their messages. */
export class MemoryWorld implements World {
  readonly network = new MemoryNetwork(systemClock, codec.messageBytes);

  async newHost(): Promise<HostId> {
    return (await newIdentity()).hostId;
  }

  transport(hostId: HostId) {
    return this.network.transport(hostId);
  }

  join(from: HostId, address: string, request: Uint8Array): Promise<Uint8Array> {
    return this.network.dialJoin(from, address, request);
  }
}

/** The system clock, faster: for what takes seconds of silence. */
export function fastClock(factor: number): Clock {
  return {
    ...systemClock,
    monotonicMs: () => systemClock.monotonicMs() * factor,
    after: (delayMs, callback) => systemClock.after(delayMs / factor, callback),
    every: (periodMs, callback) => systemClock.every(periodMs / factor, callback),
  };
}
