import Type from 'typebox';
import { limits } from '../limits.ts';
import {
  Constraint,
  ContainerIdSchema,
  Description,
  HostIdSchema,
  LabelChanges,
  Name,
  OperationIdSchema,
} from './common.ts';
import { HostLossPolicy } from './model.ts';
import { VersionSpec } from './version.ts';

const command = <K extends string, P extends Type.TProperties>(kind: K, properties: P) =>
  Type.Object({ kind: Type.Literal(kind), ...properties }, { additionalProperties: false });

const memory = Type.Integer({ minimum: limits.memoryBytesMin, maximum: limits.memoryBytesMax });
const version = Type.Integer({ minimum: 1, maximum: limits.versionsPerApp });
const replicas = Type.Integer({ minimum: 0, maximum: limits.replicas });
const app = { group: Name, app: Name };

/**
 * Everything that changes what people want. The API turns each request into one command; the record's steward decides it.
 * `version` of a deploy may be left out (latest) or a spec given instead, which makes the next version in the same step.
 */
export const Command = Type.Union([
  command('group.put', {
    group: Name,
    description: Type.Optional(Description),
    defaultMemoryBytes: Type.Optional(memory),
  }),
  command('group.delete', { group: Name }),
  command('app.put', { ...app, description: Type.Optional(Description), onHostLoss: Type.Optional(HostLossPolicy) }),
  command('app.delete', app),
  command('version.create', { ...app, spec: VersionSpec }),
  command('app.deploy', {
    ...app,
    cluster: Name,
    replicas,
    version: Type.Optional(version),
    spec: Type.Optional(VersionSpec),
  }),
  command('app.scale', { ...app, cluster: Name, replicas }),
  command('app.undeploy', { ...app, cluster: Name }),
  command('operation.cancel', { ...app, operationId: OperationIdSchema }),
  command('cluster.put', {
    cluster: Name,
    description: Type.Optional(Description),
    selector: Type.Array(Constraint, { maxItems: limits.constraints }),
  }),
  command('cluster.delete', { cluster: Name }),
  command('host.set', {
    hostId: HostIdSchema,
    labels: Type.Optional(LabelChanges),
    cordoned: Type.Optional(Type.Boolean()),
  }),
  command('member.evict', { hostId: HostIdSchema, reason: Type.String({ maxLength: 1_024 }) }),
  command('token.create', {
    description: Type.Optional(Description),
    expiresInMs: Type.Integer({ minimum: 1_000, maximum: 365 * 86_400_000 }),
    maxUses: Type.Integer({ minimum: 1, maximum: 1_000 }),
  }),
  command('token.revoke', { tokenId: Type.String({ pattern: '^tk_[0-9A-HJKMNP-TV-Z]{26}$' }) }),
  command('container.power', {
    ...app,
    containerId: ContainerIdSchema,
    action: Type.Union([
      Type.Literal('start'),
      Type.Literal('stop'),
      Type.Literal('restart'),
      Type.Literal('kill'),
      Type.Literal('remove'),
    ]),
    signal: Type.Optional(Type.String({ pattern: '^(SIG)?[A-Z0-9+-]{1,16}$' })),
  }),
]);
export type Command = Type.Static<typeof Command>;
export type CommandKind = Command['kind'];
export type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;
