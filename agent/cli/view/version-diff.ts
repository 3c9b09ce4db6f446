import { pointerKeys } from '../../../protocol/json-pointer.ts';
import type { VersionChange, VersionDiff } from '../../../protocol/schemas/version-diff.ts';
import { printable, printableLine, shortHex } from './format.ts';
import type { Paint } from './paint.ts';

/** A file as a diff shows it. */
export interface FileSide {
  readonly sha256: string;
  readonly mode: string;
  readonly uid?: number;
  readonly gid?: number;
}

/** The path in the container when the change is one of a file. */
export function filePathOf({ path }: VersionChange): string | undefined {
  const [field, file] = pointerKeys(path);
  return field === 'files' ? file : undefined;
}

/** Lines of a diff: `+` came, `-` went, `~` changed. `patches` are unified diffs of files by path. */
export function diffLines(diff: VersionDiff, patches: ReadonlyMap<string, string>, paint: Paint): string[] {
  return diff.changes.flatMap((change) => {
    const path = filePathOf(change);
    const patch = path === undefined ? undefined : patches.get(path);
    const head =
      path === undefined ? changeLine(change, fieldName(change.path), plain) : changeLine(change, path, file);
    return [paint(toneOfSign(head[0]), printableLine(head)), ...(patch === undefined ? [] : patchLines(patch, paint))];
  });
}

/** Of a unified diff; its lines are indented, so that none looks like one of ours. */
const patchLines = (patch: string, paint: Paint): string[] =>
  printable(patch)
    .trimEnd()
    .split('\n')
    .map((line) => paint(toneOfSign(line[0]), `    ${line}`));

function changeLine({ from, to }: VersionChange, name: string, show: (side: unknown) => string): string {
  if (from === undefined) return `+ ${name}: ${show(to)}`;
  return to === undefined ? `- ${name}: ${show(from)}` : `~ ${name}: ${show(from)} -> ${show(to)}`;
}

/** `/env/LOG_LEVEL` as `env LOG_LEVEL`. */
const fieldName = (pointer: string): string => pointerKeys(pointer).join(' ');

const plain = (side: unknown): string => (typeof side === 'string' ? side : JSON.stringify(side));

function file(side: unknown): string {
  const { sha256, mode, uid = 0, gid = 0 } = side as FileSide;
  return `${shortHex(sha256)} ${mode}${uid === 0 && gid === 0 ? '' : ` ${uid}:${gid}`}`;
}

function toneOfSign(sign: string | undefined) {
  switch (sign) {
    case '+':
      return 'good';
    case '-':
      return 'bad';
    case '~':
      return 'busy';
    default:
      return 'plain';
  }
}
