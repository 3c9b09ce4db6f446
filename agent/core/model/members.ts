import type { HostId } from '../../../protocol/ids.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { Eviction, MemberRecord } from '../../../protocol/schemas/model.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, type Refused, refuse, timestamp, type Verdict } from './verdict.ts';

const isEvicted = (view: ModelView, hostId: string): boolean =>
  view.get<Eviction>(keys.eviction(hostId as HostId)) !== undefined;

/** The member if it belongs to the mesh, or why it does not. */
export function activeMember(view: ModelView, hostId: HostId): { ok: true; member: MemberRecord } | Refused {
  const member = view.get<MemberRecord>(keys.member(hostId));
  const faults = [{ pointer: '/hostId', detail: 'not a member' }];
  if (member === undefined) return refuse('not-found', `No host ${hostId} has joined this mesh.`, faults);
  if (isEvicted(view, hostId)) {
    const detail = `Host "${member.name}" was evicted, and an eviction sticks. To come back it joins with a new identity.`;
    return refuse('conflict', detail, faults);
  }
  return { ok: true, member };
}

/** Shuts a host out of the mesh for good. The last member can't be evicted: nobody would be left to ask. */
export function evictMember(
  command: Pick<CommandOf<'member.evict'>, 'hostId' | 'reason'>,
  view: ModelView,
  context: ModelContext,
): Verdict {
  const found = activeMember(view, command.hostId);
  if (!found.ok) return found;
  const others = view
    .list<MemberRecord>(prefixes.members)
    .filter(({ value }) => value.hostId !== command.hostId && !isEvicted(view, value.hostId));
  if (others.length === 0) {
    return refuse('conflict', `Host "${found.member.name}" is the only member left. Uninstall its agent instead.`);
  }
  const key = keys.eviction(command.hostId);
  const eviction: Eviction = {
    hostId: command.hostId,
    reason: command.reason ?? '',
    at: timestamp(context),
    by: context.actorId,
  };
  return { ok: true, writes: [{ key, value: eviction }], body: eviction, primaryKey: key };
}
