import * as fc from 'fast-check';
import type { CatalogRecord, Hlc } from '../../../agent/core/catalog/record.ts';
import type { Delta, GossipMessage, LivenessUpdate } from '../../../agent/core/mesh/messages.ts';
import type { Digest } from '../../../protocol/digest.ts';
import type { ContainerId, HostId, OperationId, ReservationId } from '../../../protocol/ids.ts';
import type { Refusal } from '../../../protocol/schemas/operation.ts';

const matching = <T extends string>(pattern: RegExp) => fc.stringMatching(pattern) as unknown as fc.Arbitrary<T>;
const ULID = '[0-9A-HJKMNP-TV-Z]{26}';

export const hostId = matching<HostId>(/^12D3KooW[1-9A-HJ-NP-Za-km-z]{44}$/);
export const containerId = matching<ContainerId>(new RegExp(`^ct_${ULID}$`));
export const operationId = matching<OperationId>(new RegExp(`^op_${ULID}$`));
export const reservationId = matching<ReservationId>(new RegExp(`^rs_${ULID}$`));
export const tokenId = matching<string>(new RegExp(`^tk_${ULID}$`));
export const name = matching<string>(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/);
/** Well-formed text: what JSON.stringify and people make. */
export const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
export const anyText = fc.string({ unit: 'grapheme', maxLength: 200 });
export const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
export const small = fc.nat({ max: 1_000 });
const bytes = fc.uint8Array({ maxLength: 100 });

const hlc = fc
  .tuple(matching<string>(/^[0-9a-f]{12}-[0-9a-f]{4}$/), hostId)
  .map(([time, author]) => `${time}-${author}` as Hlc);
const few = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 });

const update: fc.Arbitrary<LivenessUpdate> = fc.record({
  hostId,
  status: fc.constantFrom('alive', 'suspect', 'dead', 'left'),
  incarnation: count,
  by: hostId,
});
const signed = fc.record({
  hostId,
  incarnation: count,
  sequence: count,
  payload: bytes,
  signature: fc.uint8Array({ maxLength: 64 }),
});
export const catalogRecord: fc.Arbitrary<CatalogRecord> = fc.record({
  key: text,
  hlc,
  author: hostId,
  deleted: fc.boolean(),
  value: anyText,
  ancestors: fc.array(hlc, { maxLength: 8 }),
});
const delta: fc.Arbitrary<Delta> = fc.oneof(
  fc.record({ kind: fc.constant('liveness' as const), update }),
  fc.record({ kind: fc.constant('host' as const), record: signed }),
  fc.record({ kind: fc.constant('catalog' as const), records: few(catalogRecord) }),
);
const digest = fc.oneof(matching<Digest>(/^sha256:[0-9a-f]{64}$/), matching<Digest>(/^sha512:[0-9a-f]{128}$/));
const piece = fc.nat({ max: 16_383 });
const proof = fc.record({
  sha256: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  maker: hostId,
  signature: fc.uint8Array({ maxLength: 64 }),
});
const is = <T extends string>(type: T) => fc.constant(type);
const isReply = fc.boolean();

/** One arbitrary per message type: leaving one out does not compile. */
const messages: { [T in GossipMessage['type']]: fc.Arbitrary<Extract<GossipMessage, { type: T }>> } = {
  ping: fc.record({ type: is('ping'), seq: count, incarnation: count }),
  ack: fc.record({ type: is('ack'), seq: count, incarnation: count }),
  'ping-req': fc.record({ type: is('ping-req'), seq: count, target: hostId }),
  'ping-req-ack': fc.record({ type: is('ping-req-ack'), seq: count, target: hostId, incarnation: count }),
  delta: fc.record({ type: is('delta'), id: text, hops: small, delta }),
  ihave: fc.record({ type: is('ihave'), ids: few(text) }),
  graft: fc.record({ type: is('graft'), ids: few(text) }),
  prune: fc.record({ type: is('prune') }),
  summary: fc.record({ type: is('summary'), liveness: anyText, hosts: anyText, catalog: anyText, isReply }),
  'liveness-list': fc.record({ type: is('liveness-list'), updates: few(update), isReply }),
  'host-versions': fc.record({
    type: is('host-versions'),
    versions: few(fc.record({ hostId, incarnation: count, sequence: count })),
    isReply,
  }),
  'host-records': fc.record({ type: is('host-records'), records: few(signed) }),
  'catalog-buckets': fc.record({
    type: is('catalog-buckets'),
    hashes: few(fc.record({ bucket: small, hash: anyText })),
  }),
  'catalog-keys': fc.record({
    type: is('catalog-keys'),
    buckets: few(small),
    keys: few(fc.record({ key: text, hlc })),
    isReply,
  }),
  'catalog-want': fc.record({ type: is('catalog-want'), keys: few(text) }),
  'catalog-records': fc.record({ type: is('catalog-records'), records: few(catalogRecord) }),
  'swarm-hello': fc.record({
    type: is('swarm-hello'),
    digest,
    sizeBytes: fc.nat({ max: 256 * 1024 ** 3 }),
    have: bytes,
    getting: few(piece),
    isReply,
  }),
  'swarm-have': fc.record({
    type: is('swarm-have'),
    digest,
    got: few(piece),
    getting: few(piece),
    dropped: few(piece),
  }),
  'swarm-offer': fc.record({ type: is('swarm-offer'), digest, piece, proof }),
  'swarm-decline': fc.record({ type: is('swarm-decline'), digest, piece, isFull: fc.boolean() }),
  'swarm-bye': fc.record({ type: is('swarm-bye'), digest }),
};

export const gossipMessage: fc.Arbitrary<GossipMessage> = fc.oneof(...Object.values(messages));

export const refusal: fc.Arbitrary<Refusal> = fc.record({
  hostId,
  hostName: name,
  rule: fc.constantFrom('cordoned', 'constraint', 'insufficient-memory', 'port-taken'),
  detail: anyText,
  numbers: fc.dictionary(matching<string>(/^[a-zA-Z]{1,20}$/), fc.double({ noNaN: true, noDefaultInfinity: true }), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  transient: fc.boolean(),
});
