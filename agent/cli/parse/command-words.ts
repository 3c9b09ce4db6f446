import { parseArgs } from 'node:util';
import type { Command } from 'commander';

/**
 * Words after the container of `shoal exec` are another program's, flags too: `--` is put before them, as if people had
 * typed it. Other lines stay as they are.
 */
export function withCommandApart(program: Command, argv: readonly string[]): string[] {
  const exec = program.commands.find((command) => command.name() === 'exec');
  const flags = [...program.options, ...(exec?.options ?? [])].map(({ long, short, required }) => [
    (long ?? '').slice(2),
    { type: required ? 'string' : 'boolean', ...(short === undefined ? {} : { short: short.slice(1) }) } as const,
  ]);
  const args = [...argv];
  const { tokens } = parseArgs({ args, options: Object.fromEntries(flags), strict: false, tokens: true });
  const ended = tokens.find(({ kind }) => kind === 'option-terminator')?.index ?? Number.POSITIVE_INFINITY;
  const [verb, , first] = tokens.filter((token) => token.kind === 'positional');
  if (verb?.value !== 'exec' || first === undefined || first.index > ended) return args;
  return args.toSpliced(first.index, 0, '--');
}
