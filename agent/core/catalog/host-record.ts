import type { HostId } from '../../../protocol/ids.ts';

/** A host's own record as it travels: payload is the JSON of `protocol/schemas/host.ts` HostRecord, signed by the host's key. */
export interface SignedHostRecord {
  readonly hostId: HostId;
  /** Grows with every start of the host's agent. */
  readonly incarnation: number;
  /** Grows with every change within an incarnation. */
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
}
