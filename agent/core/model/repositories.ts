import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { RepositoryRecord } from '../../../protocol/schemas/image.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { manifestsOf, tagsOf } from '../images/records.ts';
import { usersOf } from './image-use.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from './verdict.ts';

const REPOSITORIES_MAX = 10_000;
/** Records that one command may delete: its answer carries them all. */
const DELETED_MAX = 4_000;

/** Says what people want of a repository; what is left out stays, null takes the retention rules away. */
export function putRepository(command: CommandOf<'repository.put'>, view: ModelView, context: ModelContext): Verdict {
  const key = keys.repository(command.repository);
  const before = view.get<RepositoryRecord>(key);
  if (before === undefined && view.list(prefixes.repositories).length >= REPOSITORIES_MAX) {
    return refuse('conflict', `${REPOSITORIES_MAX} repositories have rules or a description, the most that may.`);
  }
  const retention = command.retention === undefined ? before?.retention : command.retention;
  const description = command.description ?? before?.description;
  const repository: RepositoryRecord = {
    name: command.repository,
    ...(description === undefined ? {} : { description }),
    ...(retention === undefined || retention === null ? {} : { retention }),
    updatedAt: timestamp(context),
  };
  return { ok: true, writes: [{ key, value: repository }], body: repository, primaryKey: key };
}

/** Deletes a repository with all its tags and manifests, unless an app version runs one of them; by force also then. */
export function deleteRepository(command: CommandOf<'repository.delete'>, view: ModelView): Verdict {
  const { repository: name } = command;
  const key = keys.repository(name);
  const record = view.get<RepositoryRecord>(key);
  const manifests = manifestsOf(view, name);
  const found = [
    ...(record === undefined ? [] : [key]),
    ...tagsOf(view, name).map(({ tag }) => keys.tag(name, tag)),
    ...manifests.map(({ digest }) => keys.manifest(name, digest)),
  ];
  if (found.length === 0) {
    return refuse('not-found', `There is no repository "${name}".`, [
      { pointer: '/repository', detail: `no repository "${name}"` },
    ]);
  }
  if (found.length > DELETED_MAX) {
    const detail = `Repository "${name}" has ${found.length} tags and manifests, more than the ${DELETED_MAX} that can go at once. Delete images first, or let a retention rule do it.`;
    return refuse('too-large', detail);
  }
  const users = command.force === true ? new Map() : usersOf(view, name);
  const used = manifests.find(({ digest }) => users.has(digest));
  if (used !== undefined) {
    const detail = `Repository "${name}" is needed by ${users.get(used.digest)}. Delete that first, or force it.`;
    return refuse('conflict', detail);
  }
  return { ok: true, writes: found.map((each) => ({ key: each, value: undefined })), body: { name }, primaryKey: key };
}
