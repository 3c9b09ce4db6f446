import Type from 'typebox';
import { limits } from '../limits.ts';
import { Bytes, Constraint, Description, LabelChanges, memoryLimit, Name, signal } from './common.ts';
import { imageRates, Retention, UpstreamUrl, UpstreamUser } from './image.ts';
import { CaPem, ForwardScope, ForwardUrl, HeaderName } from './log-forward.ts';
import { CredentialRecord, HostLossPolicy, Role, TokenRecord } from './model.ts';
import { OnOff } from './recording.ts';
import { Canary, RolloutPolicy } from './rollout.ts';
import { VersionSpec } from './version.ts';

/** Bodies of API requests. Unknown fields are refused: a misspelt one would be ignored in silence. */
const body = <P extends Type.TProperties>($id: string, properties: P, description?: string) =>
  Type.Object(properties, { $id, additionalProperties: false, ...(description === undefined ? {} : { description }) });

const replicas = Type.Integer({ minimum: 0, maximum: limits.replicas });

export const GroupChange = body(
  'GroupChange',
  {
    description: Type.Optional(Description),
    defaultMemoryBytes: Type.Optional(memoryLimit()),
    recordShells: Type.Optional(
      Type.Union([OnOff, Type.Null()], { description: 'record what shells show; null: as the mesh does' }),
    ),
  },
  'Fields left out keep their value.',
);
export const ShellSettingsChange = body(
  'ShellSettingsChange',
  { recordShells: Type.Optional(OnOff) },
  'Fields left out keep their value.',
);
export const AppChange = body(
  'AppChange',
  {
    description: Type.Optional(Description),
    onHostLoss: Type.Optional(HostLossPolicy),
    rollout: Type.Optional(RolloutPolicy),
  },
  'Fields left out keep their value; `rollout` is replaced as a whole.',
);
export const ClusterChange = body('ClusterChange', {
  description: Type.Optional(Description),
  selector: Type.Array(Constraint, { maxItems: limits.constraints }),
});
export const VersionRequest = body('VersionRequest', { spec: VersionSpec });
const version = Type.Integer({ minimum: 1, maximum: limits.versionsPerApp });
/** How a change of what runs goes about it. */
const manner = {
  rollout: Type.Optional(RolloutPolicy),
  ifRunning: Type.Optional(
    Type.Union([Type.Literal('supersede'), Type.Literal('refuse')], {
      description: 'what to do when another operation of the app is under way in this cluster; default: supersede it',
    }),
  ),
};
export const DeployRequest = body(
  'DeployRequest',
  {
    cluster: Type.Optional(Name),
    replicas: Type.Optional(replicas),
    version: Type.Optional(version),
    spec: Type.Optional(VersionSpec),
    image: Type.Optional(VersionSpec.properties.image),
    canary: Type.Optional(Canary),
    hold: Type.Optional(Type.Boolean({ description: 'blue-green: wait for `continue` before the old ones go' })),
    ...manner,
  },
  'A version, a spec that becomes the next version, or an image for what is deployed; none means the latest version. ' +
    'Replicas: as many as now unless given. Cluster `default` is all hosts. Over running replicas it rolls out: ' +
    '`rollout` overrides fields of the policy of the app.',
);
export const RollbackRequest = body(
  'RollbackRequest',
  { cluster: Type.Optional(Name), to: Type.Optional(version), ...manner },
  'To an earlier version; unless given the one that was reached before what runs now.',
);
export const RolloutRequest = body(
  'RolloutRequest',
  { cluster: Type.Optional(Name) },
  'Cluster: `default` unless given.',
);
export const DrainRequest = body('DrainRequest', {
  deadlineMs: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 7 * 86_400_000,
      description: 'what has not moved by then is stopped; milliseconds, default 10 min',
    }),
  ),
});
export const RebalanceRequest = body(
  'RebalanceRequest',
  { maxMoves: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.moves })) },
  'Moves containers so that apps are spread and hosts evenly used.',
);
export const ScaleRequest = body('ScaleRequest', { replicas });
export const HostChange = body(
  'HostChange',
  { labels: Type.Optional(LabelChanges), cordoned: Type.Optional(Type.Boolean()) },
  'Labels are merged; null takes one away.',
);
export const EvictRequest = body('EvictRequest', { reason: Type.Optional(Type.String({ maxLength: 1_024 })) });
export const TokenRequest = body('TokenRequest', {
  description: Type.Optional(Description),
  expiresInMs: Type.Integer({ minimum: 1_000, maximum: 365 * 86_400_000 }),
  maxUses: Type.Integer({ minimum: 1, maximum: 1_000 }),
});
export const CredentialRequest = body('CredentialRequest', {
  id: Name,
  role: Role,
  description: Type.Optional(Description),
});
export const KillRequest = body('KillRequest', {
  signal: Type.Optional(signal('default: SIGKILL')),
});
/** A value, or null to take away what is set. */
const orNull = <S extends Type.TSchema>(schema: S) => Type.Union([schema, Type.Null()]);
const keepsOthers = 'Fields left out keep their value; null takes one away.';

