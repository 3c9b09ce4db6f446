import type { Clock } from './clock.ts';
import type { CreateContainer } from './engine.ts';

/** A container's process in the engine's twin. */
export interface Script {
  readonly ignoresTerm: boolean;
  cancel(): void;
}

interface World {
  readonly print: (text: string, stream: 'stdout' | 'stderr') => void;
  readonly end: (exitCode: number) => void;
}

/**
 * Runs `sh -c '...'` of the few commands that tests need, joined by `;` and written so that a real shell understands them:
 * `echo WORDS` (to stderr with `>&2` at its end), `sleep SECONDS`, `exit CODE`, and `trap "" TERM` for one that ignores SIGTERM. A script that comes to its
 * end exits with 0; without a command it runs for ever.
 */
export function runScript({ command = [] }: CreateContainer, clock: Clock, { print, end }: World): Script {
  const text = command[0] === 'sh' && command[1] === '-c' ? (command[2] ?? '') : command.join(' ');
  const lines = text.split(';').map((line) => line.trim());
  let cancel = () => {};
  const run = (from: number): void => {
    const [verb, ...words] = (lines[from] ?? 'exit 0').split(' ');
    if (verb === 'exit') {
      end(Number(words[0]));
      return;
    }
    if (verb === 'echo') {
      const isError = words.at(-1) === '>&2';
      print(`${(isError ? words.slice(0, -1) : words).join(' ')}\n`, isError ? 'stderr' : 'stdout');
    }
    cancel = clock.after(verb === 'sleep' ? Number(words[0]) * 1_000 : 0, () => run(from + 1));
  };
  if (text !== '') cancel = clock.after(0, () => run(0));
  return { ignoresTerm: text.includes('trap "" TERM'), cancel: () => cancel() };
}
