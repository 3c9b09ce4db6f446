import { type HostId, newId, type OperationId } from '../../../protocol/ids.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { HostIntent, MemberRecord } from '../../../protocol/schemas/model.ts';
import { isMoveOperation, type MoveOperationRecord } from '../../../protocol/schemas/operation.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { intentOf } from './hosts.ts';
import { activeMember } from './members.ts';
import { readOperation } from './operations.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from './verdict.ts';

const DEADLINE_MS = 10 * 60_000;

/** Reads an operation that moves containers. */
export function readMoveOperation(view: Pick<ModelView, 'get'>, id: string): MoveOperationRecord | undefined {
  const operation = readOperation(view, id);
  return operation !== undefined && isMoveOperation(operation) ? operation : undefined;
}

/**
 * Empties a host: it gets no new containers, and the stewards of the apps on it replace theirs elsewhere. A drain under way is
 * joined, with the new deadline if one is given.
 */
export function drainHost(command: CommandOf<'host.drain'>, view: ModelView, context: ModelContext): Verdict {
  const found = activeMember(view, command.hostId);
  if (!found.ok) return found;
  const key = keys.host(command.hostId);
  const before = intentOf(view, command.hostId);
  const running = before.drain === undefined ? undefined : readMoveOperation(view, before.drain.operationId);
  if (running?.state === 'running') return joined(running, command, context);
  if (isLast(view, command.hostId)) {
    return refuse(
      'conflict',
      `Every other host is drained or being drained, so nothing could go anywhere. Uncordon one first.`,
    );
  }
  const id = newId<OperationId>('operation', context.nowMs, context.rng);
  const operation: MoveOperationRecord = {
    id,
    kind: 'drain',
    state: 'running',
    hostId: command.hostId,
    deadlineAt: deadlineAt(command, context),
    moves: command.moves,
    unmoved: [],
    createdAt: timestamp(context),
    actor: context.actorId,
    acceptedBy: context.acceptedBy,
  };
  const { drainedAt: _before, ...kept } = before;
  const intent: HostIntent = { ...kept, cordoned: true, drain: { operationId: id, wasCordoned: before.cordoned } };
  const writes = [
    { key, value: intent },
    { key: keys.operation(id), value: operation },
  ];
  return { ok: true, writes, body: operation, primaryKey: key, operation };
}

function joined(running: MoveOperationRecord, command: CommandOf<'host.drain'>, context: ModelContext): Verdict {
  const primaryKey = keys.host(command.hostId);
  if (command.deadlineMs === undefined) {
    return { ok: true, writes: [], body: running, primaryKey, operation: running };
  }
  const operation = { ...running, deadlineAt: deadlineAt(command, context) };
  const writes = [{ key: keys.operation(running.id), value: operation }];
  return { ok: true, writes, body: operation, primaryKey, operation };
}

const deadlineAt = ({ deadlineMs = DEADLINE_MS }: CommandOf<'host.drain'>, { nowMs }: ModelContext): string =>
  new Date(nowMs + deadlineMs).toISOString();

/** Whether no other host would be left that is neither drained nor being drained. */
function isLast(view: ModelView, hostId: string): boolean {
  return view.list<MemberRecord>(prefixes.members).every(({ value: { hostId: id } }) => {
    const member = activeMember(view, id as HostId);
    const intent = intentOf(view, id as HostId);
    return id === hostId || !member.ok || intent.drain !== undefined || intent.drainedAt !== undefined;
  });
}

/** The host goes back to what it was; what has moved stays where it is. Asked again, nothing changes. */
export function cancelDrain(command: CommandOf<'drain.cancel'>, view: ModelView): Verdict {
  const key = keys.operation(command.operationId);
  const before = readMoveOperation(view, command.operationId);
  if (before === undefined || before.hostId !== command.hostId) {
    return refuse('not-found', `There is no operation ${command.operationId} that drains this host.`);
  }
  return cancelMoves(before, key);
}

/** Asks for the end of an operation that moves containers. */
export function cancelMoves(before: MoveOperationRecord, primaryKey: string): Verdict {
  if (before.state !== 'running') return refuse('conflict', `Operation ${before.id} has ${before.state} already.`);
  const operation: MoveOperationRecord = { ...before, cancelRequested: true };
  const writes = before.cancelRequested === true ? [] : [{ key: primaryKey, value: operation }];
  return { ok: true, writes, body: operation, primaryKey, operation };
}
