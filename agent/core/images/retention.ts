import type { Retention, TagRecord } from '../../../protocol/schemas/image.ts';
import { compareText } from '../order.ts';

/**
 * The tags that no rule keeps: neither one of the newest `keepLast`, nor like one of `keepTags`. No rule at all keeps every
 * tag. Of tags pushed at the same moment the one whose name comes later counts as the newer.
 */
export function tagsToDelete(
  tags: readonly Pick<TagRecord, 'tag' | 'pushedAt'>[],
  retention: Retention | undefined,
): readonly string[] {
  const { keepLast, keepTags } = retention ?? {};
  if (keepLast === undefined && keepTags === undefined) return [];
  const newestFirst = [...tags].sort(
    (a, b) => Date.parse(b.pushedAt) - Date.parse(a.pushedAt) || compareText(b.tag, a.tag),
  );
  return newestFirst
    .slice(keepLast ?? 0)
    .map(({ tag }) => tag)
    .filter((tag) => !(keepTags ?? []).some((glob) => matchesGlob(tag, glob)));
}

/** Whether a text is like a glob in which `*` stands for any characters. Takes time in proportion to text and glob. */
export function matchesGlob(text: string, glob: string): boolean {
  const [first = '', ...parts] = glob.split('*');
  const last = parts.pop();
  if (last === undefined) return text === glob;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last)) return false;
  const middle = text.slice(first.length, text.length - last.length);
  let from = 0;
  for (const part of parts) {
    const at = middle.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return true;
}
