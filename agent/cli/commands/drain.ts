import type { Command } from 'commander';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { Move, MoveOperation } from '../../../protocol/schemas/operation.ts';
import { route } from '../client/api.ts';
import { parseDuration, wholeNumber } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { count } from '../view/format.ts';
import { watchOperation } from '../watch.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';
import { type DetachFlag, detachable, followAnswer } from './follow.ts';
import { getHost } from './host.ts';
import { option } from './spec-flags.ts';

/** Emptying hosts, taking them out of the mesh, and evening them out. */
export function addDrain(program: Command, host: Command, perform: Perform): void {
  const drain = host
    .command('drain')
    .description('move everything off a host: replacements work elsewhere before its containers stop')
    .argument('<host>')
    .addOption(option('--deadline <duration>', 'what remains by then is stopped (default: 10m)', parseDuration))
    .option('--wait', 'show the progress until it has ended')
    .option('--cancel', 'stop draining; what has moved stays where it is');
  perform(drain, drainHost);
  const remove = host.command('rm').description('take a drained host out of the mesh for good').argument('<host>');
  perform(confirmable(remove).option('--force', 'also one that was not drained: what runs there is lost'), removeHost);
  const rebalance = program
    .command('rebalance')
    .description('move containers so that apps are spread and hosts evenly used, replacements first')
    .option('--dry-run', 'only show the moves and why')
    .addOption(option('--max-moves <number>', 'at most so many (default: 50)', wholeNumber('number of moves', 1, 500)));
  perform(detachable(rebalance), runRebalance);
}

interface DrainFlags {
  readonly deadline?: number;
  readonly wait?: boolean;
  readonly cancel?: boolean;
}

async function drainHost(session: Session, flags: DrainFlags, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  const api = await session.api();
  const path = `${route`/v1/hosts/${name}`}/drain`;
  const { body, operationId } =
    flags.cancel === true
      ? await api.send('DELETE', path)
      : await api.send('POST', path, flags.deadline === undefined ? {} : { deadlineMs: flags.deadline });
  if (flags.wait === true && flags.cancel !== true && operationId !== undefined) {
    await watchOperation(session, operationId);
    return;
  }
  if (session.options.json === true) return session.json(body);
  if (flags.cancel === true) return session.say(`${name} is no longer drained`);
  const { total } = body as MoveOperation;
  session.say(`${name} is being drained: ${count(total, 'container')} to move`);
  session.print(operationId ?? '');
  session.suggest(`shoal op watch ${operationId}   (stop it: shoal host drain ${name} --cancel)`);
}

async function removeHost(
  session: Session,
  flags: ConfirmFlags & { readonly force?: boolean },
  args: readonly string[],
): Promise<void> {
  const api = await session.api();
  const host: Host = await getHost(api, words(args)[0]);
  await confirm(
    session,
    flags,
    host.name,
    `This takes ${host.name} out of the mesh; it can come back only by joining anew.`,
  );
  const path = route`/v1/hosts/${host.id}`;
  const { body } = await api.send('DELETE', flags.force === true ? `${path}?force=true` : path);
  if (session.options.json === true) return session.json(body);
  session.say(`${host.name} has left the mesh`);
}

async function runRebalance(
  session: Session,
  flags: DetachFlag & { readonly dryRun?: boolean; readonly maxMoves?: number },
): Promise<void> {
  const api = await session.api();
  if (flags.dryRun === true) {
    const query = flags.maxMoves === undefined ? '' : `?maxMoves=${flags.maxMoves}`;
    const [{ moves }, hosts] = await Promise.all([
      api.get<{ moves: Move[] }>(`/v1/rebalance${query}`),
      api.list<Host>('/v1/hosts'),
    ]);
    const names = new Map(hosts.map(({ id, name }) => [id, name]));
    session.table(
      [
        { title: 'APP', cell: (move) => `${move.group}/${move.app}` },
        { title: 'REPLICA', cell: (move) => move.replica, isNumber: true },
        { title: 'FROM', cell: (move) => names.get(move.hostId) ?? move.hostId },
        { title: 'WHY', cell: (move) => move.why },
      ],
      moves,
      (move) => move.containerId,
      'nothing to move: hosts are evenly used',
    );
    return;
  }
  const answer = await api.send(
    'POST',
    '/v1/rebalance',
    flags.maxMoves === undefined ? {} : { maxMoves: flags.maxMoves },
  );
  const { total } = answer.body as MoveOperation;
  if (total === 0 && session.options.json !== true) return session.say('nothing to move: hosts are evenly used');
  await followAnswer(session, flags, answer, 'nothing to move');
}
