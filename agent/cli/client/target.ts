import { accessSync, constants, readFileSync } from 'node:fs';
import { exitCodes } from '../../../protocol/errors.ts';
import { CliFailure, usage } from '../failure.ts';
import { type Context, type Contexts, readContexts } from './contexts.ts';

/** Which members to ask, in this order, and the secret to show them. */
export interface Target {
  readonly urls: readonly URL[];
  readonly token: string | undefined;
  /** Where all of it came from, for `shoal context show` and error messages. */
  readonly source: string;
}

export interface TargetFlags {
  readonly api?: string;
  readonly context?: string;
  readonly tokenFile?: string;
}

const DEFAULT_API = 'http://127.0.0.1:7420';
const DEFAULT_TOKEN_FILE = '/var/lib/shoal/admin.token';
const ADDRESSES_MAX = 32;

type Env = Readonly<Record<string, string | undefined>>;

/** Flags win over the environment, the environment over the current context, that over the agent of this host. */
export async function resolveTarget(flags: TargetFlags, env: Env): Promise<Target> {
  const named = flags.context ?? (flags.api === undefined ? env.SHOAL_CONTEXT : undefined);
  const addresses = flags.api ?? (flags.context === undefined ? env.SHOAL_API || undefined : undefined);
  const tokenFile = flags.tokenFile ?? (flags.context === undefined ? env.SHOAL_TOKEN_FILE || undefined : undefined);
  const chosen =
    addresses !== undefined && tokenFile !== undefined ? undefined : chooseContext(await readContexts(env), named);
  const urls = addresses === undefined ? (chosen?.context.api ?? [DEFAULT_API]) : addresses.split(',');
  return {
    urls: parseApiUrls(urls),
    token: readToken(tokenFile ?? chosen?.context.tokenFile),
    source:
      addresses === undefined ? (chosen === undefined ? 'this host' : `context ${chosen.name}`) : 'SHOAL_API or --api',
  };
}

function chooseContext(known: Contexts, named: string | undefined): { name: string; context: Context } | undefined {
  const name = named ?? known.current;
  if (name === undefined) return undefined;
  const context = known.contexts[name];
  if (context !== undefined) return { name, context };
  throw usage(`there is no context '${name}'`, 'shoal context ls');
}

/** Checks addresses of members. A path is kept, so an agent behind a proxy can be reached. */
export function parseApiUrls(texts: readonly string[]): URL[] {
  if (texts.length > ADDRESSES_MAX) throw usage(`at most ${ADDRESSES_MAX} API addresses`);
  return texts.map((text) => {
    const url = URL.parse(/^[a-z]+:\/\//i.test(text.trim()) ? text.trim() : `http://${text.trim()}`);
    if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
      throw usage(`'${text}' is not an API address: write it like ${DEFAULT_API}`);
    }
    if (url.username !== '' || url.password !== '') throw usage('an API address carries no password: use --token-file');
    return url;
  });
}

/** A file that was named must be readable; the default one is used when it is. */
function readToken(file: string | undefined): string | undefined {
  if (file === undefined && !isReadable(DEFAULT_TOKEN_FILE)) return undefined;
  const path = file ?? DEFAULT_TOKEN_FILE;
  try {
    const token = readFileSync(path, 'utf8').trim();
    if (/^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  } catch (error) {
    throw new CliFailure(exitCodes.usage, `cannot read the token file ${path}`, { cause: error });
  }
  throw usage(`${path} does not hold a token`);
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
