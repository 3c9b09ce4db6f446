import Type, { Unsafe } from 'typebox';
import { DIGEST_LENGTH_MAX, DIGEST_PATTERN, type Digest } from '../../../protocol/digest.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { HostIdSchema } from '../../../protocol/schemas/common.ts';
import type { Hlc } from '../../core/catalog/record.ts';
import type { Delta, GossipMessage } from '../../core/mesh/messages.ts';
import { bytes } from './shape.ts';

/** Entries of one list in one message. A frame holds about this many of the smallest. */
const LIST_MAX = 65_536;
/** Longest catalog key, delta id or hash. */
const TEXT_MAX = 1_024;

const count = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const text = Type.String({ minLength: 1, maxLength: TEXT_MAX });
const hash = Type.String({ maxLength: TEXT_MAX });
const bucket = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });
const isReply = Type.Boolean();
const hostId = HostIdSchema;
const hlc = Unsafe<Hlc>(Type.String({ minLength: 1, maxLength: TEXT_MAX }));
const list = <S extends Type.TSchema>(items: S, maxItems = LIST_MAX) => Type.Array(items, { maxItems });

const LivenessUpdate = Type.Object({
  hostId,
  status: Type.Union([Type.Literal('alive'), Type.Literal('suspect'), Type.Literal('dead'), Type.Literal('left')]),
  incarnation: count,
  by: Unsafe<HostId>(HostIdSchema),
});

const SignedHostRecord = Type.Object({
  hostId,
  incarnation: count,
  sequence: count,
  payload: bytes(limits.gossipFrameBytes),
  signature: bytes(TEXT_MAX),
});

/**
 * A catalog record as any wire carries it: only what keeps it from being one. Whether stamp, author and size are right,
 * the catalog decides record by record; a check here would take the rest of its message away with it.
 */
export const CatalogRecordSchema = Type.Object({
  key: text,
  hlc,
  author: Unsafe<HostId>(text),
  deleted: Type.Boolean(),
  value: Type.String({ maxLength: limits.gossipFrameBytes }),
  ancestors: list(hlc, 256),
});

const ids = Type.Object({ ids: list(text) });

const digest = Unsafe<Digest>(Type.String({ pattern: DIGEST_PATTERN, maxLength: DIGEST_LENGTH_MAX }));
const piece = Type.Integer({ minimum: 0, maximum: limits.pieces - 1 });
const pieces = list(piece, limits.pieces);
const PieceProof = Type.Object({ sha256: bytes(32), maker: hostId, signature: bytes(TEXT_MAX) });

/** What each kind of delta must look like. */
export const deltaSchemas = {
  liveness: Type.Object({ kind: Type.Literal('liveness'), update: LivenessUpdate }),
  host: Type.Object({ kind: Type.Literal('host'), record: SignedHostRecord }),
  catalog: Type.Object({ kind: Type.Literal('catalog'), records: list(CatalogRecordSchema) }),
} as const satisfies Record<Delta['kind'], Type.TSchema>;

/** What each message must look like, without its `type`. The delta inside `delta` is checked by its own schema. */
export const messageSchemas = {
  ping: Type.Object({ seq: count, incarnation: count }),
  ack: Type.Object({ seq: count, incarnation: count }),
  'ping-req': Type.Object({ seq: count, target: hostId }),
  'ping-req-ack': Type.Object({ seq: count, target: hostId, incarnation: count }),
  delta: Type.Object({ id: text, hops: Type.Integer({ minimum: 0, maximum: limits.members }) }),
  ihave: ids,
  graft: ids,
  prune: Type.Object({}),
  summary: Type.Object({ liveness: hash, hosts: hash, catalog: hash, isReply }),
  'liveness-list': Type.Object({ updates: list(LivenessUpdate), isReply }),
  'host-versions': Type.Object({
    versions: list(Type.Object({ hostId, incarnation: count, sequence: count })),
    isReply,
  }),
  'host-records': Type.Object({ records: list(SignedHostRecord) }),
  'catalog-buckets': Type.Object({ hashes: list(Type.Object({ bucket, hash })) }),
  'catalog-keys': Type.Object({ buckets: list(bucket), keys: list(Type.Object({ key: text, hlc })), isReply }),
  'catalog-want': Type.Object({ keys: list(text) }),
  'catalog-records': Type.Object({ records: list(CatalogRecordSchema) }),
  'swarm-hello': Type.Object({
    digest,
    sizeBytes: Type.Integer({ minimum: 0, maximum: limits.blobBytes }),
    have: bytes(limits.pieces / 8),
    getting: pieces,
    isReply,
  }),
  'swarm-have': Type.Object({ digest, got: pieces, getting: pieces, dropped: pieces }),
  'swarm-offer': Type.Object({ digest, piece, proof: PieceProof }),
  'swarm-decline': Type.Object({ digest, piece, isFull: Type.Boolean() }),
  'swarm-bye': Type.Object({ digest }),
} as const satisfies Record<GossipMessage['type'], Type.TSchema>;
