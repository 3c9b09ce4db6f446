import Type from 'typebox';
import { Compile } from 'typebox/compile';
import { limits } from '../../../protocol/limits.ts';
import { Command } from '../../../protocol/schemas/commands.ts';
import { HostIdSchema, Name } from '../../../protocol/schemas/common.ts';
import { Role } from '../../../protocol/schemas/model.ts';
import { keys } from '../../core/catalog/keys.ts';
import { CatalogRecordSchema, decodeJson } from '../catalog/record-body.ts';

/** Admission of a host, asked by the member that the joiner reached. Not a command of the API. */
const Admit = Type.Object(
  {
    kind: Type.Literal('member.admit'),
    tokenId: Type.String({ maxLength: 64 }),
    secretHash: Type.String({ maxLength: 64 }),
    hostId: HostIdSchema,
    name: Name,
    addresses: Type.Array(Type.String({ maxLength: 256 }), { minItems: 1, maxItems: 16 }),
  },
  { additionalProperties: false },
);
export type Admit = Type.Static<typeof Admit>;

/** What the member that took a request sends to the record's steward. */
export const CommandRequest = Type.Object({
  command: Type.Union([Command, Admit]),
  actor: Type.Object({ id: Type.String({ maxLength: 128 }), role: Role }),
  /** Scopes the answer to one request: the client's Idempotency-Key, or one made for this request. */
  idempotencyKey: Type.String({ minLength: 1, maxLength: 256 }),
  /** SHA-256 of what the client sent, or else of the command, to tell a retry from another request with the same key. */
  requestHash: Type.String({ maxLength: 64 }),
  /** SHA-256 of a new token's secret; the secret stays with the member that took the request. */
  tokenSecretHash: Type.Optional(Type.String({ maxLength: 64 })),
  ifMatch: Type.Optional(Type.String({ maxLength: 128 })),
  acceptedBy: HostIdSchema,
  /** What the command refers to, as the asking member has it. */
  known: Type.Array(CatalogRecordSchema, { maxItems: 16 + limits.files }),
});
export type CommandRequest = Type.Static<typeof CommandRequest>;

/** The steward's answer; the asking member stores `records` before it answers its client. */
export const CommandOutcome = Type.Object({
  result: Type.Object({
    body: Type.Unknown(),
    revision: Type.Optional(Type.String()),
    operationId: Type.Optional(Type.String()),
    isNew: Type.Optional(Type.Boolean()),
    replayed: Type.Boolean(),
  }),
  records: Type.Array(CatalogRecordSchema, { maxItems: 4_096 }),
});
export type CommandOutcome = Type.Static<typeof CommandOutcome>;

/** First answer to an Idempotency-Key, as stored. */
export const IdempotencyRecord = Type.Object({
  requestHash: Type.String({ maxLength: 64 }),
  result: CommandOutcome.properties.result,
  /** What the answer rests on, so that a retry through another member can be stored there too. */
  keys: Type.Array(Type.String({ maxLength: 512 }), { maxItems: 4_096 }),
});
export type IdempotencyRecord = Type.Static<typeof IdempotencyRecord>;

/** Where the answer to a request is remembered. */
export const memoryKeyOf = (request: Pick<CommandRequest, 'actor' | 'idempotencyKey'>): string =>
  keys.idempotency(request.actor.id, request.idempotencyKey);

const request = Compile(CommandRequest);
const outcome = Compile(CommandOutcome);

/** @throws ShoalError invalid-request */
export const decodeRequest = (body: Uint8Array): CommandRequest =>
  decodeJson(body, (value) => request.Check(value), 'command');
/** @throws ShoalError invalid-request */
export const decodeOutcome = (body: Uint8Array): CommandOutcome =>
  decodeJson(body, (value) => outcome.Check(value), 'command outcome');
