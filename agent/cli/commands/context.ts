import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import { contextsPath, keepToken, readContexts, writeContexts } from '../client/contexts.ts';
import { parseApiUrls } from '../client/target.ts';
import { CliFailure, usage } from '../failure.ts';
import { readInput } from '../outside.ts';
import { parseName } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';

interface AddFlags {
  readonly tokenStdin?: boolean;
  readonly use?: boolean;
}

const TOKEN_MAX_BYTES = 8_192;

export function addContext(program: Command, perform: Perform): void {
  const context = program.command('context').description('contexts: the meshes this client knows');
  perform(context.command('ls').description('list contexts'), listContexts);
  const add = context
    .command('add')
    .description('know a mesh by a name; needs --api, and --token-file unless the token is typed or piped in')
    .argument('<context>')
    .option('--token-stdin', 'read the token from standard input and keep it in a file of its own')
    .option('--no-use', 'do not make it the current one');
  perform(add, addOne);
  perform(context.command('use').description('make it the current one').argument('<context>'), useOne);
  perform(
    context.command('rm').description('forget it; a token file that you named stays').argument('<context>'),
    removeOne,
  );
}

async function listContexts(session: Session): Promise<void> {
  const { contexts, current } = await readContexts(session.outside.env);
  session.table(
    [
      { title: 'CONTEXT', cell: (row) => row.name + (row.current ? ' *' : '') },
      { title: 'API', cell: (row) => row.api.join(',') },
      { title: 'TOKEN FILE', cell: (row) => row.tokenFile },
    ],
    Object.entries(contexts).map(([name, context]) => ({ name, current: name === current, ...context })),
    (row) => row.name,
    'no contexts: the agent of this host is asked; add one: shoal context add NAME --api URL --token-file FILE',
  );
}

async function addOne(session: Session, flags: AddFlags, args: readonly string[]): Promise<void> {
  const name = parseName(words(args)[0], 'context');
  const { api, tokenFile } = session.options;
  const { env } = session.outside;
  if (api === undefined) throw usage('say where the mesh is: --api http://HOST:7420[,http://HOST2:7420]');
  const urls = parseApiUrls(api.split(','));
  const token = tokenFile === undefined ? await askToken(session, flags) : undefined;
  const file = token === undefined ? tokenFile && resolve(tokenFile) : keepToken(env, name, token);
  const known = await readContexts(env);
  const context = {
    api: urls.map((url) => url.href.replace(/\/$/, '')),
    ...(file === undefined ? {} : { tokenFile: file }),
  };
  const current = flags.use === false ? known.current : name;
  await writeContexts(env, {
    ...(current === undefined ? {} : { current }),
    contexts: { ...known.contexts, [name]: context },
  });
  session.say(`context ${name} written to ${contextsPath(env)}`);
  const open = urls.find((url) => url.protocol === 'http:' && !/^(127\.|localhost$|\[::1\]$)/.test(url.hostname));
  if (open !== undefined)
    session.say(`note: the token travels unencrypted to ${open.host}; use a tunnel or a trusted network`);
  session.suggest('shoal status');
}

/** From a pipe with --token-stdin, or typed without being shown. Never from an argument: those are seen by everybody. */
async function askToken(session: Session, flags: AddFlags): Promise<string | undefined> {
  const { outside } = session;
  if (flags.tokenStdin === true) return checked(await readInput(outside.in, TOKEN_MAX_BYTES));
  if (outside.in.isTTY !== true || !outside.err.isTty)
    throw usage('say where the token is: --token-file FILE, or --token-stdin');
  outside.err.write('Token: ');
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input: outside.in, output: silent, terminal: true });
  const answer = await lines.question('', { signal: session.signal }).finally(() => lines.close());
  outside.err.write('\n');
  return checked(answer);
}

function checked(text: string): string {
  const token = text.trim();
  if (!/^[\x21-\x7e]{1,4096}$/.test(token)) throw usage('that is not a token');
  return token;
}

async function useOne(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  const known = await readContexts(session.outside.env);
  if (known.contexts[name] === undefined) throw missing(name);
  await writeContexts(session.outside.env, { ...known, current: name });
  session.say(`context ${name} is the current one`);
}

async function removeOne(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  const { contexts, current } = await readContexts(session.outside.env);
  if (contexts[name] === undefined) throw missing(name);
  const { [name]: _gone, ...rest } = contexts;
  await writeContexts(session.outside.env, {
    ...(current === undefined || current === name ? {} : { current }),
    contexts: rest,
  });
  session.say(`context ${name} forgotten`);
}

const missing = (name: string) =>
  new CliFailure(exitCodes.notFound, `there is no context '${name}'`, { next: 'shoal context ls' });
