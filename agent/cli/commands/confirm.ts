import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { usage } from '../failure.ts';
import type { Session } from '../session.ts';

export interface ConfirmFlags {
  readonly yes?: boolean;
  readonly confirm?: string;
}

/** Adds the flags of an act that cannot be taken back. */
export function confirmable(command: Command): Command {
  return command.option('-y, --yes', 'do not ask').option('--confirm <name>', 'do not ask if this is the name meant');
}

/**
 * Asks a person to type `name` before something severe; scripts say --yes or --confirm=NAME.
 *
 * @param consequence one sentence that says what goes
 * @throws CliFailure with exit code 2 when nobody agreed
 */
export async function confirm(session: Session, flags: ConfirmFlags, name: string, consequence: string): Promise<void> {
  if (flags.confirm !== undefined) {
    if (flags.confirm !== name) throw usage(`--confirm says '${flags.confirm}', but this is about '${name}'`);
    return;
  }
  if (flags.yes === true) return;
  const { outside } = session;
  if (outside.in.isTTY !== true || !outside.err.isTty || session.options.json === true) {
    throw usage(consequence, `repeat the command with --confirm=${name} (or --yes)`);
  }
  outside.err.write(`${consequence}\nType ${session.paint('strong', name)} to go on: `);
  const lines = createInterface({ input: outside.in });
  const answer = await lines.question('', { signal: session.signal }).finally(() => lines.close());
  if (answer.trim() !== name) throw usage('nothing was changed');
}
