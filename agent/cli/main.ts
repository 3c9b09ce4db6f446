import { exitCodes } from '../../protocol/errors.ts';
import type { Outside, Screen } from './outside.ts';
import { type AgentCommand, run } from './run.ts';

/** A terminal that says no size is taken for one of 80 by 24. */
function screen(stream: NodeJS.WriteStream): Screen {
  return {
    write: (text) => {
      stream.write(text);
    },
    hasRoom: () =>
      stream.writableNeedDrain ? new Promise((resolve) => stream.once('drain', () => resolve())) : Promise.resolve(),
    isTty: stream.isTTY === true,
    columns: () => stream.columns || 80,
    rows: () => stream.rows || 24,
  };
}

/** The second Ctrl-C ends the process at once, whatever hangs. */
function onInterrupt(callback: () => void): () => void {
  const first = () => {
    process.once('SIGINT', () => process.exit(exitCodes.interrupted));
    callback();
  };
  process.once('SIGINT', first);
  return () => process.removeListener('SIGINT', first);
}

const outside: Outside = {
  env: process.env,
  out: screen(process.stdout),
  err: screen(process.stderr),
  in: process.stdin,
  onInterrupt,
  onResize: (callback) => {
    process.stdout.on('resize', callback);
    return () => process.stdout.removeListener('resize', callback);
  },
};

/** Loaded only when asked for: the agent takes many times longer to load than the client. */
const agent: AgentCommand = async (words) => (await import('../main.ts')).agentCommand(words);

// `shoal ps | head -1` closes the pipe early; that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

const [noun, ...rest] = process.argv.slice(2);
process.exitCode =
  noun === 'agent' && rest[0] !== undefined && !/^(-h|--help|help)$/.test(rest[0])
    ? await agent(rest)
    : await run(process.argv.slice(2), outside, agent);
