import type { OperationId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import { type AppOperationRecord, isAppOperation, type OperationRecord } from '../../../protocol/schemas/operation.ts';
import { keys } from '../catalog/keys.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict, type Write } from './verdict.ts';

export const readOperation = (view: Pick<ModelView, 'get'>, id: string): OperationRecord | undefined =>
  view.get<OperationRecord>(keys.operation(id as OperationId));

function readAppOperation(view: ModelView, id: string): AppOperationRecord | undefined {
  const operation = readOperation(view, id);
  return operation === undefined || !isAppOperation(operation) ? undefined : operation;
}

/** The operation that is bringing a deployment about, if it has not finished. */
export function runningOperation(view: ModelView, deployment: Deployment): AppOperationRecord | undefined {
  const operation = readAppOperation(view, deployment.operationId);
  return operation?.state === 'running' ? operation : undefined;
}

type Asked = Pick<AppOperationRecord, 'id' | 'kind'> &
  Partial<Pick<AppOperationRecord, 'cluster' | 'version' | 'replicas' | 'previous' | 'created' | 'toRemove'>>;

/** A running operation of an app that has done nothing yet. */
export function newOperation(app: App, asked: Asked, context: ModelContext): AppOperationRecord {
  return {
    ...asked,
    state: 'running',
    group: app.group,
    app: app.name,
    appUid: app.uid,
    createdAt: timestamp(context),
    actor: context.actorId,
    acceptedBy: context.acceptedBy,
    decisions: [],
    failures: [],
  };
}

/** Ends a running operation because a later request wants something else of the same app and cluster. */
export function supersede(operation: AppOperationRecord, by: OperationId, context: ModelContext): Write {
  const problem = problemOf('superseded', `Operation ${by} took its place.`, operation.id);
  const value: AppOperationRecord = { ...operation, state: 'failed', finishedAt: timestamp(context), problem };
  return { key: keys.operation(operation.id), value };
}

/**
 * Asks for the end of a running operation; the app's controller then restores what was before. Asked again, nothing
 * changes. The removal of an app can't be cancelled: part of it is gone.
 */
export function cancelOperation(command: CommandOf<'operation.cancel'>, view: ModelView): Verdict {
  const key = keys.operation(command.operationId);
  const before = readAppOperation(view, command.operationId);
  if (before === undefined || before.group !== command.group || before.app !== command.app) {
    return refuse('not-found', `There is no operation ${command.operationId} of "${command.group}/${command.app}".`);
  }
  if (before.state !== 'running') {
    const detail = `Operation ${before.id} has ${before.state} already; deploy or scale to change what runs.`;
    return refuse('conflict', detail);
  }
  if (before.kind === 'delete-app') {
    const detail = `The removal of an app can't be cancelled. Create the app again when operation ${before.id} is done.`;
    return refuse('conflict', detail);
  }
  const operation: AppOperationRecord = { ...before, cancelRequested: true };
  const writes = before.cancelRequested === true ? [] : [{ key, value: operation }];
  return { ok: true, writes, body: operation, primaryKey: key, operation };
}
