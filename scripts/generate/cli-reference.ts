import type { Command, Option } from 'commander';
import { buildProgram } from '../../agent/cli/program.ts';
import type { Generated } from '../generate.ts';

/** docs/cli.md: every command and flag, from the tree that the client itself uses. */
export async function cliReference(): Promise<readonly Generated[]> {
  const silent = { write: () => {}, isTty: false, columns: () => 100, rows: () => 24 };
  const program = buildProgram({
    outside: { out: silent, err: silent },
    perform: () => {},
    runAgent: () => Promise.resolve(),
  });
  const intro = [
    '# Command line reference',
    '',
    'Made by `npm run generate` from the command tree; do not edit. How to begin: [README](../README.md).',
    '',
    'Data goes to standard output, talk to standard error. `--json` prints JSON everywhere; a stream is one object a line.',
    '',
    '## Options of every command',
    '',
    ...flagTable(program.options),
    '',
    '## Environment and exit codes',
    '',
    ...table(['variable', 'meaning'], VARIABLES),
    '',
    'Flags win over the environment, the environment over the current context; without any of them the agent of this host',
    'is asked at `http://127.0.0.1:7420` with `/var/lib/shoal/admin.token`.',
    '',
    ...table(['exit code', 'meaning'], EXIT_CODES),
  ];
  return [{ path: 'docs/cli.md', text: [...intro, ...sections(program), ''].join('\n') }];
}

const VARIABLES = [
  ['`SHOAL_API`', 'addresses of members, separated by commas'],
  ['`SHOAL_TOKEN_FILE`', 'file that holds the token'],
  ['`SHOAL_CONTEXT`', 'context to use'],
] as const;

const EXIT_CODES = [
  ['0', 'done'],
  ['1', 'failed'],
  ['2', 'wrong usage'],
  ['3', 'not found'],
  ['4', 'conflict with the current state'],
  ['5', 'no member reachable'],
  ['6', 'denied'],
  ['7', 'timed out; the operation goes on'],
  ['8', 'some done and some not'],
  ['130', 'interrupted; the operation goes on'],
] as const;

/** A Markdown table, padded as the formatter would. */
function table(head: readonly [string, string], rows: readonly (readonly [string, string])[]): string[] {
  const cells = [head, ...rows].map((row) => row.map((text) => text.replaceAll('|', '\\|').replaceAll('\n', ' ')));
  const widths = head.map((_, column) => Math.max(3, ...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[], filler: string) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width, filler)).join(' | ')} |`;
  const [title = [], ...body] = cells;
  return [line(title, ' '), line([], '-'), ...body.map((row) => line(row, ' '))];
}

const flagTable = (flags: readonly Option[]): string[] =>
  table(
    ['option', 'meaning'],
    flags.map((flag) => [`\`${flag.flags}\``, `${flag.description}${defaultOf(flag)}`] as const),
  );

function defaultOf(flag: Option): string {
  if (flag.negate || flag.defaultValue === undefined || flag.defaultValue === '') return '';
  return ` (default: ${flag.defaultValueDescription ?? String(flag.defaultValue)})`;
}

function sections(program: Command): string[] {
  return program.commands.flatMap((command) => [
    '',
    `## shoal ${command.name()}`,
    '',
    `${sentence(command.description())}`,
    ...(command.commands.length === 0 ? body(command, `shoal ${command.name()}`) : []),
    ...command.commands.flatMap((child) => [
      '',
      `### shoal ${command.name()} ${child.name()}`,
      '',
      sentence(child.description()),
      ...body(child, `shoal ${command.name()} ${child.name()}`),
    ]),
  ]);
}

function body(command: Command, name: string): string[] {
  const flags = command.options.length === 0 ? [] : ['', ...flagTable(command.options)];
  return ['', '```', `${name} ${command.usage()}`.trim(), '```', ...flags];
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