export const RepositoryChange = body(
  'RepositoryChange',
  { description: Type.Optional(Description), retention: Type.Optional(orNull(Retention)) },
  keepsOthers,
);
export const NamespaceChange = body('NamespaceChange', { quotaBytes: orNull(Bytes) }, 'Null: no quota.');
export const UpstreamChange = body(
  'UpstreamChange',
  {
    url: Type.Optional(orNull(UpstreamUrl)),
    username: Type.Optional(orNull(UpstreamUser)),
    password: Type.Optional(orNull(Type.String({ minLength: 1, maxLength: 4_096 }))),
  },
  keepsOthers,
);
export const LogForwardChange = body(
  'LogForwardChange',
  {
    url: Type.Optional(ForwardUrl),
    scope: Type.Optional(ForwardScope),
    headerName: Type.Optional(orNull(HeaderName)),
    headerValue: Type.Optional(orNull(Type.String({ minLength: 1, maxLength: 4_096, pattern: '^[\\x20-\\x7e]+$' }))),
    caPem: Type.Optional(orNull(CaPem)),
    verify: Type.Optional(Type.Boolean({ description: 'default: true' })),
  },
  `${keepsOthers} A new one needs a url; without a scope it gets all logs.`,
);
export const ImageSettingsChange = body(
  'ImageSettingsChange',
  {
    uploadBytesPerS: Type.Optional(orNull(imageRates.uploadBytesPerS)),
    downloadBytesPerS: Type.Optional(orNull(imageRates.downloadBytesPerS)),
    originBytesPerS: Type.Optional(orNull(imageRates.originBytesPerS)),
  },
  keepsOthers,
);
/** Names or ids. */
const hosts = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 128 }), { minItems: 1, maxItems: limits.members }),
);
export const PreheatRequest = body(
  'PreheatRequest',
  { image: VersionSpec.properties.image, cluster: Type.Optional(Name), hosts },
  'Brings an image to hosts, or to a cluster; neither means all hosts.',
);
export const VerifyRequest = body('VerifyRequest', { hosts }, 'Without hosts: all.');
export const CollectRequest = body(
  'CollectRequest',
  {
    hosts,
    graceMs: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 365 * 86_400_000, description: 'younger content stays; milliseconds' }),
    ),
  },
  'Drops what nothing needs. Without hosts: on all.',
);
/** Nothing to say, but an empty object is fine. */
export const NoRequest = body('NoRequest', {});

const { secretHash: _hidden, ...tokenProperties } = TokenRecord.properties;
/** A join token as people see it. */
export const Token = Type.Object(tokenProperties, { $id: 'Token' });
export type Token = Type.Static<typeof Token>;
export const CreatedToken = Type.Object(
  { ...tokenProperties, token: Type.String({ description: 'the whole token; shown this once' }) },
  { $id: 'CreatedToken' },
);
export type CreatedToken = Type.Static<typeof CreatedToken>;

const { secretHash: _unseen, ...credentialProperties } = CredentialRecord.properties;
/** Whom an API token stands for. */
export const Credential = Type.Object(credentialProperties, { $id: 'Credential' });
export type Credential = Type.Static<typeof Credential>;
export const CreatedCredential = Type.Object(
  { ...credentialProperties, token: Type.String({ description: 'the API token; shown this once' }) },
  { $id: 'CreatedCredential' },
);
export type CreatedCredential = Type.Static<typeof CreatedCredential>;

/** Whoever asks, as the API knows them. */
export const Me = Type.Object(
  {
    id: Type.String(),
    role: Role,
    actions: Type.Array(Type.String(), { description: 'all that the role may do, such as read or app.deploy' }),
  },
  { $id: 'Me' },
);
export type Me = Type.Static<typeof Me>;

/** The mesh as the answering member sees it. */
export const Mesh = Type.Object(
  {
    meshId: Type.String(),
    hostId: Type.String({ description: 'the member that answers' }),
    hostName: Type.String(),
    agentVersion: Type.String(),
    protocolVersion: Type.Integer(),
    alive: Type.Integer({ minimum: 0, description: 'members it sees alive' }),
    members: Type.Integer({ minimum: 0, description: 'members admitted' }),
    isolated: Type.Boolean({ description: 'it believes that it is the one cut off' }),
  },
  { $id: 'Mesh' },
);
export type Mesh = Type.Static<typeof Mesh>;
