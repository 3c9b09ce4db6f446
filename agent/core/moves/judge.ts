import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { ContainerState, Liveness } from '../../../protocol/schemas/host.ts';
import type { StuckRecord } from '../../../protocol/schemas/model.ts';
import type { MoveOperationRecord } from '../../../protocol/schemas/operation.ts';

/** A rebalance that has not ended by then ends: what has not moved stays. */
const REBALANCE_MS = 30 * 60_000;

/** A container and how its host is. */
export interface SeenContainer extends ContainerState {
  readonly hostId: HostId;
  readonly hostName: string;
  readonly hostStatus: Liveness;
}

/** What there is to see of an operation that moves containers. */
export interface MoveSight {
  /** Every known container of the mesh. */
  readonly containers: readonly SeenContainer[];
  readonly stuck: ReadonlyMap<ContainerId, StuckRecord>;
  /** The drained host; undefined of a rebalance, and when the host is no member any more. */
  readonly host:
    | { readonly name: string; readonly status: Liveness; readonly blobsLeftBytes: number | undefined }
    | undefined;
  readonly nowMs: number;
}

type Unmoved = MoveOperationRecord['unmoved'];

export type MoveJudgement =
  | { readonly kind: 'wait' }
  /** The deadline of a drain has passed: these are stopped now, and of them `unmoved` ran nowhere else. */
  | { readonly kind: 'expire'; readonly stop: readonly SeenContainer[]; readonly unmoved: Unmoved }
  /** These stay where they are, the others go on. */
  | { readonly kind: 'narrow'; readonly moves: readonly ContainerId[]; readonly unmoved: Unmoved }
  | { readonly kind: 'end'; readonly record: MoveOperationRecord; readonly isEmpty: boolean };

/** What its steward does next about an operation that moves containers. */
export const judgeMoves = (record: MoveOperationRecord, sight: MoveSight): MoveJudgement =>
  record.kind === 'drain' ? judgeDrain(record, sight) : judgeRebalance(record, sight);

function judgeDrain(record: MoveOperationRecord, sight: MoveSight): MoveJudgement {
  const { host, nowMs } = sight;
  const left = leftOn(record, sight);
  const isAway = host === undefined || host.status === 'dead' || host.status === 'left';
  const isEmpty = left.length === 0;
  if (record.cancelRequested === true) return ended(record, 'cancelled', isEmpty, nowMs);
  const areBlobsSafe = host?.blobsLeftBytes === 0;
  const lost = record.unmoved.filter(({ outcome }) => outcome === 'lost');
  if (isEmpty && (areBlobsSafe || host === undefined)) {
    return lost.length === 0
      ? ended(record, 'succeeded', true, nowMs)
      : failed(record, lostDetail(record, sight), true, nowMs);
  }
  if (nowMs < Date.parse(record.deadlineAt ?? '')) return { kind: 'wait' };
  if (isEmpty) return failed(record, [...lostDetail(record, sight), blobsDetail(sight)], true, nowMs);
  if (isAway) {
    const stayed = left.map((c) => unmoved(c, 'stayed', `its host is ${host?.status ?? 'gone'}`));
    return failed(
      { ...record, unmoved: stayed },
      [`${host?.name ?? 'the host'} is ${host?.status ?? 'gone'}`],
      false,
      nowMs,
    );
  }
  const known = new Set(record.unmoved.map(({ containerId }) => containerId));
  const stop = left.filter((c) => c.phase !== 'removing');
  const news = stop
    .filter((c) => !known.has(c.id) && !isReplaced(c, sight))
    .map((c) => unmoved(c, 'lost', sight.stuck.get(c.id)?.detail ?? 'no replacement worked in time'));
  return stop.length === 0 && news.length === 0
    ? { kind: 'wait' }
    : { kind: 'expire', stop, unmoved: [...record.unmoved, ...news] };
}

