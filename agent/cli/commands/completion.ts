import { Argument, type Command } from 'commander';
import { bashCompletion, fishCompletion, zshCompletion } from '../completion.ts';
import { type Perform, words } from '../perform.ts';

const SCRIPTS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;

const HOW = `
  bash: shoal completion bash > /etc/bash_completion.d/shoal
  zsh:  shoal completion zsh > "\${fpath[1]}/_shoal"
  fish: shoal completion fish > ~/.config/fish/completions/shoal.fish`;

export function addCompletion(program: Command, perform: Perform): void {
  const completion = program
    .command('completion')
    .description('print a completion script for a shell')
    .addHelpText('after', HOW);
  completion.addArgument(new Argument('<shell>').choices(Object.keys(SCRIPTS)));
  perform(completion, async (session, _flags, args) => {
    const script = Object.entries(SCRIPTS).find(([shell]) => shell === words(args)[0])?.[1];
    if (script !== undefined) session.print(script(program));
  });
}
