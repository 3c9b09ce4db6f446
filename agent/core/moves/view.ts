import type { HostId } from '../../../protocol/ids.ts';
import type { Move, MoveOperation, MoveOperationRecord, MoveStep } from '../../../protocol/schemas/operation.ts';
import { leftOf, leftOn, type MoveSight, replacementOf, type SeenContainer } from './judge.ts';

/**
 * An operation that moves containers, as people watch it: its record, and a line for each container, composed from what hosts
 * report right now. Nobody writes progress.
 */
export function composeMoves(
  record: MoveOperationRecord,
  sight: MoveSight & { readonly nameOf: (hostId: HostId) => string },
  steward?: HostId,
): MoveOperation {
  const left = new Map(
    (record.state !== 'running' ? [] : record.kind === 'drain' ? leftOn(record, sight) : leftOf(record, sight)).map(
      (container) => [container.id, container],
    ),
  );
  const steps = [
    ...record.moves.map((move): MoveStep => {
      const container = left.get(move.containerId);
      left.delete(move.containerId);
      return container === undefined ? overStep(move, record, sight) : leavingStep(container, sight);
    }),
    ...[...left.values()].map((container) => leavingStep(container, sight)),
  ];
  const { host } = sight;
  const isOpen = record.state === 'running' && record.kind === 'drain';
  return {
    ...record,
    ...(steward === undefined ? {} : { steward }),
    ...(host === undefined ? {} : { hostName: host.name }),
    ...(isOpen && host?.blobsLeftBytes !== undefined ? { blobsLeftBytes: host.blobsLeftBytes } : {}),
    steps,
    done: steps.filter(({ step }) => step === 'moved').length,
    total: steps.length,
  };
}

/** It is not where it was any more, or its operation has ended. */
function overStep(
  move: Move,
  record: MoveOperationRecord,
  { nameOf }: { readonly nameOf: (hostId: HostId) => string },
): MoveStep {
  const ended = record.unmoved.find(({ containerId }) => containerId === move.containerId);
  return {
    containerId: move.containerId,
    name: `${move.group}-${move.app}-${move.replica}-${move.containerId.slice(-4).toLowerCase()}`,
    group: move.group,
    app: move.app,
    hostId: move.hostId,
    hostName: nameOf(move.hostId),
    step: ended?.outcome ?? (record.state === 'cancelled' ? 'stayed' : 'moved'),
    ...(ended === undefined ? {} : { detail: ended.detail }),
  };
}

function leavingStep(container: SeenContainer, sight: MoveSight): MoveStep {
  const replacement = replacementOf(container, sight);
  const stuck = sight.stuck.get(container.id);
  const { id: containerId, name, group, app, hostId, hostName } = container;
  const step = container.phase === 'removing' ? 'removing' : replacement ? 'replacing' : stuck ? 'blocked' : 'waiting';
  const detail = step === 'blocked' ? stuck?.detail : step === 'replacing' ? replacement?.phase : undefined;
  return {
    ...{ containerId, name, group, app, hostId, hostName, step },
    ...(replacement === undefined ? {} : { toHostName: replacement.hostName }),
    ...(detail === undefined ? {} : { detail }),
  };
}
