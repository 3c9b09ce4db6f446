import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { ManifestRecord } from '../../../protocol/schemas/image.ts';
import { keys } from '../catalog/keys.ts';
import { manifestsOf, tagsOf } from '../images/records.ts';
import { needOf, usersOf } from './image-use.ts';
import { quotaFault } from './quotas.ts';
import { setTag } from './tags.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict, type Write } from './verdict.ts';

/**
 * A manifest that is pushed again after so long counts as new: what is to refer to it may be on its way, and garbage
 * collection spares what is young. Milliseconds; well below any grace.
 */
const RENEWED_MS = 30 * 60_000;

/**
 * Writes the record of a manifest whose bytes and blobs the mesh has, and sets a tag to it if one is named. Answers with the
 * tag, or else with the manifest. Nothing is written for what is there already.
 */
export function pushImage(command: CommandOf<'image.push'>, view: ModelView, context: ModelContext): Verdict {
  const { repository, tag, manifest: facts } = command;
  const key = keys.manifest(repository, facts.digest);
  const before = view.get<ManifestRecord>(key);
  const fault = before === undefined ? quotaFault(repository, facts, view) : undefined;
  if (fault !== undefined) return fault;
  const manifest = before === undefined ? newManifest(command, context) : renewed(before, context);
  const writes: Write[] = manifest === before ? [] : [{ key, value: manifest }];
  if (tag === undefined) return { ok: true, writes, body: manifest, primaryKey: key };
  const set = setTag({ repository, tag }, facts.digest, view, context);
  if (!set.ok) return set;
  const tagKey = keys.tag(repository, tag);
  if (set.isChanged) writes.push({ key: tagKey, value: set.tag });
  return { ok: true, writes, body: set.tag, primaryKey: tagKey };
}

const newManifest = ({ repository, manifest }: CommandOf<'image.push'>, context: ModelContext): ManifestRecord => ({
  repository,
  ...manifest,
  pushedAt: timestamp(context),
  pushedBy: context.actorId,
  pushedTo: context.acceptedBy,
});

function renewed(before: ManifestRecord, context: ModelContext): ManifestRecord {
  const isOld = context.nowMs - Date.parse(before.pushedAt) > RENEWED_MS;
  return isOld ? { ...before, pushedAt: timestamp(context) } : before;
}

/** Deletes a manifest with all its tags, unless something needs it; by force also then. */
export function deleteImage(command: CommandOf<'image.delete'>, view: ModelView): Verdict {
  const { repository, digest } = command;
  const key = keys.manifest(repository, digest);
  const manifest = view.get<ManifestRecord>(key);
  if (manifest === undefined) {
    const faults = [{ pointer: '/digest', detail: 'no such manifest' }];
    return refuse('not-found', `Repository "${repository}" has no manifest ${digest}.`, faults);
  }
  const tags = tagsOf(view, repository);
  const need =
    command.force === true ? undefined : needOf(digest, manifestsOf(view, repository), tags, usersOf(view, repository));
  if (need !== undefined) {
    return refuse('conflict', `Image "${repository}@${digest}" is needed by ${need}. Delete that first, or force it.`);
  }
  const own = tags.filter((tag) => tag.digest === digest);
  const writes = [key, ...own.map(({ tag }) => keys.tag(repository, tag))].map((each) => ({
    key: each,
    value: undefined,
  }));
  return { ok: true, writes, body: manifest, primaryKey: key };
}
