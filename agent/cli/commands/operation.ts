import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import { type AppOperation, isAppOperation, type Operation } from '../../../protocol/schemas/operation.ts';
import { type Api, route } from '../client/api.ts';
import { CliFailure } from '../failure.ts';
import { parseApp } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { decisionLines, hostNames } from '../view/decision.ts';
import { formatAge, printable } from '../view/format.ts';
import { operationFrame, operationTitle } from '../view/operation-frame.ts';
import { operationFailure, watchOperation } from '../watch.ts';

export function addOperation(program: Command, perform: Perform): void {
  const op = program.command('op').description('operations: what was asked for and how far it is');
  const list = op.command('ls').description('list operations, newest first');
  perform(
    list
      .option('--app <group/app>', 'only of this app')
      .option('--kind <kind>', 'only of this kind, like deploy or preheat')
      .option('-a, --all', 'ended ones too'),
    listOperations,
  );
  perform(op.command('show').description('show an operation and its replicas').argument('<operation>'), showOperation);
  perform(
    op.command('watch').description('follow an operation until it ends').argument('<operation>'),
    async (session, _, args) => {
      await watchOperation(session, words(args)[0]);
    },
  );
  perform(
    op
      .command('cancel')
      .description('stop an operation; what is placed goes back, what was brought stays')
      .argument('<operation>'),
    cancelOperation,
  );
  const why = program.command('why').description('why replicas are where they are, and why not elsewhere');
  perform(why.argument('<operation>', 'an operation, or GROUP/APP for its latest one'), explain);
}

async function listOperations(
  session: Session,
  flags: { readonly app?: string; readonly kind?: string; readonly all?: boolean },
): Promise<void> {
  const api = await session.api();
  const app = flags.app === undefined ? {} : parseApp(flags.app);
  const all = await api.list<Operation>('/v1/operations', { ...app, kind: flags.kind });
  const operations = all
    .filter((operation) => flags.all === true || flags.app !== undefined || operation.state === 'running')
    .sort((a, b) => b.id.localeCompare(a.id));
  const nowMs = Date.now();
  session.table(
    [
      { title: 'OPERATION', cell: (operation) => operation.id },
      { title: 'STATE', cell: (operation) => operation.state, isState: true },
      { title: 'DONE', cell: (operation) => `${operation.done}/${operation.total}`, isNumber: true },
      { title: 'AGE', cell: (operation) => formatAge(operation.createdAt, nowMs), isNumber: true },
      { title: 'WHAT', cell: operationTitle },
      { title: 'PROBLEM', cell: (operation) => operation.problem?.detail.slice(0, 100) },
    ],
    operations,
    (operation) => operation.id,
    flags.all === true ? 'no operations' : 'no running operations; ended ones: shoal op ls --all',
  );
}

async function showOperation(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const api = await session.api();
  const operation = await api.get<Operation>(route`/v1/operations/${words(args)[0]}`);
  if (session.options.json === true) return session.json(operation);
  const frame = { nowMs: Date.now(), height: Number.POSITIVE_INFINITY, paint: session.paint, isUnicode: false };
  session.lines([...operationFrame(operation, frame), `state: ${operation.state}`]);
  if (operation.state === 'running') return session.suggest(`shoal op watch ${operation.id}`);
  if (operation.state === 'succeeded') return;
  const failure = operationFailure(session, operation);
  session.lines([printable(failure.message), ...failure.lines.map((line) => `  ${line}`)]);
  session.suggest(failure.next);
}

async function cancelOperation(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [id] = words(args);
  const api = await session.api();
  const { body } = await api.send('POST', route`/v1/operations/${id}/cancel`, {});
  if (session.options.json === true) return session.json(body);
  session.say(`operation ${id} is being cancelled`);
  session.suggest(`shoal op watch ${id}`);
}

async function explain(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [text] = words(args);
  const api = await session.api();
  const operation = text.includes('/')
    ? await latestOf(api, text)
    : await api.get<Operation>(route`/v1/operations/${text}`);
  if (!isAppOperation(operation)) {
    throw new CliFailure(exitCodes.usage, `${operationTitle(operation)} placed nothing`, {
      next: `shoal op show ${operation.id}`,
    });
  }
  if (session.options.json === true) return session.json(operation.decisions);
  session.print(`${operationTitle(operation)}  ${operation.id}  ${operation.state}`);
  if (operation.decisions.length === 0) session.print('no auction was held');
  const names = hostNames(operation);
  for (const decision of operation.decisions) session.lines(['', ...decisionLines(decision, names, session.paint)]);
  if (operation.problem !== undefined) session.lines(['', printable(operation.problem.detail)]);
}

/** The newest operation of an app; of those with an auction if there is one. */
async function latestOf(api: Api, text: string): Promise<AppOperation> {
  const operations = await api.list<AppOperation>('/v1/operations', parseApp(text));
  const newestFirst = operations.sort((a, b) => b.id.localeCompare(a.id));
  const operation = newestFirst.find(({ decisions }) => decisions.length > 0) ?? newestFirst[0];
  if (operation !== undefined) return operation;
  throw new CliFailure(exitCodes.notFound, `${text} has no operation that is still remembered`, {
    next: 'shoal app ls',
  });
}
