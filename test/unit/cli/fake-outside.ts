import { Readable } from 'node:stream';
import type { Outside, Screen } from '../../../agent/cli/outside.ts';
import { type AgentCommand, run } from '../../../agent/cli/run.ts';

export interface FakeOutside extends Outside {
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Presses Ctrl-C. */
  readonly interrupt: () => void;
}

interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly isTty?: boolean;
  /** Called with everything written to standard output so far. */
  readonly onOutput?: (text: string, outside: FakeOutside) => void;
}

/** Streams in memory and an environment without the real home directory. */
export function fakeOutside(options: Options = {}): FakeOutside {
  let stdout = '';
  let stderr = '';
  const callbacks = new Set<() => void>();
  const screen = (write: (text: string) => void): Screen => ({
    write,
    isTty: options.isTty ?? false,
    columns: () => 100,
    rows: () => 24,
  });
  const outside: FakeOutside = {
    env: { HOME: '/nonexistent', ...options.env },
    out: screen((text) => {
      stdout += text;
      options.onOutput?.(stdout, outside);
    }),
    err: screen((text) => {
      stderr += text;
    }),
    in: Object.assign(Readable.from([options.input ?? '']), { isTTY: options.isTty ?? false }),
    onInterrupt: (callback) => {
      callbacks.add(callback);
      return () => callbacks.delete(callback);
    },
    stdout: () => stdout,
    stderr: () => stderr,
    interrupt: () => {
      for (const callback of callbacks) callback();
    },
  };
  return outside;
}

const noAgent: AgentCommand = () => Promise.reject(new Error('the agent was not meant'));

/** Runs a command line against some addresses; returns its exit code and what it wrote. */
export async function shoal(api: string, words: readonly string[], options: Options = {}) {
  const outside = fakeOutside({ ...options, env: { SHOAL_API: api, ...options.env } });
  const exitCode = await run(words, outside, noAgent);
  return { exitCode, stdout: outside.stdout(), stderr: outside.stderr() };
}
