import { pointerPart } from '../../../protocol/json-pointer.ts';
import type { Version } from '../../../protocol/schemas/version.ts';
import type { VersionChange, VersionDiff } from '../../../protocol/schemas/version-diff.ts';
import { canonicalJson } from '../canonical-json.ts';
import { compareText } from '../order.ts';
import { resolvedSpec } from './versions.ts';

/**
 * What differs between two versions of an app, of what hosts run: variables, labels and the like one by one, files by their
 * paths, other lists as a whole.
 */
export function diffVersions(from: Version, to: Version): VersionDiff {
  const before = leavesOf(from);
  const after = leavesOf(to);
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort(compareText);
  const changes = paths.flatMap((path): VersionChange[] => {
    const left = before.get(path);
    const right = after.get(path);
    if (left !== undefined && right !== undefined && canonicalJson(left) === canonicalJson(right)) return [];
    return [{ path, ...(left === undefined ? {} : { from: left }), ...(right === undefined ? {} : { to: right }) }];
  });
  return { group: to.group, app: to.app, from: from.number, to: to.number, changes };
}

/** What a version says, by JSON pointer. */
function leavesOf(version: Version): Map<string, object | string | number | boolean> {
  const { files = [], ...rest } = resolvedSpec(version);
  const leaves = new Map<string, object | string | number | boolean>();
  collect(rest, '', leaves);
  for (const { path, ...file } of files) leaves.set(`/files/${pointerPart(path)}`, file);
  return leaves;
}

function collect(value: object, path: string, leaves: Map<string, object | string | number | boolean>): void {
  for (const [key, part] of Object.entries(value) as [string, object | string | number | boolean][]) {
    const at = `${path}/${pointerPart(key)}`;
    const isTree = typeof part === 'object' && !Array.isArray(part) && Object.keys(part).length > 0;
    if (isTree) collect(part, at, leaves);
    else leaves.set(at, part);
  }
}
