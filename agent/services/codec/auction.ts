import Type from 'typebox';
import { shoal } from '../../../protocol/generated/wire.js';
import type { ReservationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import {
  Bytes,
  Constraint,
  ContainerIdSchema,
  CpuMilli,
  HostIdSchema,
  id,
  Name,
  OperationIdSchema,
} from '../../../protocol/schemas/common.ts';
import { PublishedPort } from '../../../protocol/schemas/host.ts';
import { Refusal } from '../../../protocol/schemas/operation.ts';
import { PortSpec, ResolvedSpec, VersionSpec } from '../../../protocol/schemas/version.ts';
import type { Ask, Award, Bid, Claim } from '../../core/placement/types.ts';
import { type BodyCodec, parse, parseJson, required, sameShape } from './body.ts';
import { bytes, shape } from './shape.ts';

const wire = shoal.auction;

/** Gives a reservation back before it expires. */
export interface Release {
  readonly reservationId: ReservationId;
}

const shortText = Type.String({ minLength: 1, maxLength: 64 });
const replicas = Type.Integer({ minimum: 0, maximum: limits.replicas });
const count = Type.Integer({ minimum: 0, maximum: 0xffff_ffff });
const reservationId = id<ReservationId>('^rs_[0-9A-HJKMNP-TV-Z]{26}$', 'reservation id');
const app = { group: Name, app: Name, appUid: shortText, cluster: Name };

const Requirement = Type.Object({
  ...app,
  image: VersionSpec.properties.image,
  resolvedImage: ResolvedSpec.properties.resolvedImage,
  memoryBytes: Bytes,
  cpuMilli: CpuMilli,
  ports: Type.Array(PortSpec, { maxItems: limits.ports }),
  // The cluster's selector and the version's own.
  constraints: Type.Array(Constraint, { maxItems: 2 * limits.constraints }),
  maxPerHost: Type.Optional(replicas),
});

const Offer = Type.Object({
  hostId: HostIdSchema,
  hostName: Name,
  zone: Type.String({ maxLength: 128 }),
  reservationId,
  expiresInMs: count,
  slots: replicas,
  appReplicas: count,
  memoryFreeBytes: Bytes,
  memoryAllocatableBytes: Bytes,
  imagePresent: Type.Boolean(),
  containers: count,
  recentFailures: count,
  limitedBy: Type.Optional(Refusal),
});

const Assignment = Type.Object({
  containerId: ContainerIdSchema,
  replica: Type.Integer({ minimum: 0, maximum: 1_000_000 }),
});

const AwardHead = Type.Object({
  reservationId,
  operationId: OperationIdSchema,
  ...app,
  version: Type.Integer({ minimum: 1, maximum: limits.versionsPerApp }),
  specHash: shortText,
  specJson: bytes(limits.recordBytes),
  assignments: Type.Array(Assignment, { maxItems: limits.replicas }),
});

const Claims = Type.Object({
  claims: Type.Array(
    Type.Object({
      containerId: ContainerIdSchema,
      appUid: shortText,
      memoryBytes: Bytes,
      cpuMilli: CpuMilli,
      ports: Type.Array(PublishedPort, { maxItems: limits.ports }),
    }),
    { maxItems: limits.replicas },
  ),
});

const readOffer = shape(Offer);
const readRefusal = shape(Refusal);
const readAward = shape(AwardHead);
const readClaims = shape(Claims);
const readSpec = shape(ResolvedSpec);

export const askCodec: BodyCodec<Ask> = sameShape(
  wire.Ask,
  Type.Object({ auctionId: shortText, requirement: Requirement, replicas }),
);

export const releaseCodec: BodyCodec<Release> = sameShape(wire.Release, Type.Object({ reservationId }));

export const bidCodec: BodyCodec<Bid> = {
  encode: (bid) => wire.Bid.encode(bid.ok ? { offer: bid.offer } : { refusal: bid.refusal }).finish(),
  decode(body) {
    const bid = parse(wire.Bid, body);
    if (bid.answer === 'offer') return { ok: true, offer: required(readOffer(bid.offer)) };
    return { ok: false, refusal: required(readRefusal(bid.refusal)) };
  },
};

/** The spec travels as JSON, so that it has one schema everywhere. */
export const awardCodec: BodyCodec<Award> = {
  encode({ spec, assignments, ...head }) {
    const specJson = Buffer.from(JSON.stringify(spec));
    return wire.Award.encode({ ...head, specJson, assignments: [...assignments] }).finish();
  },
  decode(body) {
    const { specJson, ...head } = required(readAward(parse(wire.Award, body)));
    return { ...head, spec: required(readSpec(parseJson(specJson))) };
  },
};

/** A host's answer to an award: a claim for each assignment. */
export const claimsCodec: BodyCodec<{ readonly claims: readonly Claim[] }> = {
  encode: ({ claims }) =>
    wire.Claims.encode({ claims: claims.map((claim) => ({ ...claim, ports: [...claim.ports] })) }).finish(),
  decode: (body) => required(readClaims(parse(wire.Claims, body))),
};
