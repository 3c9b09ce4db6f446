import { createHash } from 'node:crypto';
import type Type from 'typebox';
import { Compile } from 'typebox/compile';
import type { HostId } from '../../../protocol/ids.ts';
import { FileRecord } from '../../../protocol/schemas/file.ts';
import {
  ImageSettings,
  ManifestRecord,
  NamespaceRecord,
  RepositoryRecord,
  TagRecord,
  UpstreamRecord,
} from '../../../protocol/schemas/image.ts';
import { LogForwardRecord } from '../../../protocol/schemas/log-forward.ts';
import {
  App,
  Cluster,
  CredentialRecord,
  Event,
  Group,
  HostIntent,
  MemberRecord,
  RebalanceRecord,
  StuckRecord,
  TokenRecord,
} from '../../../protocol/schemas/model.ts';
import { OperationRecord } from '../../../protocol/schemas/operation.ts';
import { ShellSettings } from '../../../protocol/schemas/recording.ts';
import { Version } from '../../../protocol/schemas/version.ts';
import { familyOf } from '../../core/catalog/key-index.ts';
import { keys, parseKey } from '../../core/catalog/keys.ts';
import { IdempotencyRecord } from '../commands/request.ts';

/** What keeps a value from being used, in a few words; undefined when nothing does. */
type Fault = (value: unknown, key: string) => string | undefined;

/** Values of one family of keys: what they look like, and under which key a value belongs. */
function family<S extends Type.TSchema>(schema: S, keyOf: (value: Type.Static<S>) => string): Fault {
  const compiled = Compile(schema);
  return (value, key) => {
    if (!compiled.Check(value)) {
      const [first] = compiled.Errors(value);
      return `${first?.instancePath ?? ''} ${first?.message ?? 'does not fit'}`.trim();
    }
    return keyOf(value) === key ? undefined : 'belongs under another key';
  };
}

const sha256 = ({ contentBase64 }: FileRecord): string =>
  createHash('sha256').update(Buffer.from(contentBase64, 'base64')).digest('hex');

const idempotency = Compile(IdempotencyRecord);

const imageSettings = family(ImageSettings, () => keys.imageSettings);
const shellSettings = family(ShellSettings, () => keys.shellSettings);

const families: Readonly<Record<string, Fault>> = {
  groups: family(Group, (group) => keys.group(group.name)),
  apps: family(App, (app) => keys.app(app.group, app.name)),
  versions: family(Version, (version) => keys.version(version.group, version.app, version.number)),
  // Content under another digest belongs under another key.
  files: family(FileRecord, (file) => keys.file(file.group, file.app, sha256(file))),
  clusters: family(Cluster, (cluster) => keys.cluster(cluster.name)),
  operations: family(OperationRecord, (operation) => keys.operation(operation.id)),
  events: family(Event, (event) => keys.event(event.id)),
  tokens: family(TokenRecord, (token) => keys.token(token.id)),
  members: family(MemberRecord, (member) => keys.member(member.hostId as HostId)),
  hosts: family(HostIntent, (intent) => keys.host(intent.hostId as HostId)),
  credentials: family(CredentialRecord, (credential) => keys.credential(credential.id)),
  moves: family(RebalanceRecord, () => keys.rebalance),
  stuck: family(StuckRecord, (stuck) => keys.stuck(stuck.containerId)),
  repositories: family(RepositoryRecord, (repository) => keys.repository(repository.name)),
  namespaces: family(NamespaceRecord, (namespace) => keys.namespace(namespace.name)),
  tags: family(TagRecord, (tag) => keys.tag(tag.repository, tag.tag)),
  manifests: family(ManifestRecord, (manifest) => keys.manifest(manifest.repository, manifest.digest)),
  upstreams: family(UpstreamRecord, (upstream) => keys.upstream(upstream.host)),
  settings: (value, key) => (key === keys.shellSettings ? shellSettings(value, key) : imageSettings(value, key)),
  forwards: family(LogForwardRecord, (forward) => keys.logForward(forward.name)),
  idempotency: (value) => (idempotency.Check(value) ? undefined : 'does not fit'),
  // An eviction counts whatever it says: its key names the host.
  evictions: () => undefined,
};

/** Why a catalog value can't be used, or undefined. Losers of conflicts are judged as what they were. */
export function faultOfValue(key: string, value: unknown): string | undefined {
  const parsed = parseKey(key);
  const judged = parsed.kind === 'history' ? parsed.of : key;
  const fault = families[familyOf(judged)];
  return fault === undefined ? 'of an unknown family' : fault(value, judged);
}
