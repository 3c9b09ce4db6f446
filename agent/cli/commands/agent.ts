import type { Command } from 'commander';
import type { Perform } from '../perform.ts';

/** Verbs of the agent, listed here for help and completion; `agent/main.ts` reads their words itself. */
const VERBS = {
  init: 'start a new mesh with this host as its first member',
  join: 'make this host a member of a mesh',
  run: 'run the agent of this host in the foreground',
} as const;

export function addAgent(
  program: Command,
  perform: Perform,
  runAgent: (words: readonly string[]) => Promise<void>,
): void {
  const agent = program.command('agent').description('the agent of this host (install.sh does this for you)');
  for (const [verb, description] of Object.entries(VERBS)) {
    const command = agent
      .command(verb)
      .description(description)
      .argument('[words...]')
      .allowUnknownOption()
      .helpOption(false);
    perform(command, (_session, _flags, words) => runAgent([verb, ...words]));
  }
}
