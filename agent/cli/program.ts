import { Command, type CommanderError, Option } from 'commander';
import { exitCodes } from '../../protocol/errors.ts';
import { addAgent } from './commands/agent.ts';
import { addApp } from './commands/app.ts';
import { addCapacity } from './commands/capacity.ts';
import { addChanges } from './commands/changes.ts';
import { addCluster } from './commands/cluster.ts';
import { addCompletion } from './commands/completion.ts';
import { addContainer } from './commands/container.ts';
import { addContext } from './commands/context.ts';
import { addCredential } from './commands/credential.ts';
import { addDeploy } from './commands/deploy.ts';
import { addDoctor } from './commands/doctor.ts';
import { addEvent } from './commands/event.ts';
import { addExec } from './commands/exec.ts';
import { addGroup } from './commands/group.ts';
import { addHost } from './commands/host.ts';
import { addImage } from './commands/image.ts';
import { addLogForward } from './commands/log-forward.ts';
import { addLogs } from './commands/logs.ts';
import { addMember } from './commands/member.ts';
import { addNamespace } from './commands/namespace.ts';
import { addOperation } from './commands/operation.ts';
import { addRecording } from './commands/recording.ts';
import { addRollout } from './commands/rollout.ts';
import { option } from './commands/spec-flags.ts';
import { addStatus } from './commands/status.ts';
import { addToken } from './commands/token.ts';
import { addTop } from './commands/top.ts';
import { addUpstream } from './commands/upstream.ts';
import { addVersion } from './commands/version.ts';
import type { Outside } from './outside.ts';
import { parseDuration } from './parse/values.ts';
import type { Perform } from './perform.ts';

const ENVIRONMENT = `
Environment:
  SHOAL_API           addresses of members, separated by commas
  SHOAL_TOKEN_FILE    file that holds the token
  SHOAL_CONTEXT       context to use
  NO_COLOR            no colours

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 no member reachable, 6 denied,
  7 timed out (the work goes on), 8 some done and some not, 130 interrupted`;

export interface ProgramParts {
  readonly outside: Pick<Outside, 'out' | 'err'>;
  readonly perform: Perform;
  readonly runAgent: (words: readonly string[]) => Promise<void>;
}

/** The command tree: the one source of help, completion and the reference page. */
export function buildProgram({ outside, perform, runAgent }: ProgramParts): Command {
  const program = new Command('shoal')
    .description('Turns plain Docker hosts into one platform.')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => outside.out.write(text),
      writeErr: (text) => outside.err.write(text),
      getOutHelpWidth: () => outside.out.columns(),
      getErrHelpWidth: () => outside.err.columns(),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .showHelpAfterError('(--help lists what can be said)')
    .configureHelp({ showGlobalOptions: false })
    .addHelpText('after', ENVIRONMENT);
  for (const flag of globalOptions()) program.addOption(flag);
  addDeploy(program, perform);
  addRollout(program, perform);
  addContainer(program, perform);
  addLogs(program, perform);
  addLogForward(program, perform);
  addExec(program, perform);
  addRecording(program, perform);
  addTop(program, perform);
  addStatus(program, perform);
  addApp(program, perform);
  addVersion(program, perform);
  addGroup(program, perform);
  addOperation(program, perform);
  addEvent(program, perform);
  addChanges(program, perform);
  addImage(program, perform);
  addNamespace(program, perform);
  addUpstream(program, perform);
  addHost(program, perform);
  addCapacity(program, perform);
  addCluster(program, perform);
  addMember(program, perform);
  addToken(program, perform);
  addCredential(program, perform);
  addContext(program, perform);
  addAgent(program, perform, runAgent);
  addDoctor(program, perform);
  addCompletion(program, perform);
  return program;
}

function globalOptions(): Option[] {
  return [
    new Option('--context <name>', 'mesh to talk to, see shoal context'),
    new Option(
      '--api <urls>',
      'addresses of members, separated by commas; the next one is asked when one does not answer',
    ),
    new Option('--token-file <file>', 'file that holds the token'),
    new Option('--json', 'print JSON; a stream is one object a line'),
    new Option('-q, --quiet', 'print names or ids only, and no talk'),
    new Option('--no-color', 'no colours'),
    new Option('--debug', 'tell about every request, and where an error comes from'),
    option('--timeout <duration>', 'stop waiting after it; an operation goes on', parseDuration),
  ];
}

/** The exit code of an error that commander made: it has printed it already. */
export const usageExitCode = (error: CommanderError): number => (error.exitCode === 0 ? exitCodes.ok : exitCodes.usage);
