import Type from 'typebox';
import type { ContainerId, HostId, OperationId } from '../ids.ts';
import { limits } from '../limits.ts';

/** A string schema whose static type is a branded id. */
export const id = <T extends string>(pattern: string, description: string) =>
  Type.Unsafe<T>(Type.String({ pattern, maxLength: 128, description }));

const ULID = '[0-9A-HJKMNP-TV-Z]{26}';
export const OperationIdSchema = id<OperationId>(`^op_${ULID}$`, 'operation id');
export const ContainerIdSchema = id<ContainerId>(`^ct_${ULID}$`, 'container id');
export const HostIdSchema = id<HostId>('^[1-9A-HJ-NP-Za-km-z]{20,80}$', 'libp2p peer id of a host');
export const TokenIdSchema = id<string>(`^tk_${ULID}$`, 'join token id');

/** Name of a group, app, cluster or host: lower-case letters, digits and inner dashes. */
export const Name = Type.String({ pattern: '^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$', maxLength: 63 });
export const Description = Type.String({ maxLength: 2_048 });
/** RFC 3339 UTC. */
export const Timestamp = Type.String({ maxLength: 40, description: 'RFC 3339 UTC' });
export const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
/** Memory that a container may use at most. */
export const memoryLimit = (description = 'bytes') =>
  Type.Integer({ minimum: limits.memoryBytesMin, maximum: limits.memoryBytesMax, description });
export const CpuMilli = Type.Integer({ minimum: 0, maximum: 4_096_000, description: 'thousandths of a core' });

/** A signal as `kill -l` names it, with or without `SIG`. */
export const signal = (description: string) => Type.String({ pattern: '^(SIG)?[A-Z0-9+-]{1,16}$', description });

const labelKey = '^[a-zA-Z0-9]([a-zA-Z0-9._/-]{0,126}[a-zA-Z0-9])?$';
export const Labels = Type.Record(Type.String({ pattern: labelKey }), Type.String({ maxLength: 1_024 }), {
  maxProperties: limits.labels,
  additionalProperties: false,
});

/** Labels to set; `null` takes one away (RFC 7396). */
export const LabelChanges = Type.Record(
  Type.String({ pattern: labelKey }),
  Type.Union([Type.String({ maxLength: 1_024 }), Type.Null()]),
  { maxProperties: limits.labels, additionalProperties: false },
);

/**
 * One rule over a host's labels. `==` and `in`: the label has one of the values; `!=`: none of them; the others compare numbers,
 * with one value.
 */
export const Constraint = Type.Object(
  {
    label: Type.String({ pattern: labelKey, maxLength: 128 }),
    op: Type.Union([
      Type.Literal('=='),
      Type.Literal('!='),
      Type.Literal('in'),
      Type.Literal('<'),
      Type.Literal('<='),
      Type.Literal('>'),
      Type.Literal('>='),
    ]),
    values: Type.Array(Type.String({ maxLength: 1_024 }), { minItems: 1, maxItems: 64 }),
  },
  { additionalProperties: false },
);
export type Constraint = Type.Static<typeof Constraint>;

/** RFC 9457 problem document. `instance` is the request or operation id. */
export const Problem = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    code: Type.String(),
    retryable: Type.Boolean(),
    instance: Type.Optional(Type.String()),
    errors: Type.Optional(Type.Array(Type.Object({ pointer: Type.String(), detail: Type.String() }))),
  },
  { $id: 'Problem' },
);
export type Problem = Type.Static<typeof Problem>;
