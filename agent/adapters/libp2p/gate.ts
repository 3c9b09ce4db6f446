import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { GossipMessage } from '../../core/mesh/messages.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Admission } from '../../ports/transport.ts';

/** The host id of a peer whose identity its connection has proved. */
export const hostIdOf = (peer: PeerId): HostId => peer.toString() as HostId;

/**
 * Decides over connections by proved identity: members always; strangers only while a join is open, few at a time, for a
 * short time, and only inbound. What a stranger may say is decided stream by stream. Hosts that were evicted come in as
 * strangers do, so that they can be told.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #onRejected: () => void;
  readonly #strangers = new Set<MultiaddrConnection>();
  readonly #evicted = new Set<MultiaddrConnection>();
  #admission: Admission | undefined;

  constructor(clock: Clock, onRejected: () => void) {
    this.#clock = clock;
    this.#onRejected = onRejected;
  }

  open(admission: Admission): void {
    this.#admission = admission;
  }

  isMember(hostId: HostId): boolean {
    return this.#admission?.isMember(hostId) ?? false;
  }

  isJoinOpen(): boolean {
    return this.#admission?.isJoinOpen() ?? false;
  }

  /** What this host is to be told and nothing else, because it was evicted. */
  farewell(hostId: HostId): GossipMessage | undefined {
    return this.#admission?.farewell?.(hostId);
  }

  /** libp2p asks these; true means no. */
  readonly gater: ConnectionGater = {
    denyDialPeer: (peer) => !this.isMember(hostIdOf(peer)),
    denyOutboundEncryptedConnection: (peer) => !this.isMember(hostIdOf(peer)),
    denyInboundEncryptedConnection: (peer, connection) => !this.#admits(hostIdOf(peer), connection),
  };

  #admits(hostId: HostId, connection: MultiaddrConnection): boolean {
    if (this.isMember(hostId)) return true;
    const isEvicted = this.farewell(hostId) !== undefined;
    const guests = isEvicted ? this.#evicted : this.#strangers;
    if ((isEvicted || this.isJoinOpen()) && guests.size < limits.strangers) {
      this.#watch(hostId, connection, guests);
      return true;
    }
    this.#onRejected();
    return false;
  }

  #watch(hostId: HostId, connection: MultiaddrConnection, guests: Set<MultiaddrConnection>): void {
    guests.add(connection);
    const cancel = this.#clock.after(limits.strangerMs, () => {
      // It may have become a member over this very connection.
      if (this.isMember(hostId)) guests.delete(connection);
      else connection.abort(new Error('a stranger stayed too long'));
    });
    connection.addEventListener('close', () => {
      cancel();
      guests.delete(connection);
    });
  }
}
