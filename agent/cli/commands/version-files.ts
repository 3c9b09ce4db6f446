import { writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { exitCodes } from '../../../protocol/errors.ts';
import type { StoredFile } from '../../../protocol/schemas/file.ts';
import type { VersionDiff } from '../../../protocol/schemas/version-diff.ts';
import { type Api, route } from '../client/api.ts';
import { CliFailure, hasCode, usage } from '../failure.ts';
import { isText } from '../parse/config-file.ts';
import { parseApp, parseVersion } from '../parse/values.ts';
import { type Perform, words } from '../perform.ts';
import type { Session } from '../session.ts';
import { formatBytes, printable, shortHex } from '../view/format.ts';
import { diffLines, type FileSide, filePathOf } from '../view/version-diff.ts';
import { findVersion } from './spec-flags.ts';

/** Files that differ in more lines than this are not compared line by line: it takes the square of it. */
const EDITS_MAX = 5_000;

interface FileFlags {
  readonly output?: string;
}

/** What is in a version, beyond its spec. */
export function addVersionFiles(version: Command, perform: Perform): void {
  const files = version.command('files').description('list the files of a version (unless told otherwise the latest)');
  perform(files.argument('<group/app>').argument('[number]'), listFiles);
  const file = version.command('file').description('print a file of a version (unless told otherwise the latest)');
  file.option('-o, --output <file>', 'write it to a file of this machine');
  perform(file.argument('<group/app>').argument('<path>', 'in the container').argument('[number]'), showFile);
  const diff = version.command('diff').description('show what differs between two versions, and how files differ');
  perform(diff.argument('<group/app>').argument('<from>').argument('<to>'), showDiff);
}

async function listFiles(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [text, number] = words(args);
  const { spec } = await findVersion(await session.api(), parseApp(text), number);
  session.table(
    [
      { title: 'PATH', cell: (file) => file.path },
      { title: 'SIZE', cell: (file) => formatBytes(file.sizeBytes), isNumber: true },
      { title: 'MODE', cell: (file) => file.mode },
      { title: 'OWNER', cell: (file) => `${file.uid ?? 0}:${file.gid ?? 0}` },
      { title: 'SHA256', cell: (file) => shortHex(file.sha256) },
    ],
    spec.files ?? [],
    (file) => file.path,
    'this version has no files',
  );
}

async function showFile(session: Session, flags: FileFlags, args: readonly string[]): Promise<void> {
  const [text, path, number] = words(args);
  const app = parseApp(text);
  const api = await session.api();
  const version = await findVersion(api, app, number);
  const file = version.spec.files?.find((each) => each.path === path);
  if (file === undefined) {
    const message = `version ${version.number} of ${text} has no file ${path}`;
    throw new CliFailure(exitCodes.notFound, message, { next: `shoal version files ${text} ${version.number}` });
  }
  const content = await contentOf(api, app, file.sha256);
  if (flags.output !== undefined) return writeLocal(flags.output, content);
  if (session.options.json === true) return session.json(describe(file, content));
  if (!isText(content)) throw usage(`${path} is not text`, `shoal version file ${text} ${path} --output FILE`);
  const whole = content.toString('utf8');
  // A file as it is, but for a terminal, which its bytes must not steer.
  session.outside.out.write(session.outside.out.isTty ? `${printable(whole).trimEnd()}\n` : whole);
}

const describe = (file: StoredFile, content: Buffer) => ({
  ...file,
  ...(isText(content) ? { content: content.toString('utf8') } : { contentBase64: content.toString('base64') }),
});

function writeLocal(path: string, content: Buffer): void {
  try {
    writeFileSync(path, content);
  } catch (error) {
    const words = error instanceof Error ? error.message : String(error);
    throw new CliFailure(exitCodes.failed, `cannot write ${path}: ${words}`, { cause: error });
  }
}

async function showDiff(session: Session, _flags: object, args: readonly string[]): Promise<void> {
  const [text, from, to] = words(args);
  const app = parseApp(text);
  const numbers = [parseVersion(from), parseVersion(to)].map(String);
  const api = await session.api();
  const path = route`/v1/groups/${app.group}/apps/${app.app}/versions/${numbers[0] ?? ''}/diff/${numbers[1] ?? ''}`;
  const diff = await api.get<VersionDiff>(path);
  if (session.options.json === true) return session.json(diff);
  if (diff.changes.length === 0) return session.say(`versions ${from} and ${to} of ${text} are the same`);
  session.lines(diffLines(diff, await patchesOf(api, app, diff), session.paint));
}

type AppName = ReturnType<typeof parseApp>;

/** How files differ line by line, by path: those whose content changed and is text. */
async function patchesOf(api: Api, app: AppName, diff: VersionDiff): Promise<ReadonlyMap<string, string>> {
  const patches = new Map<string, string>();
  for (const change of diff.changes) {
    const path = filePathOf(change);
    const [before, after] = [change.from, change.to] as (FileSide | undefined)[];
    if (path === undefined || before?.sha256 === after?.sha256) continue;
    const [left, right] = await Promise.all([textOf(api, app, before), textOf(api, app, after)]);
    const patch = await patchOf(path, { number: diff.from, text: left }, { number: diff.to, text: right });
    if (patch !== undefined) patches.set(path, patch);
  }
  return patches;
}

interface TextSide {
  readonly number: number;
  /** undefined when it is not text, or not there. */
  readonly text: string | undefined;
}

async function patchOf(path: string, left: TextSide, right: TextSide): Promise<string | undefined> {
  if (left.text === undefined || right.text === undefined) return undefined;
  const { createTwoFilesPatch, FILE_HEADERS_ONLY } = await import('../unified-diff.ts');
  const names = [left, right].map(({ number }) => `version ${number}`);
  const options = { context: 3, maxEditLength: EDITS_MAX, headerOptions: FILE_HEADERS_ONLY };
  return createTwoFilesPatch(path, path, left.text, right.text, names[0], names[1], options);
}

/** A side that has no such file is empty. A content that the member does not have (yet) takes nothing from the rest. */
async function textOf(api: Api, app: AppName, file: FileSide | undefined): Promise<string | undefined> {
  if (file === undefined) return '';
  try {
    const content = await contentOf(api, app, file.sha256);
    return isText(content) ? content.toString('utf8') : undefined;
  } catch (error) {
    if (hasCode(error, 'not-found')) return undefined;
    throw error;
  }
}

const contentOf = (api: Api, { group, app }: AppName, sha256: string): Promise<Buffer> =>
  api.bytes(route`/v1/groups/${group}/apps/${app}/files/${sha256}`);
