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
import { Affinity, PortSpec, ResolvedSpec, Spread, VersionSpec } from '../../../protocol/schemas/version.ts';
import type { Ask, Award, Bid, Claim, Offer as OfferOf } from '../../core/placement/types.ts';
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
  affinity: Type.Optional(Type.Array(Affinity, { maxItems: limits.affinities })),
  spread: Type.Optional(Type.Array(Spread, { maxItems: limits.spreads })),
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
  companions: Type.Optional(count),
  rivals: Type.Optional(count),
  spreadValues: Type.Optional(Type.Array(Type.String({ maxLength: 1_024 }), { maxItems: limits.spreads })),
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
      app: Type.String({ maxLength: 127 }),
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

const readAsk = sameShape(
  wire.Ask,
  Type.Object({
    ...{ auctionId: shortText, requirement: Requirement, replicas },
    leaving: Type.Optional(Type.Array(ContainerIdSchema, { maxItems: limits.leavingContainers })),
    given: Type.Optional(Type.Array(ContainerIdSchema, { maxItems: limits.replicas })),
  }),
);

/** A list or a map of protobuf is never absent, so an empty one means that there is none. */
export const askCodec: BodyCodec<Ask> = {
  encode: (ask) => readAsk.encode(ask as Parameters<typeof readAsk.encode>[0]),
  decode(body) {
    const { requirement, leaving = [], given = [], ...ask } = readAsk.decode(body);
    const { affinity = [], spread = [], ...needs } = requirement;
    const targets = spread.map(({ label, weights = {} }) =>
      Object.keys(weights).length === 0 ? { label } : { label, weights },
    );
    return {
      ...ask,
      ...(leaving.length === 0 ? {} : { leaving }),
      ...(given.length === 0 ? {} : { given }),
      requirement: {
        ...needs,
        ...(affinity.length === 0 ? {} : { affinity }),
        ...(targets.length === 0 ? {} : { spread: targets }),
      },
    };
  },
};

export const releaseCodec: BodyCodec<Release> = sameShape(wire.Release, Type.Object({ reservationId }));

const offerBody = ({ spreadValues, ...offer }: OfferOf) => ({ ...offer, spreadValues: [...(spreadValues ?? [])] });

export const bidCodec: BodyCodec<Bid> = {
  encode: (bid) => wire.Bid.encode(bid.ok ? { offer: offerBody(bid.offer) } : { refusal: bid.refusal }).finish(),
  decode(body) {
    const bid = parse(wire.Bid, body);
    if (bid.answer === 'offer') {
      const { spreadValues = [], ...offer } = required(readOffer(bid.offer));
      return { ok: true, offer: spreadValues.length === 0 ? offer : { ...offer, spreadValues } };
    }
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
