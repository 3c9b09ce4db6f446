import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { Upstream } from '../../../protocol/schemas/image.ts';
import { route } from '../client/api.ts';
import { CliFailure, usage } from '../failure.ts';
import { readInput } from '../outside.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatAge } from '../view/format.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';

interface UpstreamFlags {
  /** `--no-url` makes it false. */
  readonly url?: string | false;
  readonly username?: string;
  readonly passwordFile?: string;
  /** `--no-login` makes it false. */
  readonly login: boolean;
}

const PASSWORD_MAX_BYTES = 4_096;

export function addUpstream(program: Command, perform: Perform): void {
  const upstream = program.command('upstream').description('other registries: how to reach them, and logins for them');
  perform(upstream.command('ls').description('list registries that something is set for'), listUpstreams);
  const set = upstream.command('set').description('say how to reach a registry; what is not named stays');
  perform(
    set
      .argument('<host>', 'as image names begin: docker.io, ghcr.io, registry.example:5000')
      .option('--url <url>', 'where it is, like http://10.0.0.5:5000; unless set HTTPS at its name')
      .option('--no-url', 'HTTPS at its name again')
      .option('--username <user>', 'who logs in')
      .option('--password-file <file>', "file that holds the password or access token; '-' is standard input")
      .option('--no-login', 'without a login again'),
    setUpstream,
  );
  perform(
    confirmable(upstream.command('rm').description('forget the address and the login').argument('<host>')),
    removeUpstream,
  );
}

async function listUpstreams(session: Session): Promise<void> {
  const api = await session.api();
  const nowMs = Date.now();
  session.table(
    [
      { title: 'REGISTRY', cell: (upstream) => upstream.host },
      { title: 'URL', cell: (upstream) => upstream.url ?? `https://${upstream.host}` },
      { title: 'LOGIN', cell: (upstream) => (upstream.hasLogin ? (upstream.username ?? 'yes') : 'none') },
      { title: 'CHANGED', cell: (upstream) => formatAge(upstream.updatedAt, nowMs), isNumber: true },
      { title: 'BY', cell: (upstream) => upstream.updatedBy },
    ],
    await api.list<Upstream>('/v1/upstreams'),
    (upstream) => upstream.host,
    'nothing is set: every registry is asked by HTTPS at its name, without a login',
  );
}

async function setUpstream(session: Session, flags: UpstreamFlags, args: readonly string[]): Promise<void> {
  const [host] = words(args);
  const change = { ...urlOf(flags), ...(await loginOf(session, flags)) };
  if (Object.keys(change).length === 0) throw usage('nothing is to be set');
  const api = await session.api();
  const { status, body } = await api.send('PUT', route`/v1/upstreams/${host}`, change);
  if (session.options.json === true) return session.json(body);
  session.say(`registry ${host} ${status === 201 ? 'added' : 'set'}`);
}

function urlOf({ url }: UpstreamFlags): { readonly url?: string | null } {
  if (url === undefined) return {};
  return { url: url === false ? null : url.replace(/\/$/, '') };
}

async function loginOf(session: Session, { username, passwordFile, login }: UpstreamFlags): Promise<object> {
  const isNamed = username !== undefined || passwordFile !== undefined;
  if (!login) {
    if (isNamed) throw usage('--no-login takes the login away: give it without one');
    return { username: null, password: null };
  }
  if (!isNamed) return {};
  if (username === undefined || passwordFile === undefined) throw usage('--username and --password-file go together');
  return { username, password: await readPassword(session, passwordFile) };
}

/** Never an argument: other users of this machine could read it. */
async function readPassword(session: Session, file: string): Promise<string> {
  const text = await readText(session, file);
  const password = text.replace(/\r?\n$/, '');
  if (password === '' || password.length > PASSWORD_MAX_BYTES || /[\r\n]/.test(password)) {
    throw usage(`${file === '-' ? 'standard input' : file} does not hold one password of one line`);
  }
  return password;
}

async function readText(session: Session, file: string): Promise<string> {
  try {
    return file === '-' ? await readInput(session.outside.in, PASSWORD_MAX_BYTES + 2) : readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliFailure(exitCodes.usage, `cannot read the password from ${file === '-' ? 'standard input' : file}`, {
      cause: error,
    });
  }
}

async function removeUpstream(session: Session, flags: ConfirmFlags, args: readonly string[]): Promise<void> {
  const [host] = words(args);
  await confirm(session, flags, host, `This forgets how to reach ${host}, and its login.`);
  const api = await session.api();
  await api.send('DELETE', route`/v1/upstreams/${host}`);
  session.say(`registry ${host} forgotten`);
}
