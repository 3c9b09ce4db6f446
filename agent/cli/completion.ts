import type { Command, Option } from 'commander';

/** One command with the words that lead to it and what may follow. */
interface Node {
  /** Words after the program's name. */
  readonly path: readonly string[];
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly flags: readonly Option[];
}

/** The tree flattened, deepest last. */
function nodes(command: Command, path: readonly string[] = []): Node[] {
  const commands = command.commands.map((child) => ({ name: child.name(), description: child.description() }));
  const root = command.parent === null ? [] : rootOf(command).options;
  const here: Node = { path, commands, flags: [...command.options, ...root] };
  return [here, ...command.commands.flatMap((child) => nodes(child, [...path, child.name()]))];
}

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

const flagNames = (flags: readonly Option[]): string[] =>
  flags.flatMap(({ short, long }) => [short, long]).filter((name) => name !== undefined && name !== null);

const follows = (node: Node): string => [...node.commands.map(({ name }) => name), ...flagNames(node.flags)].join(' ');

/** A bash script: finds the words of the command typed so far, then offers its subcommands and flags. */
export function bashCompletion(program: Command): string {
  const cases = nodes(program).map((node) => `    "${node.path.join(' ')}") words="${follows(node)}" ;;`);
  const paths = nodes(program).map((node) => `"${node.path.join(' ')}"`);
  return `# bash completion of shoal, made by: shoal completion bash
_shoal() {
  local current=\${COMP_WORDS[COMP_CWORD]} path="" word words
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "\${path:+$path }$word" in
      ${paths.filter((path) => path !== '""').join(' | ')}) path="\${path:+$path }$word" ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
  case $current in
    -* | "") COMPREPLY=($(compgen -W "$words" -- "$current")) ;;
    *) COMPREPLY=($(compgen -W "$words" -- "$current") $(compgen -f -- "$current")) ;;
  esac
}
complete -F _shoal shoal`;
}

/** Text between single quotes in a zsh or fish script. */
const quoted = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll("'", "'\\''");

/** A zsh script: the same walk, with descriptions. */
export function zshCompletion(program: Command): string {
  const described = (text: string) => quoted(text).replaceAll(':', '\\:');
  const cases = nodes(program).map((node) => {
    const commands = node.commands.map(({ name, description }) => `'${name}:${described(description)}'`);
    const flags = node.flags.flatMap((flag) =>
      flagNames([flag]).map((name) => `'${name}:${described(flag.description)}'`),
    );
    return `    "${node.path.join(' ')}") offers=(${[...commands, ...flags].join(' ')}) ;;`;
  });
  const paths = nodes(program).flatMap((node) => (node.path.length === 0 ? [] : [`"${node.path.join(' ')}"`]));
  return `#compdef shoal
# zsh completion of shoal, made by: shoal completion zsh
_shoal() {
  local path="" word
  local -a offers
  for word in "\${words[@]:1:CURRENT-2}"; do
    case "\${path:+$path }$word" in
      ${paths.join(' | ')}) path="\${path:+$path }$word" ;;
    esac
  done
  case $path in
${cases.join('\n')}
  esac
  _describe shoal offers || _files
}
_shoal "$@"`;
}

/** A fish script: one line for each word that may follow a path. */
export function fishCompletion(program: Command): string {
  const lines = nodes(program).flatMap((node) => {
    const condition = `-n '${['__shoal_at', ...node.path].join(' ')}'`;
    return [
      ...node.commands.map(
        ({ name, description }) => `complete -c shoal -f ${condition} -a ${name} -d '${quoted(description)}'`,
      ),
      ...node.flags.map((flag) => `complete -c shoal ${condition}${fishFlag(flag)} -d '${quoted(flag.description)}'`),
    ];
  });
  const paths = nodes(program).flatMap((node) => (node.path.length === 0 ? [] : [`'${node.path.join(' ')}'`]));
  return `# fish completion of shoal, made by: shoal completion fish
set -g __shoal_paths ${paths.join(' ')}
function __shoal_at
  set -l path
  for word in (commandline -opc)[2..-1]
    if contains -- (string join ' ' $path $word) $__shoal_paths
      set path $path $word
    end
  end
  test "$path" = "$argv"
end
${lines.join('\n')}`;
}

function fishFlag(flag: Option): string {
  const short = flag.short === undefined || flag.short === null ? '' : ` -s ${flag.short.slice(1)}`;
  return `${short} -l ${(flag.long ?? '').slice(2)}${flag.required ? ' -r' : ''}`;
}
