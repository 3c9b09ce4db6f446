import type { Command } from 'commander';
import type { Session } from './session.ts';

/** What a command does. `options` holds its own flags as declared beside it, `args` its words. */
export type Work<Options> = (session: Session, options: Options, args: readonly string[]) => Promise<void>;

/** Gives a command of the tree its work. Handed in, so that the tree can be built without a process. */
export type Perform = <Options>(command: Command, work: Work<Options>) => void;

/** The first words of a command; commander has checked that required ones are there. */
export function words(args: readonly string[]): readonly [string, string, string] {
  return [args[0] ?? '', args[1] ?? '', args[2] ?? ''];
}

/** Collects a flag that may be given several times. */
export const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];
