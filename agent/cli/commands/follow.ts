import type { Command } from 'commander';
import type { Operation } from '../../../protocol/schemas/operation.ts';
import { type Answer, route } from '../client/api.ts';
import type { Session } from '../session.ts';
import { watchOperation } from '../watch.ts';

export interface DetachFlag {
  readonly detach?: boolean;
}

/** Adds --detach to a command that starts an operation. */
export const detachable = (command: Command): Command =>
  command.option('-d, --detach', 'do not wait: print the operation and return');

/** Goes on after an accepted change: watches its operation, or prints its id when detached. */
export async function followAnswer(session: Session, flags: DetachFlag, answer: Answer, done: string): Promise<void> {
  const id = answer.operationId;
  if (id === undefined) {
    if (session.options.json === true) session.json(answer.body ?? {});
    else session.say(done);
    return;
  }
  if (flags.detach !== true) {
    await watchOperation(session, id);
    return;
  }
  if (session.options.json === true) {
    session.json(await (await session.api()).get<Operation>(route`/v1/operations/${id}`));
    return;
  }
  session.print(id);
  session.suggest(`shoal op watch ${id}`);
}
