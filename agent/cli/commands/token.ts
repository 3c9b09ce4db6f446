import type { Command } from 'commander';
import type { CreatedToken, Token } from '../../../protocol/schemas/requests.ts';
import { route } from '../client/api.ts';
import { parseDuration, wholeNumber } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';
import { keepSecret } from './keep-secret.ts';
import { option } from './spec-flags.ts';

interface CreateFlags {
  readonly expires: number;
  readonly uses: number;
  readonly description?: string;
  readonly out?: string;
}

const DAY_MS = 86_400_000;

export function addToken(program: Command, perform: Perform): void {
  const token = program.command('token').description('tokens with which hosts join the mesh');
  const create = token.command('create').description('make a join token; it is shown once');
  perform(
    create
      .addOption(option('--expires <duration>', 'how long it can be used', parseDuration).default(DAY_MS, '24h'))
      .addOption(
        option('--uses <number>', 'hosts that can join with it', wholeNumber('number of uses', 1, 1_000)).default(1),
      )
      .option('--description <text>', 'what it is for')
      .option('-o, --out <file>', 'write it to a file that only you can read'),
    createToken,
  );
  perform(token.command('ls').description('list tokens'), listTokens);
  perform(confirmable(token.command('revoke').description('make a token useless').argument('<token-id>')), revokeToken);
}

async function createToken(session: Session, flags: CreateFlags): Promise<void> {
  const api = await session.api();
  const { body } = await api.send('POST', '/v1/tokens', {
    expiresInMs: flags.expires,
    maxUses: flags.uses,
    ...(flags.description === undefined ? {} : { description: flags.description }),
  });
  const made = body as CreatedToken;
  if (flags.out !== undefined) {
    keepSecret(session, flags.out, made.token);
    if (session.options.json === true) session.json({ ...made, token: undefined, file: flags.out });
    else session.say(`token ${made.id} written to ${flags.out}`);
  } else if (session.options.json === true) session.json(made);
  else session.print(made.token);
  session.suggest('copy it to a file on the new host, then there: sudo SHOAL_TOKEN_FILE=FILE ./install.sh --join');
}

function stateOf(token: Token): string {
  if (token.revoked) return 'revoked';
  if (Date.parse(token.expiresAt) <= Date.now()) return 'expired';
  return token.usedBy.length >= token.maxUses ? 'used up' : 'ready';
}

async function listTokens(session: Session): Promise<void> {
  const api = await session.api();
  session.table(
    [
      { title: 'TOKEN', cell: (token) => token.id },
      { title: 'STATE', cell: stateOf, isState: true },
      { title: 'USED', cell: (token) => `${token.usedBy.length}/${token.maxUses}`, isNumber: true },
      { title: 'EXPIRES', cell: (token) => token.expiresAt },
      { title: 'DESCRIPTION', cell: (token) => token.description },
    ],
    await api.list<Token>('/v1/tokens'),
    (token) => token.id,
    'no tokens; make one: shoal token create',
  );
}

async function revokeToken(session: Session, flags: ConfirmFlags, args: readonly string[]): Promise<void> {
  const [id] = words(args);
  await confirm(session, flags, id, `This makes token ${id} useless; hosts that joined with it stay.`);
  const api = await session.api();
  await api.send('DELETE', route`/v1/tokens/${id}`);
  session.say(`token ${id} revoked`);
}
