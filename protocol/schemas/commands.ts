import Type from 'typebox';
import { limits } from '../limits.ts';
import { ContainerIdSchema, HostIdSchema, Name, OperationIdSchema, TokenIdSchema } from './common.ts';
import {
  DigestSchema,
  ManifestFacts,
  NamespaceName,
  RegistryHost,
  RepositoryName,
  ResolvedImageName,
  SealedPassword,
  TagName,
} from './image.ts';
import { Move } from './operation.ts';
import {
  AppChange,
  ClusterChange,
  CollectRequest,
  CredentialRequest,
  DeployRequest,
  DrainRequest,
  EvictRequest,
  GroupChange,
  HostChange,
  ImageSettingsChange,
  KillRequest,
  LogForwardChange,
  NamespaceChange,
  PreheatRequest,
  RepositoryChange,
  RollbackRequest,
  ScaleRequest,
  ShellSettingsChange,
  TokenRequest,
  UpstreamChange,
  VersionRequest,
} from './requests.ts';

const command = <K extends string, P extends Type.TProperties>(kind: K, properties: P) =>
  Type.Object({ kind: Type.Literal(kind), ...properties }, { additionalProperties: false });

const group = { group: Name };
const app = { group: Name, app: Name };
const cluster = { cluster: Name };
const host = { hostId: HostIdSchema };
const { id: credentialId, role, description } = CredentialRequest.properties;
const credential = { credential: credentialId };
/** What the spec's image stands for, as the member that took the request found. */
const resolved = { resolvedImage: Type.Optional(ResolvedImageName) };
const repository = { repository: RepositoryName };
/** Deletes also what is in use. */
const force = { force: Type.Optional(Type.Boolean()) };
const { headerValue: _header, ...forwardChange } = LogForwardChange.properties;
const { password: _plain, ...upstreamChange } = UpstreamChange.properties;
export const RolloutAction = Type.Union([
  Type.Literal('continue'),
  Type.Literal('pause'),
  Type.Literal('resume'),
  Type.Literal('abort'),
]);
export type RolloutAction = Type.Static<typeof RolloutAction>;
/** Containers to move, as the member that took the request sees them. */
const moves = Type.Array(Move, { maxItems: limits.moves });
/** Chosen by the member that took the request. */
const hosts = { hosts: Type.Array(HostIdSchema, { minItems: 1, maxItems: limits.members }) };

/**
 * Everything that changes what people want: what a request's path names, and its body. The API makes each request one
 * command; the record's steward decides it.
 */
export const Command = Type.Union([
  command('group.put', { ...group, ...GroupChange.properties }),
  command('group.delete', group),
  command('app.put', { ...app, ...AppChange.properties }),
  command('app.delete', app),
  command('version.create', { ...app, ...VersionRequest.properties, ...resolved }),
  command('app.deploy', { ...app, ...DeployRequest.properties, ...cluster, ...resolved }),
  command('app.scale', { ...app, ...cluster, ...ScaleRequest.properties }),
  command('app.undeploy', { ...app, ...cluster }),
  command('app.rollback', { ...app, ...RollbackRequest.properties, ...cluster }),
  command('app.rollout', { ...app, ...cluster, action: RolloutAction }),
  command('operation.cancel', { ...app, operationId: OperationIdSchema }),
  command('cluster.put', { ...cluster, ...ClusterChange.properties }),
  command('cluster.delete', cluster),
  command('host.set', { ...host, ...HostChange.properties }),
  command('host.drain', { ...host, ...DrainRequest.properties, moves }),
  command('host.remove', { ...host, ...force }),
  command('drain.cancel', { ...host, operationId: OperationIdSchema }),
  command('rebalance.start', { moves }),
  command('rebalance.cancel', { operationId: OperationIdSchema }),
  command('member.evict', { ...host, ...EvictRequest.properties }),
  command('token.create', TokenRequest.properties),
  command('token.revoke', { tokenId: TokenIdSchema }),
  command('credential.create', { ...credential, role, description }),
  command('credential.revoke', credential),
  command('image.push', { ...repository, tag: Type.Optional(TagName), manifest: ManifestFacts }),
  command('image.untag', { ...repository, tag: TagName }),
  command('image.delete', { ...repository, digest: DigestSchema, ...force }),
  command('image.preheat', { ...repository, digest: DigestSchema, image: PreheatRequest.properties.image, ...hosts }),
  command('image.verify', hosts),
  command('image.gc', { graceMs: CollectRequest.properties.graceMs, ...hosts }),
  command('image-operation.cancel', { operationId: OperationIdSchema }),
  command('repository.put', { ...repository, ...RepositoryChange.properties }),
  command('repository.delete', { ...repository, ...force }),
  command('namespace.put', { namespace: NamespaceName, ...NamespaceChange.properties }),
  command('upstream.put', {
    host: RegistryHost,
    ...upstreamChange,
    sealedPassword: Type.Optional(Type.Union([SealedPassword, Type.Null()])),
  }),
  command('upstream.delete', { host: RegistryHost }),
  command('images.set', ImageSettingsChange.properties),
  command('log-forward.put', {
    forward: Name,
    ...forwardChange,
    sealedHeader: Type.Optional(Type.Union([SealedPassword, Type.Null()])),
  }),
  command('log-forward.delete', { forward: Name }),
  command('shells.set', ShellSettingsChange.properties),
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
export const commandKinds: readonly CommandKind[] = Command.anyOf.map(({ properties }) => properties.kind.const);
export type CommandOf<K extends CommandKind> = Extract<Command, { kind: K }>;
