import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Member } from '../../../protocol/schemas/host.ts';
import { route } from '../client/api.ts';
import { CliFailure } from '../failure.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatAge } from '../view/format.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';

export function addMember(program: Command, perform: Perform): void {
  const member = program.command('member').description('members: the agents admitted to the mesh');
  perform(member.command('ls').description('list members'), listMembers);
  const evict = member
    .command('evict')
    .description('shut a member out for ever; its containers are replaced elsewhere');
  perform(confirmable(evict.argument('<host>').option('--reason <text>', 'for the record', '')), evictMember);
}

async function listMembers(session: Session): Promise<void> {
  const api = await session.api();
  const nowMs = Date.now();
  session.table(
    [
      { title: 'HOST', cell: (member) => member.name },
      { title: 'STATE', cell: (member) => member.status, isState: true },
      { title: 'MEMBER FOR', cell: (member) => formatAge(member.joinedAt, nowMs), isNumber: true },
      { title: 'ADDRESSES', cell: (member) => member.addresses.join(' ') },
      { title: 'ID', cell: (member) => member.hostId },
    ],
    await api.list<Member>('/v1/members'),
    (member) => member.hostId,
    'no members',
  );
}

async function evictMember(
  session: Session,
  flags: ConfirmFlags & { readonly reason: string },
  args: readonly string[],
) {
  const [text] = words(args);
  const api = await session.api();
  const found = (await api.list<Member>('/v1/members')).filter(
    (member) => member.hostId === text || (member.name === text && member.status !== 'evicted'),
  );
  const [member, other] = found;
  if (member === undefined)
    throw new CliFailure(exitCodes.notFound, `there is no member ${text}`, { next: 'shoal member ls' });
  if (other !== undefined) {
    throw new CliFailure(exitCodes.conflict, `several members are named ${text}`, {
      next: `shoal member evict ${member.hostId}`,
    });
  }
  await confirm(session, flags, member.name, `This shuts ${member.name} out of the mesh for ever.`);
  const { body } = await api.send('DELETE', route`/v1/members/${member.hostId}`, { reason: flags.reason });
  if (session.options.json === true) return session.json(body ?? {});
  session.say(`${member.name} is evicted; to use that machine again, uninstall Shoal there and join anew`);
}
