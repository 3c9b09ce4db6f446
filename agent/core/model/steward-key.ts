import type { HostId } from '../../../protocol/ids.ts';
import { namespaceOf } from '../../../protocol/image-reference.ts';
import type { Command, CommandOf } from '../../../protocol/schemas/commands.ts';
import { keys } from '../catalog/keys.ts';

/** What names the record that a command changes. */
type Subject = Command | { readonly kind: 'member.admit'; readonly tokenId: string; readonly hostId: HostId };

/** What names an app, a group, a cluster, a token, a credential or a host. */
type Placed = Extract<
  Subject,
  | { group: string }
  | { cluster: string }
  | { tokenId: string }
  | { credential: string }
  | { hostId: HostId }
  | { kind: 'rebalance.start' | 'rebalance.cancel' }
>;

/**
 * The key whose steward decides a command. All records of an app share one, so that its versions, deployments and operations
 * change in one order; a join counts against its token; credentials share one, for an admin must be left.
 */
export function stewardKeyOfCommand(command: Subject): string {
  if ('app' in command) return keys.app(command.group, command.app);
  if ('group' in command) return keys.group(command.group);
  if ('cluster' in command) return keys.cluster(command.cluster);
  if ('tokenId' in command) return keys.token(command.tokenId);
  if ('credential' in command) return keys.credential('all');
  if ('hostId' in command) return keys.host(command.hostId);
  if (command.kind === 'rebalance.start' || command.kind === 'rebalance.cancel') return keys.rebalance;
  return stewardKeyOfImages(command);
}

/** A repository's records share one; so do all operations on images, for what they ask of hosts is one queue. */
function stewardKeyOfImages(command: Exclude<Subject, Placed>): string {
  if ('hosts' in command) return keys.imageSettings;
  if ('repository' in command) return keys.repository(command.repository);
  if ('namespace' in command) return keys.namespace(command.namespace);
  if ('host' in command) return keys.upstream(command.host);
  if ('forward' in command) return keys.logForward(command.forward);
  if (command.kind === 'shells.set') return keys.shellSettings;
  return command.kind === 'token.create' ? keys.token('new') : keys.imageSettings;
}

/**
 * Records that a command refers to, which its steward may not have heard of yet. The member that took the request sends
 * its own along: a client that has seen something through that member can build on it at once.
 */
export function keysReferredTo(command: Subject): readonly string[] {
  return [
    ...('group' in command ? [keys.group(command.group)] : []),
    ...('app' in command ? [keys.app(command.group, command.app)] : []),
    ...('cluster' in command ? [keys.cluster(command.cluster)] : []),
    ...('version' in command && command.version !== undefined
      ? [keys.version(command.group, command.app, command.version)]
      : []),
    ...('spec' in command ? contentKeysReferredTo(command) : []),
    ...('operationId' in command ? [keys.operation(command.operationId)] : []),
    ...('hostId' in command ? [keys.member(command.hostId as HostId), keys.host(command.hostId as HostId)] : []),
    ...('tokenId' in command ? [keys.token(command.tokenId)] : []),
    ...('credential' in command ? [keys.credential(command.credential)] : []),
    ...imageKeysReferredTo(command),
  ];
}

/** Contents that a spec names without having them. */
function contentKeysReferredTo({ group, app, spec }: CommandOf<'version.create'> | CommandOf<'app.deploy'>): string[] {
  const named = new Set((spec?.files ?? []).flatMap(({ sha256 }) => sha256 ?? []));
  return [...named].map((sha256) => keys.file(group, app, sha256));
}

/** What an image command refers to. */
function imageKeysReferredTo(command: Subject): readonly string[] {
  switch (command.kind) {
    case 'image.push': {
      const { repository, tag, manifest } = command;
      const namespace = keys.namespace(namespaceOf(repository));
      return [
        keys.manifest(repository, manifest.digest),
        namespace,
        ...(tag === undefined ? [] : [keys.tag(repository, tag)]),
      ];
    }
    case 'image.untag':
      return [keys.tag(command.repository, command.tag)];
    case 'image.delete':
    case 'image.preheat':
      return [keys.manifest(command.repository, command.digest)];
    case 'repository.put':
    case 'repository.delete':
      return [keys.repository(command.repository)];
    case 'namespace.put':
      return [keys.namespace(command.namespace)];
    case 'upstream.put':
    case 'upstream.delete':
      return [keys.upstream(command.host)];
    case 'images.set':
      return [keys.imageSettings];
    case 'shells.set':
      return [keys.shellSettings];
    case 'log-forward.put':
    case 'log-forward.delete':
      return [keys.logForward(command.forward)];
    default:
      return [];
  }
}
