import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { App, Group } from '../../../protocol/schemas/model.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, type Refused, refuse, timestamp, type Verdict } from './verdict.ts';

export const readGroup = (view: ModelView, name: string): Group | undefined => view.get<Group>(keys.group(name));

export const noSuchGroup = (name: string): Refused =>
  refuse('not-found', `There is no group "${name}". Create it first.`, [
    { pointer: '/group', detail: `no group "${name}"` },
  ]);

/** Creates a group or changes what the command names; what it leaves out stays as it is. */
export function putGroup(command: CommandOf<'group.put'>, view: ModelView, context: ModelContext): Verdict {
  const key = keys.group(command.group);
  const before = readGroup(view, command.group);
  if (before === undefined && view.list(prefixes.groups).length >= limits.groups) {
    return refuse('conflict', `The mesh has ${limits.groups} groups, the most it may have. Delete one first.`);
  }
  const group: Group = {
    ...(before ?? { name: command.group, createdAt: timestamp(context) }),
    ...(command.description === undefined ? {} : { description: command.description }),
    ...(command.defaultMemoryBytes === undefined ? {} : { defaultMemoryBytes: command.defaultMemoryBytes }),
    ...(typeof command.recordShells === 'string' ? { recordShells: command.recordShells } : {}),
  };
  if (command.recordShells === null) delete group.recordShells;
  return { ok: true, writes: [{ key, value: group }], body: group, primaryKey: key };
}

/** Deletes an empty group. */
export function deleteGroup(command: CommandOf<'group.delete'>, view: ModelView): Verdict {
  const key = keys.group(command.group);
  const group = readGroup(view, command.group);
  if (group === undefined) return noSuchGroup(command.group);
  const apps = view.list<App>(prefixes.appsOf(command.group)).map(({ value }) => value.name);
  if (apps.length > 0) {
    const named = apps.slice(0, 5).join(', ') + (apps.length > 5 ? ` and ${apps.length - 5} more` : '');
    return refuse('conflict', `Group "${command.group}" still has ${named}. Delete its apps first.`);
  }
  return { ok: true, writes: [{ key, value: undefined }], body: group, primaryKey: key };
}
