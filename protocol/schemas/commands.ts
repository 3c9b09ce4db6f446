import Type from 'typebox';
import { ContainerIdSchema, HostIdSchema, Name, OperationIdSchema, TokenIdSchema } from './common.ts';
import {
  AppChange,
  ClusterChange,
  DeployRequest,
  EvictRequest,
  GroupChange,
  HostChange,
  KillRequest,
  ScaleRequest,
  TokenRequest,
  VersionRequest,
} from './requests.ts';

const command = <K extends string, P extends Type.TProperties>(kind: K, properties: P) =>
  Type.Object({ kind: Type.Literal(kind), ...properties }, { additionalProperties: false });

const group = { group: Name };
const app = { group: Name, app: Name };
const cluster = { cluster: Name };
const host = { hostId: HostIdSchema };

/**
 * Everything that changes what people want: what a request's path names, and its body. The API makes each request one
 * command; the record's steward decides it.
 */
export const Command = Type.Union([
  command('group.put', { ...group, ...GroupChange.properties }),
  command('group.delete', group),
  command('app.put', { ...app, ...AppChange.properties }),
  command('app.delete', app),
  command('version.create', { ...app, ...VersionRequest.properties }),
  command('app.deploy', { ...app, ...DeployRequest.properties, ...cluster }),
  command('app.scale', { ...app, ...cluster, ...ScaleRequest.properties }),
  command('app.undeploy', { ...app, ...cluster }),
  command('operation.cancel', { ...app, operationId: OperationIdSchema }),
  command('cluster.put', { ...cluster, ...ClusterChange.properties }),
  command('cluster.delete', cluster),
  command('host.set', { ...host, ...HostChange.properties }),
  command('member.evict', { ...host, ...EvictRequest.properties }),
  command('token.create', TokenRequest.properties),
  command('token.revoke', { tokenId: TokenIdSchema }),
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
    ...KillRequest.properties,
  }),
]);
export type Command = Type.Static<typeof Command>;
export type CommandKind = Command['kind'];
export type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;
