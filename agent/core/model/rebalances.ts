import { newId, type OperationId } from '../../../protocol/ids.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { RebalanceRecord } from '../../../protocol/schemas/model.ts';
import type { MoveOperationRecord } from '../../../protocol/schemas/operation.ts';
import { keys } from '../catalog/keys.ts';
import { cancelMoves, readMoveOperation } from './drains.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from './verdict.ts';

/** Moves containers so that hosts are evenly used. One at a time in the mesh; one under way is answered. */
export function startRebalance(command: CommandOf<'rebalance.start'>, view: ModelView, context: ModelContext): Verdict {
  const current = view.get<RebalanceRecord>(keys.rebalance);
  const running = current === undefined ? undefined : readMoveOperation(view, current.operationId);
  if (running?.state === 'running') {
    return { ok: true, writes: [], body: running, primaryKey: keys.rebalance, operation: running };
  }
  const id = newId<OperationId>('operation', context.nowMs, context.rng);
  const isDone = command.moves.length === 0;
  const createdAt = timestamp(context);
  const operation: MoveOperationRecord = {
    id,
    kind: 'rebalance',
    state: isDone ? 'succeeded' : 'running',
    moves: command.moves,
    unmoved: [],
    createdAt,
    ...(isDone ? { finishedAt: createdAt } : {}),
    actor: context.actorId,
    acceptedBy: context.acceptedBy,
  };
  const record: RebalanceRecord = { operationId: id, moves: command.moves.map(({ containerId }) => containerId) };
  const writes = [
    { key: keys.operation(id), value: operation },
    ...(isDone ? [] : [{ key: keys.rebalance, value: record }]),
  ];
  return { ok: true, writes, body: operation, primaryKey: keys.operation(id), operation };
}

/** Containers that have not moved stay where they are. */
export function cancelRebalance(command: CommandOf<'rebalance.cancel'>, view: ModelView): Verdict {
  const before = readMoveOperation(view, command.operationId);
  if (before === undefined || before.kind !== 'rebalance') {
    return refuse('not-found', `There is no operation ${command.operationId} that evens out hosts.`);
  }
  return cancelMoves(before, keys.operation(command.operationId));
}
