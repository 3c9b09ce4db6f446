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
  /** What a file reads that is mounted at this path; all of them are read-only. */
  readonly mounted: (path: string) => string | undefined;
}

/**
 * Runs `sh -c '...'` of the few commands that tests need, joined by `;` and written so that a real shell understands them:
 * `echo WORDS` (to stderr with `>&2` at its end), `sleep SECONDS`, `exit CODE`, `cat PATH` and `echo WORDS > PATH` of files that are
 * mounted, and `trap "" TERM` for one that ignores SIGTERM. A script that comes to its end exits with 0; without a command it runs
 * for ever.
 */
export function runScript({ command = [] }: CreateContainer, clock: Clock, { print, end, mounted }: World): Script {
  const text = command[0] === 'sh' && command[1] === '-c' ? (command[2] ?? '') : command.join(' ');
  const lines = text.split(';').map((line) => line.trim());
  let cancel = () => {};
  const run = (from: number): void => {
    const [verb, ...words] = (lines[from] ?? 'exit 0').split(' ');
    if (verb === 'exit') {
      end(Number(words[0]));
      return;
    }
    const written = words.at(-2) === '>' ? words.at(-1) : undefined;
    if (written !== undefined) print(`sh: can't create ${written}: Read-only file system\n`, 'stdout');
    else if (verb === 'echo') {
      const isError = words.at(-1) === '>&2';
      print(`${(isError ? words.slice(0, -1) : words).join(' ')}\n`, isError ? 'stderr' : 'stdout');
    } else if (verb === 'cat') {
      print(mounted(words[0] ?? '') ?? `cat: can't open '${words[0]}': No such file or directory\n`, 'stdout');
    }
    cancel = clock.after(verb === 'sleep' ? Number(words[0]) * 1_000 : 0, () => run(from + 1));
  };
  if (text !== '') cancel = clock.after(0, () => run(0));
  return { ignoresTerm: text.includes('trap "" TERM'), cancel: () => cancel() };
}
