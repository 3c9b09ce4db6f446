import { type Command, Option } from 'commander';
import type { CreatedCredential, Credential, Me } from '../../../protocol/schemas/requests.ts';
import { route } from '../client/api.ts';
import { parseName } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { type ConfirmFlags, confirm, confirmable } from './confirm.ts';
import { keepSecret } from './keep-secret.ts';

interface CreateFlags {
  readonly role: string;
  readonly description?: string;
  readonly out?: string;
}

export function addCredential(program: Command, perform: Perform): void {
  const credential = program.command('credential').description('API tokens for people and programs');
  const create = credential
    .command('create')
    .description('make an API token; it is shown once')
    .argument('<name>', 'whom it is for');
  perform(
    create
      .addOption(
        new Option('--role <role>', 'what it allows: a guest looks and pulls images, an admin does everything')
          .choices(['guest', 'admin'])
          .default('guest'),
      )
      .option('--description <text>', 'what it is for')
      .option('-o, --out <file>', 'write it to a file that only you can read'),
    createCredential,
  );
  perform(credential.command('ls').description('list whom API tokens were made for'), listCredentials);
  perform(
    confirmable(credential.command('revoke').description('make an API token useless').argument('<name>')),
    revokeCredential,
  );
  perform(program.command('whoami').description('whom your token stands for, and what it allows'), whoAmI);
}

async function createCredential(session: Session, flags: CreateFlags, args: readonly string[]): Promise<void> {
  const id = parseName(words(args)[0], 'credential');
  const { role, description, out } = flags;
  const api = await session.api();
  const { body } = await api.send('POST', '/v1/credentials', {
    id,
    role,
    ...(description === undefined ? {} : { description }),
  });
  const made = body as CreatedCredential;
  if (out !== undefined) {
    keepSecret(session, out, made.token);
    if (session.options.json === true) session.json({ ...made, token: undefined, file: out });
    else session.say(`the token of ${id} (${role}) written to ${out}`);
  } else if (session.options.json === true) session.json(made);
  else session.print(made.token);
  session.suggest('keep it in a file, then: shoal context add NAME --api URL --token-file FILE');
}

async function listCredentials(session: Session): Promise<void> {
  const api = await session.api();
  session.table(
    [
      { title: 'CREDENTIAL', cell: ({ id }) => id },
      { title: 'ROLE', cell: ({ role }) => role },
      { title: 'CREATED', cell: ({ createdAt }) => createdAt },
      { title: 'DESCRIPTION', cell: ({ description }) => description },
    ],
    await api.list<Credential>('/v1/credentials'),
    ({ id }) => id,
    'no credentials',
  );
}

async function revokeCredential(session: Session, flags: ConfirmFlags, args: readonly string[]): Promise<void> {
  const [name] = words(args);
  await confirm(
    session,
    flags,
    name,
    `This makes the API token of ${name} useless, and ends the shells opened with it.`,
  );
  const api = await session.api();
  await api.send('DELETE', route`/v1/credentials/${name}`);
  session.say(`the token of ${name} revoked`);
}

async function whoAmI(session: Session): Promise<void> {
  const api = await session.api();
  const me = await api.get<Me>('/v1/me');
  if (session.options.json === true) session.json(me);
  else session.print(`${me.id} (${me.role})`);
}
