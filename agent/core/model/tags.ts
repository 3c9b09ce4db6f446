import type { Digest } from '../../../protocol/digest.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { RepositoryRecord, TagRecord } from '../../../protocol/schemas/image.ts';
import { keys } from '../catalog/keys.ts';
import { isToRenew } from '../images/reachable.ts';
import { type Records, tagsOf } from '../images/records.ts';
import { tagsToDelete } from '../images/retention.ts';
import {
  type ModelContext,
  type ModelView,
  type Refused,
  refuse,
  timestamp,
  type Verdict,
  type Write,
} from './verdict.ts';

/**
 * A tag that is set to a digest: what it was before goes to the front of its history. The same record when it was that, unless it is
 * time to tell that a tag of another registry is still in use.
 */
export function setTag(
  names: { readonly repository: string; readonly tag: string },
  digest: Digest,
  view: ModelView,
  context: ModelContext,
): { readonly ok: true; readonly tag: TagRecord; readonly isChanged: boolean } | Refused {
  const { repository, tag } = names;
  const before = view.get<TagRecord>(keys.tag(repository, tag));
  if (before?.digest === digest) {
    const isChanged = isToRenew(before, context.nowMs);
    return { ok: true, tag: isChanged ? { ...before, pushedAt: timestamp(context) } : before, isChanged };
  }
  if (before === undefined && tagsOf(view, repository).length >= limits.tagsPerRepository) {
    const detail = `Repository "${repository}" has ${limits.tagsPerRepository} tags, the most it may have. Delete some, or set a retention rule.`;
    return refuse('conflict', detail, [{ pointer: '/tag', detail: 'one tag too many' }]);
  }
  const record: TagRecord = {
    repository,
    tag,
    digest,
    pushedAt: timestamp(context),
    pushedBy: context.actorId,
    pushedTo: context.acceptedBy,
    history: before === undefined ? [] : historyAfter(before),
  };
  return { ok: true, tag: record, isChanged: true };
}

const historyAfter = ({ digest, pushedAt, pushedBy, history }: TagRecord): TagRecord['history'] =>
  [{ digest, pushedAt, pushedBy }, ...history].slice(0, limits.tagHistory);

/** Takes a tag away; the manifest stays until nothing needs it. */
export function untagImage(command: CommandOf<'image.untag'>, view: ModelView): Verdict {
  const key = keys.tag(command.repository, command.tag);
  const tag = view.get<TagRecord>(key);
  if (tag === undefined) {
    const faults = [{ pointer: '/tag', detail: `no tag "${command.tag}"` }];
    return refuse('not-found', `Repository "${command.repository}" has no tag "${command.tag}".`, faults);
  }
  return { ok: true, writes: [{ key, value: undefined }], body: tag, primaryKey: key };
}

/** Deletes the tags that no rule of their repository keeps. None for one without rules. */
export function retentionWrites(records: Records, { name, retention }: RepositoryRecord): readonly Write[] {
  return tagsToDelete(tagsOf(records, name), retention).map((tag) => ({ key: keys.tag(name, tag), value: undefined }));
}
