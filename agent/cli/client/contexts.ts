import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { exitCodes } from '../../../protocol/errors.ts';
import { CliFailure, usage } from '../failure.ts';
import { parseName } from '../parse/values.ts';

/** How to reach one mesh: addresses of some members, and the file that holds the token. */
export interface Context {
  readonly api: readonly string[];
  readonly tokenFile?: string;
}

/** The meshes a person works with, and which of them is meant when nothing is said. */
export interface Contexts {
  readonly current?: string;
  readonly contexts: Readonly<Record<string, Context>>;
}

type Env = Readonly<Record<string, string | undefined>>;

/** `$XDG_CONFIG_HOME/shoal`, or `~/.config/shoal`. */
function configDirectory(env: Env): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || '/', '.config'), 'shoal');
}

export const contextsPath = (env: Env): string => join(configDirectory(env), 'config.yaml');

/** Reads the contexts; none when there is no file. */
export async function readContexts(env: Env): Promise<Contexts> {
  const path = contextsPath(env);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return { contexts: {} };
    throw new CliFailure(exitCodes.failed, `cannot read ${path}`, { cause: error });
  }
  const { parse } = await import('../yaml.ts');
  try {
    return checked(parse(text, { maxAliasCount: 0 }));
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'unreadable';
    throw usage(`${path}: ${reason}`, 'mend the file, or remove it and run shoal context add');
  }
}

function checked(document: unknown): Contexts {
  if (document === null) return { contexts: {} };
  if (!isMapping(document)) throw new TypeError('expected a mapping with contexts');
  const contexts: Record<string, Context> = {};
  for (const [name, value] of Object.entries(isMapping(document.contexts) ? document.contexts : {})) {
    const api = isMapping(value) && Array.isArray(value.api) ? value.api.map(String) : [];
    if (!isMapping(value) || api.length === 0) throw new TypeError(`context ${name} has no api addresses`);
    contexts[name] = { api, ...(typeof value.tokenFile === 'string' ? { tokenFile: value.tokenFile } : {}) };
  }
  const current = document.current;
  return { contexts, ...(typeof current === 'string' ? { current } : {}) };
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export async function writeContexts(env: Env, contexts: Contexts): Promise<void> {
  const { stringify } = await import('../yaml.ts');
  writePrivate(contextsPath(env), stringify(contexts));
}

/** Keeps a token that was typed or piped in; returns the path of its file. */
export function keepToken(env: Env, context: string, token: string): string {
  const path = join(configDirectory(env), 'tokens', parseName(context, 'context'));
  writePrivate(path, `${token}\n`);
  return path;
}

/** Writes a whole file that only its owner may read, at once: a reader sees the old one or the new one. */
export function writePrivate(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  chmodSync(draft, 0o600);
  renameSync(draft, path);
}