function judgeRebalance(record: MoveOperationRecord, sight: MoveSight): MoveJudgement {
  const left = leftOf(record, sight);
  if (record.cancelRequested === true) {
    const stayed = left.map((c) => unmoved(c, 'stayed', 'cancelled'));
    return ended({ ...record, unmoved: [...record.unmoved, ...stayed] }, 'cancelled', false, sight.nowMs);
  }
  const isLate = sight.nowMs - Date.parse(record.createdAt) > REBALANCE_MS;
  const stays = left.filter((c) => isLate || sight.stuck.has(c.id));
  const news = stays.map((c) => unmoved(c, 'stayed', sight.stuck.get(c.id)?.detail ?? 'it took too long'));
  const all = [...record.unmoved, ...news];
  const going = left.filter((c) => !stays.includes(c));
  if (going.length === 0) return ended({ ...record, unmoved: all }, 'succeeded', false, sight.nowMs);
  return news.length === 0 ? { kind: 'wait' } : { kind: 'narrow', moves: going.map(({ id }) => id), unmoved: all };
}

/** Containers that a drained host still has. One that failed holds nothing and is only told of. */
export const leftOn = (
  { hostId }: Pick<MoveOperationRecord, 'hostId'>,
  { containers }: MoveSight,
): readonly SeenContainer[] => containers.filter((c) => c.hostId === hostId && c.phase !== 'failed');

/** Containers of a rebalance that are where they were and may still go. */
export function leftOf(record: MoveOperationRecord, { containers }: MoveSight): readonly SeenContainer[] {
  const done = new Set(record.unmoved.map(({ containerId }) => containerId));
  const asked = new Set(record.moves.map(({ containerId }) => containerId).filter((id) => !done.has(id)));
  return containers.filter((c) => asked.has(c.id) && c.phase !== 'failed');
}

/** Whether another container works as the same replica. */
export const replacementOf = (container: SeenContainer, { containers }: MoveSight): SeenContainer | undefined =>
  containers.find(
    (c) =>
      c.id !== container.id &&
      c.appUid === container.appUid &&
      c.cluster === container.cluster &&
      c.replica === container.replica &&
      c.hostId !== container.hostId &&
      c.phase !== 'failed' &&
      c.phase !== 'removing',
  );

const isReplaced = (container: SeenContainer, sight: MoveSight): boolean =>
  replacementOf(container, sight)?.ready === true;

const unmoved = (container: SeenContainer, outcome: Unmoved[number]['outcome'], detail: string): Unmoved[number] => ({
  containerId: container.id,
  outcome,
  detail: detail.slice(0, 1_024),
});

function lostDetail(record: MoveOperationRecord, _sight: MoveSight): string[] {
  const lost = record.unmoved.filter(({ outcome }) => outcome === 'lost').length;
  if (lost === 0) return [];
  const what = lost === 1 ? '1 container was' : `${lost} containers were`;
  return [`${what} stopped at the deadline without a replacement`];
}

const blobsDetail = ({ host }: MoveSight): string =>
  host?.blobsLeftBytes === undefined
    ? 'whether its images are safe elsewhere is not known'
    : `${host.blobsLeftBytes} bytes of images are not on other hosts yet`;

function ended(
  record: MoveOperationRecord,
  state: 'succeeded' | 'cancelled',
  isEmpty: boolean,
  nowMs: number,
): MoveJudgement {
  const finishedAt = new Date(nowMs).toISOString();
  const problem = state === 'cancelled' ? { problem: problemOf('cancelled', 'Cancelled on request.', record.id) } : {};
  return { kind: 'end', record: { ...record, state, finishedAt, ...problem }, isEmpty };
}

function failed(record: MoveOperationRecord, why: readonly string[], isEmpty: boolean, nowMs: number): MoveJudgement {
  const problem = problemOf('drain-incomplete', `${why.join('; ')}.`, record.id);
  const finishedAt = new Date(nowMs).toISOString();
  return { kind: 'end', record: { ...record, state: 'failed', finishedAt, problem }, isEmpty };
}
