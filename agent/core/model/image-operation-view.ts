import type { HostId } from '../../../protocol/ids.ts';
import type { HostRecord, HostTask, Liveness } from '../../../protocol/schemas/host.ts';
import type {
  HostResult,
  ImageOperation,
  ImageOperationRecord,
  ImageOperationStep,
} from '../../../protocol/schemas/operation.ts';

/** A host as this member sees it. */
export interface SeenHost {
  readonly name: string;
  readonly status: Liveness;
  readonly record: Pick<HostRecord, 'tasks'> | undefined;
}

/** What a host reports of its part of an operation. */
export const taskOf = (record: Pick<HostRecord, 'tasks'> | undefined, operationId: string): HostTask | undefined =>
  record?.tasks?.find((task) => task.operationId === operationId);

/**
 * The operation as people watch it: its record plus one step per host, composed from what hosts report right now. Nobody
 * writes progress. One that has ended shows the results of its record.
 *
 * @param hostOf undefined for a host that is no member any more
 */
export function composeImageOperation(
  record: ImageOperationRecord,
  hostOf: (hostId: HostId) => SeenHost | undefined,
  steward?: HostId,
): ImageOperation {
  const results = new Map(record.results.map((result) => [result.hostId, result]));
  const steps = record.hosts.map((hostId): ImageOperationStep => {
    const host = hostOf(hostId);
    const hostName = host?.name ?? hostId;
    const result = results.get(hostId);
    if (result !== undefined) return { hostId, hostName, ...ended(result) };
    const isOver = record.state !== 'running';
    return { hostId, hostName, ...(isOver ? nothing('failed') : underWay(host, taskOf(host?.record, record.id))) };
  });
  const done = steps.filter(({ step }) => step === 'done').length;
  return { ...record, ...(steward === undefined ? {} : { steward }), steps, done, total: steps.length };
}

type Progress = Omit<ImageOperationStep, 'hostId' | 'hostName'>;

const nothing = (step: ImageOperationStep['step']): Progress => ({ step, bytes: 0, totalBytes: 0, peers: 0 });

const ended = ({ ok, bytes, detail }: HostResult): Progress => ({
  step: ok ? 'done' : 'failed',
  bytes,
  totalBytes: ok ? bytes : 0,
  peers: 0,
  ...(detail === '' ? {} : { detail }),
});

/** What a host has finished counts, also when it is lost later. */
function underWay(host: SeenHost | undefined, task: HostTask | undefined): Progress {
  const isHere = host?.status === 'alive' || host?.status === 'suspect';
  if (task === undefined) return nothing(isHere ? 'waiting' : 'lost');
  const { state, bytes, totalBytes, peers, detail } = task;
  const step = state === 'running' && !isHere ? 'lost' : state;
  return { step, bytes, totalBytes, peers: step === 'running' ? peers : 0, ...(detail === '' ? {} : { detail }) };
}
