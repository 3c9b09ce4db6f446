import { newId, type OperationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { App } from '../../../protocol/schemas/model.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { noSuchGroup, readGroup } from './groups.ts';
import { newOperation, readOperation, runningOperation, supersede } from './operations.ts';
import {
  type ModelContext,
  type ModelView,
  type Refused,
  refuse,
  timestamp,
  type Verdict,
  type Write,
} from './verdict.ts';

export const readApp = (view: ModelView, group: string, app: string): App | undefined =>
  view.get<App>(keys.app(group, app));

const noSuchApp = (group: string, app: string): Refused =>
  refuse('not-found', `There is no app "${app}" in group "${group}". Create it, or deploy it with a spec.`, [
    { pointer: '/app', detail: `no app "${group}/${app}"` },
  ]);

const beingDeleted = (app: App): Refused =>
  refuse(
    'in-progress',
    `App "${app.group}/${app.name}" is being deleted. Wait until that is done, then create it again.`,
  );

/** The app if it can be changed, or why not. */
export function activeApp(view: ModelView, group: string, name: string): { ok: true; app: App } | Refused {
  if (readGroup(view, group) === undefined) return noSuchGroup(group);
  const app = readApp(view, group, name);
  if (app === undefined) return noSuchApp(group, name);
  return app.state === 'deleting' ? beingDeleted(app) : { ok: true, app };
}

/** A new app without versions or deployments, if its group has room. */
export function createApp(
  view: ModelView,
  names: { readonly group: string; readonly app: string },
  context: ModelContext,
): { ok: true; app: App } | Refused {
  if (readGroup(view, names.group) === undefined) return noSuchGroup(names.group);
  if (view.list(prefixes.appsOf(names.group)).length >= limits.appsPerGroup) {
    const detail = `Group "${names.group}" has ${limits.appsPerGroup} apps, the most it may have. Use another group.`;
    return refuse('conflict', detail);
  }
  const now = timestamp(context);
  const app: App = {
    group: names.group,
    name: names.app,
    uid: newId<string>('app', context.nowMs, context.rng),
    state: 'active',
    latestVersion: 0,
    deployments: [],
    createdAt: now,
    updatedAt: now,
  };
  return { ok: true, app };
}

/** Creates an app in a group or changes what the command names; what it leaves out stays as it is. */
export function putApp(command: CommandOf<'app.put'>, view: ModelView, context: ModelContext): Verdict {
  const before = readApp(view, command.group, command.app);
  const found = before === undefined ? createApp(view, command, context) : activeApp(view, command.group, command.app);
  if (!found.ok) return found;
  const app: App = {
    ...found.app,
    ...(command.description === undefined ? {} : { description: command.description }),
    ...(command.onHostLoss === undefined ? {} : { onHostLoss: command.onHostLoss }),
    ...(command.rollout === undefined ? {} : { rollout: command.rollout }),
    updatedAt: timestamp(context),
  };
  const key = keys.app(app.group, app.name);
  return { ok: true, writes: [{ key, value: app }], body: app, primaryKey: key };
}

/**
 * Marks an app as deleting and starts the operation that removes its containers; when they are gone the steward's
 * controller deletes the app's records. Running operations of the app are superseded. Asked again, the same
 * operation is answered.
 */
export function deleteApp(command: CommandOf<'app.delete'>, view: ModelView, context: ModelContext): Verdict {
  const before = readApp(view, command.group, command.app);
  if (before === undefined) return noSuchApp(command.group, command.app);
  const key = keys.app(before.group, before.name);
  if (before.state === 'deleting' && before.deletedBy !== undefined) {
    const running = readOperation(view, before.deletedBy);
    if (running !== undefined) return { ok: true, writes: [], body: running, primaryKey: key, operation: running };
  }
  const id = newId<OperationId>('operation', context.nowMs, context.rng);
  const superseded = before.deployments.flatMap((deployment): Write[] => {
    const running = runningOperation(view, deployment);
    return running === undefined ? [] : [supersede(running, id, context)];
  });
  const toRemove = before.deployments.reduce((sum, deployment) => sum + deployment.replicas, 0);
  const operation = newOperation(before, { id, kind: 'delete-app', toRemove }, context);
  const app: App = {
    ...before,
    state: 'deleting',
    deletedBy: id,
    deployments: before.deployments.map(({ rollout: _ended, ...deployment }) => ({
      ...deployment,
      replicas: 0,
      operationId: id,
    })),
    updatedAt: timestamp(context),
  };
  const writes = [{ key, value: app }, { key: keys.operation(id), value: operation }, ...superseded];
  return { ok: true, writes, body: operation, primaryKey: key, operation };
}
