import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askCodec, awardCodec, bidCodec, claimsCodec, releaseCodec } from '../../../agent/services/codec/auction.ts';
import type { BodyCodec } from '../../../agent/services/codec/body.ts';
import { joinReplyCodec, joinRequestCodec } from '../../../agent/services/codec/join.ts';
import { ShoalError } from '../../../protocol/errors.ts';
import type { MeshId } from '../../../protocol/ids.ts';
import * as any from './arbitraries.ts';

const port = fc.integer({ min: 1, max: 65_535 });
const protocol = fc.constantFrom('tcp' as const, 'udp' as const);
const app = { group: any.name, app: any.name, appUid: any.text, cluster: any.name };
const cpuMilli = fc.nat({ max: 4_096_000 });
const portSpec = fc.record({ container: port, host: port, protocol }, { requiredKeys: ['container'] });
const constraint = fc.record({
  label: fc.constantFrom('zone', 'disk.kind'),
  op: fc.constantFrom('==' as const, '!=' as const, 'in' as const),
  values: fc.array(any.anyText, { minLength: 1, maxLength: 3 }),
});
const affinity = fc.record(
  {
    app: fc.constantFrom('shop/db', 'cache'),
    rule: fc.constantFrom('with' as const, 'apart' as const),
    required: fc.boolean(),
  },
  { requiredKeys: ['app', 'rule'] },
);
const weights = fc.dictionary(fc.constantFrom('a', 'b'), fc.integer({ min: 1, max: 9 }), {
  minKeys: 1,
  maxKeys: 2,
  noNullPrototype: true,
});
const spread = fc.record({ label: fc.constantFrom('zone', 'class'), weights }, { requiredKeys: ['label'] });
const requirement = fc.record(
  {
    ...app,
    image: fc.constantFrom('nginx', 'registry.local:5000/team/app@sha256:00'),
    memoryBytes: any.count,
    cpuMilli,
    ports: fc.array(portSpec, { maxLength: 3 }),
    constraints: fc.array(constraint, { maxLength: 3 }),
    maxPerHost: fc.integer({ min: 1, max: 9 }),
    affinity: fc.array(affinity, { minLength: 1, maxLength: 2 }),
    spread: fc.array(spread, { minLength: 1, maxLength: 2 }),
  },
  { requiredKeys: ['group', 'app', 'appUid', 'cluster', 'image', 'memoryBytes', 'cpuMilli', 'ports', 'constraints'] },
);
const offer = fc
  .record({
    hostId: any.hostId,
    hostName: any.name,
    zone: any.anyText.map((text) => text.slice(0, 100)),
    reservationId: any.reservationId,
    expiresInMs: any.small,
    slots: any.small,
    appReplicas: any.small,
    memoryFreeBytes: any.count,
    memoryAllocatableBytes: any.count,
    imagePresent: fc.boolean(),
    containers: any.small,
    recentFailures: any.small,
    limitedBy: fc.option(any.refusal, { nil: undefined }),
    company: fc.option(fc.record({ companions: any.small, rivals: any.small }), { nil: undefined }),
    spreadValues: fc.option(fc.array(fc.constantFrom('', 'a'), { minLength: 1, maxLength: 2 }), { nil: undefined }),
  })
  .map(({ limitedBy, company, spreadValues, ...rest }) => ({
    ...rest,
    ...(limitedBy === undefined ? {} : { limitedBy }),
    ...company,
    ...(spreadValues === undefined ? {} : { spreadValues }),
  }));
const spec = fc.record(
  {
    image: fc.constant('nginx'),
    resolvedImage: fc.stringMatching(/^team\/app@sha256:[0-9a-f]{64}$/),
    memoryBytes: fc.integer({ min: 6 * 1024 * 1024, max: 2 ** 40 }),
    env: fc.dictionary(fc.stringMatching(/^[A-Z]{1,9}$/), any.anyText, { maxKeys: 3, noNullPrototype: true }),
  },
  { requiredKeys: ['image', 'memoryBytes', 'env'] },
);
const award = fc.record({
  reservationId: any.reservationId,
  operationId: any.operationId,
  ...app,
  version: fc.integer({ min: 1, max: 1_000 }),
  specHash: any.text,
  spec,
  assignments: fc.array(fc.record({ containerId: any.containerId, replica: any.small }), { maxLength: 3 }),
});
const claim = fc.record({
  containerId: any.containerId,
  app: any.text,
  appUid: any.text,
  memoryBytes: any.count,
  cpuMilli,
  ports: fc.array(fc.record({ container: port, host: port, protocol }), { maxLength: 3 }),
});
const refused = fc.record({ ok: fc.constant(false as const), refusal: any.refusal });
const addresses = fc.array(any.text, { maxLength: 3 });

const ASKED = ['auctionId', 'requirement', 'replicas'] as const;
const given = fc.array(any.containerId, { minLength: 1, maxLength: 3 });

const bodies: readonly (readonly [string, BodyCodec<never>, fc.Arbitrary<unknown>])[] = [
  [
    'ask',
    askCodec,
    fc.record({ auctionId: any.text, requirement, replicas: any.small, given }, { requiredKeys: [...ASKED] }),
  ],
  ['bid', bidCodec, fc.oneof(fc.record({ ok: fc.constant(true), offer }), refused)],
  ['award', awardCodec, award],
  ['claims', claimsCodec, fc.record({ claims: fc.array(claim, { maxLength: 3 }) })],
  ['release', releaseCodec, fc.record({ reservationId: any.reservationId })],
  [
    'join request',
    joinRequestCodec,
    fc.record({
      tokenId: any.tokenId,
      secret: fc.uint8Array({ maxLength: 32 }),
      name: any.name,
      addresses,
      protocolVersion: fc.integer({ min: 1, max: 9 }),
      agentVersion: any.text,
    }),
  ],
  [
    'join reply',
    joinReplyCodec,
    fc.record({
      meshId: fc.constant('a1' as MeshId),
      members: fc.array(fc.record({ hostId: any.hostId, name: any.name, addresses }), { maxLength: 3 }),
      records: fc.array(any.catalogRecord, { maxLength: 3 }),
      meshKey: fc.uint8Array({ maxLength: 64 }),
    }),
  ],
].map(
  ([title, codec, values]) =>
    [title, codec, values] as unknown as readonly [string, BodyCodec<never>, fc.Arbitrary<unknown>],
);

describe.each(bodies)('the body of %s', (_, codec, values) => {
  it('gives back exactly what went in', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(codec.decode(codec.encode(value as never))).toEqual(value);
      }),
    );
  });

  it('is refused with a code when it is anything else', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          codec.decode(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(ShoalError);
          expect(error).toMatchObject({ code: 'invalid-request' });
        }
      }),
    );
  });
});
