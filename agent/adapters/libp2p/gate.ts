import type { ConnectionGater, MultiaddrConnection, PeerId } from '@libp2p/interface';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Admission } from '../../ports/transport.ts';

/** The host id of a peer whose identity its connection has proved. */
export const hostIdOf = (peer: PeerId): HostId => peer.toString() as HostId;

/**
 * Decides over connections by proved identity: members always; strangers only while a join is open, few at a time, for a
 * short time, and only inbound. What a stranger may say is decided stream by stream.
 */
export class Gate {
  readonly #clock: Clock;
  readonly #onRejected: () => void;
  readonly #strangers = new Set<MultiaddrConnection>();
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

  /** libp2p asks these; true means no. */
  readonly gater: ConnectionGater = {
    denyDialPeer: (peer) => !this.isMember(hostIdOf(peer)),
    denyOutboundEncryptedConnection: (peer) => !this.isMember(hostIdOf(peer)),
    denyInboundEncryptedConnection: (peer, connection) => !this.#admits(hostIdOf(peer), connection),
  };

  #admits(hostId: HostId, connection: MultiaddrConnection): boolean {
    if (this.isMember(hostId)) return true;
    if (this.isJoinOpen() && this.#strangers.size < limits.strangers) {
      this.#watch(hostId, connection);
      return true;
    }
    this.#onRejected();
    return false;
  }

  #watch(hostId: HostId, connection: MultiaddrConnection): void {
    this.#strangers.add(connection);
    const cancel = this.#clock.after(limits.strangerMs, () => {
      // It may have become a member over this very connection.
      if (this.isMember(hostId)) this.#strangers.delete(connection);
      else connection.abort(new Error('a stranger stayed too long'));
    });
    connection.addEventListener('close', () => {
      cancel();
      this.#strangers.delete(connection);
    });
  }
}
