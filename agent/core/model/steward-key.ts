import type { HostId } from '../../../protocol/ids.ts';
import type { Command } from '../../../protocol/schemas/commands.ts';
import { keys } from '../catalog/keys.ts';

/** What names the record that a command changes. */
type Subject = Command | { readonly kind: 'member.admit'; readonly tokenId: string; readonly hostId: HostId };

/**
 * The key whose steward decides a command. All records of an app share one, so that its versions, deployments and operations
 * change in one order; a join counts against its token.
 */
export function stewardKeyOfCommand(command: Subject): string {
  if ('app' in command) return keys.app(command.group, command.app);
  if ('group' in command) return keys.group(command.group);
  if ('cluster' in command) return keys.cluster(command.cluster);
  if ('tokenId' in command) return keys.token(command.tokenId);
  if ('hostId' in command) return keys.host(command.hostId);
  return keys.token('new');
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
    ...('operationId' in command ? [keys.operation(command.operationId)] : []),
    ...('hostId' in command ? [keys.member(command.hostId as HostId)] : []),
    ...('tokenId' in command ? [keys.token(command.tokenId)] : []),
  ];
}
