import Type from 'typebox';
import { shoal } from '../../../protocol/generated/wire.js';
import type { HostId, MeshId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import { HostIdSchema, id, Name } from '../../../protocol/schemas/common.ts';
import type { CatalogRecord } from '../../core/catalog/record.ts';
import { type BodyCodec, sameShape } from './body.ts';
import { CatalogRecordSchema } from './gossip-schemas.ts';
import { bytes } from './shape.ts';

/** What a stranger says of itself. Its host id is the one that its connection proved. */
export interface JoinRequest {
  readonly tokenId: string;
  readonly secret: Uint8Array;
  readonly name: string;
  /** Multiaddrs without the peer id. */
  readonly addresses: readonly string[];
  readonly protocolVersion: number;
  readonly agentVersion: string;
}

export interface JoinReply {
  readonly meshId: MeshId;
  readonly members: readonly {
    readonly hostId: HostId;
    readonly name: string;
    readonly addresses: readonly string[];
  }[];
  /** The catalog as far as it fits into `limits.joinBodyBytes`; gossip brings the rest. */
  readonly records: readonly CatalogRecord[];
  /** Opens secrets of the catalog; empty from a member that has none. */
  readonly meshKey: Uint8Array;
}

const addresses = Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 16 });

export const joinRequestCodec: BodyCodec<JoinRequest> = sameShape(
  shoal.join.JoinRequest,
  Type.Object({
    tokenId: Type.String({ pattern: '^tk_[0-9A-HJKMNP-TV-Z]{26}$' }),
    secret: bytes(64),
    name: Name,
    addresses,
    protocolVersion: Type.Integer({ minimum: 1, maximum: 0xffff_ffff }),
    agentVersion: Type.String({ maxLength: 64 }),
  }),
);

export const joinReplyCodec: BodyCodec<JoinReply> = sameShape(
  shoal.join.JoinReply,
  Type.Object({
    meshId: id<MeshId>('^[A-Za-z0-9_-]{1,64}$', 'mesh id'),
    members: Type.Array(Type.Object({ hostId: HostIdSchema, name: Type.String({ maxLength: 63 }), addresses }), {
      maxItems: limits.members,
    }),
    records: Type.Array(CatalogRecordSchema, { maxItems: 65_536 }),
    meshKey: bytes(64),
  }),
);
