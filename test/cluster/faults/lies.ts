import { formatHlc } from '../../../agent/core/catalog/hlc.ts';
import type { CatalogRecord } from '../../../agent/core/catalog/record.ts';
import type { GossipMessage } from '../../../agent/core/mesh/messages.ts';
import type { Identity } from '../../../agent/ports/identity.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { HostRecord } from '../../../protocol/schemas/host.ts';
import { PROTOCOL_VERSION } from '../../../protocol/version.ts';

/** What a member may say that it must not. */
export type Lie =
  | 'another-hosts-record'
  | 'forged-signature'
  | 'record-from-the-future'
  | 'undecodable-record'
  | 'misshapen-record'
  | NoMessage;
/** Bytes that are no message at all. */
type NoMessage = 'random-frame' | 'oversized-frame';

/** The message of a lie, told by `liar`. */
export async function messageOf(lie: Exclude<Lie, NoMessage>, liar: Identity, victim: HostId): Promise<GossipMessage> {
  switch (lie) {
    case 'another-hosts-record':
      return signed(liar, liar.hostId, victim);
    case 'forged-signature':
      return signed(liar, victim, victim);
    case 'record-from-the-future':
      return catalogRecord(liar, '{"name":"future"}', Date.now() + 2 * limits.clockAheadMs);
    case 'undecodable-record':
      return catalogRecord(liar, 'this is not JSON', Date.now());
    case 'misshapen-record':
      return catalogRecord(liar, '{"name":7,"deployments":"many"}', Date.now());
  }
}

/**
 * A host record signed with the liar's key.
 *
 * @param of whose record it pretends to be
 * @param named which host its text names
 */
async function signed(liar: Identity, of: HostId, named: HostId): Promise<GossipMessage> {
  const payload = new TextEncoder().encode(JSON.stringify(emptyRecord(named)));
  const [incarnation, sequence] = [Date.now(), 1];
  const head = new TextEncoder().encode(`shoal-host-record\n${incarnation}\n${sequence}\n`);
  const signature = await liar.sign(Buffer.concat([head, payload]));
  return { type: 'host-records', records: [{ hostId: of, incarnation, sequence, payload, signature }] };
}

function catalogRecord(liar: Identity, value: string, ms: number): GossipMessage {
  const author = liar.hostId;
  const record: CatalogRecord = {
    key: 'apps/team/lie',
    hlc: formatHlc({ ms, counter: 0, author }),
    author,
    deleted: false,
    value,
    ancestors: [],
  };
  return { type: 'catalog-records', records: [record] };
}

/** A host that has lost everything. */
const emptyRecord = (hostId: HostId): HostRecord => ({
  hostId,
  name: 'lie',
  addresses: [],
  agentVersion: 'lie',
  protocolVersion: PROTOCOL_VERSION,
  zone: '',
  labels: {},
  engine: { state: 'ready', version: '' },
  capacity: {
    memoryBytes: 0,
    reserveBytes: 0,
    unmanagedBytes: 0,
    allocatableBytes: 0,
    promisedBytes: 0,
    heldBytes: 0,
    cpuMilli: 0,
    promisedCpuMilli: 0,
  },
  containers: [],
  unmanaged: [],
  images: [],
});
