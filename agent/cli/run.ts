import { type Command, CommanderError } from 'commander';
import { exitCodes } from '../../protocol/errors.ts';
import { CliFailure } from './failure.ts';
import type { Outside } from './outside.ts';
import { withCommandApart } from './parse/command-words.ts';
import type { Perform, Work } from './perform.ts';
import { buildProgram, usageExitCode } from './program.ts';
import { type GlobalOptions, Session } from './session.ts';

/** Runs the agent of this host; `agent/main.ts` in a process, a fake in a test. Returns its exit code. */
export type AgentCommand = (words: string[]) => Promise<number>;

/** Runs one command line (without the program's name) and returns its exit code. Never throws for an expected failure. */
export async function run(argv: readonly string[], outside: Outside, agent: AgentCommand): Promise<number> {
  let exitCode: number = exitCodes.ok;
  let session: Session | undefined;
  const perform: Perform = <Options>(command: Command, work: Work<Options>) => {
    command.action(async () => {
      session = new Session(outside, command.optsWithGlobals<GlobalOptions>());
      await work(session, command.opts() as Options, words(command));
      if (session.exitCode !== exitCodes.ok) exitCode = session.exitCode;
    });
  };
  const runAgent = async (rest: readonly string[]) => {
    exitCode = await agent([...rest]);
  };
  const program = buildProgram({ outside, perform, runAgent });
  try {
    await program.parseAsync(argv.length === 0 ? ['help'] : withCommandApart(program, aliased(argv)), { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return usageExitCode(error);
    const reporter = session ?? new Session(outside, program.opts<GlobalOptions>());
    reporter.report(error instanceof CliFailure ? error : unexpected(error));
    return error instanceof CliFailure ? error.exitCode : exitCodes.failed;
  } finally {
    session?.end();
  }
}

/** `--version` is what people try first. */
const aliased = (argv: readonly string[]): string[] =>
  argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V') ? ['version'] : [...argv];

/** The words of a command, variadic ones laid flat. */
const words = (command: Command): string[] => command.processedArgs.flat().filter((word) => word !== undefined);

function unexpected(error: unknown): CliFailure {
  const message = error instanceof Error ? error.message : String(error);
  return new CliFailure(exitCodes.failed, `unexpected: ${message}`, { next: 'repeat it with --debug', cause: error });
}
