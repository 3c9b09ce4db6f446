import type { HostId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { HostTask } from '../../../protocol/schemas/host.ts';
import type { HostResult, ImageOperationRecord } from '../../../protocol/schemas/operation.ts';
import { type SeenHost, taskOf } from '../model/image-operation-view.ts';

/** A host that is away for so long has failed its part. */
const HOST_AWAY_MS = 60_000;
/** What is not done by then has failed. */
const IMAGE_OPERATION_MS = 60 * 60_000;
const HOSTS_NAMED_MAX = 20;
const DETAIL_LENGTH_MAX = 1_024;
/** Details of all results together, as JSON: a record may have 256 KiB in all. */
const DETAILS_BYTES_MAX = 64 * 1024;

export interface WatchedHost extends SeenHost {
  /** When its status changed, milliseconds since the epoch. */
  readonly sinceMs: number;
}

export interface Watch {
  /** Undefined for a host that is no member any more. */
  readonly hostOf: (hostId: HostId) => WatchedHost | undefined;
  readonly nowMs: number;
}

export type Judgement =
  /** Nothing to write; without news, to be looked at again after so long. */
  | { readonly state: 'running'; readonly againInMs: number }
  /** The record as it is to be written. */
  | { readonly state: 'ended'; readonly record: ImageOperationRecord };

type Outcome = HostResult & { readonly why?: 'away' | 'late' | 'failed' };

/**
 * Whether a running image operation has ended, by what its hosts report. It succeeds when every host did its part; a host that
 * is away for a minute, or not done after an hour, has failed its own. Asked to cancel, it ends at once.
 */
export function judgeImageOperation(record: ImageOperationRecord, watch: Watch): Judgement {
  const ageMs = watch.nowMs - Date.parse(record.createdAt);
  const outcomes: Outcome[] = [];
  let againInMs = Math.max(0, IMAGE_OPERATION_MS - ageMs);
  let open = 0;
  for (const hostId of record.hosts) {
    const host = watch.hostOf(hostId);
    const task = taskOf(host?.record, record.id);
    const outcome = outcomeOf(hostId, host, task, watch.nowMs, ageMs);
    if ('waitMs' in outcome) {
      open += 1;
      againInMs = Math.min(againInMs, outcome.waitMs);
      outcomes.push({ hostId, ok: false, detail: 'was not done', bytes: task?.bytes ?? 0 });
    } else outcomes.push(outcome);
  }
  if (open > 0 && record.cancelRequested !== true) return { state: 'running', againInMs };
  return { state: 'ended', record: concluded(record, outcomes, watch) };
}

/** What a host has finished counts, also when it is lost later. */
function outcomeOf(
  hostId: HostId,
  host: WatchedHost | undefined,
  task: HostTask | undefined,
  nowMs: number,
  ageMs: number,
): Outcome | { readonly waitMs: number } {
  const bytes = task?.bytes ?? 0;
  if (task?.state === 'done') return { hostId, ok: true, detail: task.detail, bytes };
  if (task?.state === 'failed') return { hostId, ok: false, detail: task.detail, bytes, why: 'failed' };
  if (host === undefined) return { hostId, ok: false, detail: 'is no member of the mesh any more', bytes, why: 'away' };
  if (ageMs >= IMAGE_OPERATION_MS) {
    return { hostId, ok: false, detail: `not done after ${IMAGE_OPERATION_MS / 60_000} minutes`, bytes, why: 'late' };
  }
  if (host.status === 'alive' || host.status === 'suspect') return { waitMs: Number.POSITIVE_INFINITY };
  const waitMs = HOST_AWAY_MS - (nowMs - host.sinceMs);
  return waitMs > 0
    ? { waitMs }
    : { hostId, ok: false, detail: host.status === 'left' ? 'has left' : 'is dead', bytes, why: 'away' };
}

function concluded(record: ImageOperationRecord, outcomes: readonly Outcome[], watch: Watch): ImageOperationRecord {
  const failed = outcomes.filter(({ ok }) => !ok);
  const isCancelled = record.cancelRequested === true && failed.length > 0;
  const state = isCancelled ? 'cancelled' : failed.length > 0 ? 'failed' : 'succeeded';
  const detail = isCancelled ? 'Cancelled on request.' : sentence(failed, outcomes.length, watch);
  const code = isCancelled ? 'cancelled' : codeOf(record, failed);
  return {
    ...record,
    state,
    results: bounded(outcomes),
    finishedAt: new Date(watch.nowMs).toISOString(),
    ...(failed.length === 0 ? {} : { problem: problemOf(code, detail, record.id) }),
  };
}

function sentence(failed: readonly Outcome[], total: number, { hostOf }: Watch): string {
  const named = failed
    .slice(0, HOSTS_NAMED_MAX)
    .map(({ hostId, detail }) => `${hostOf(hostId)?.name ?? hostId}: ${detail.slice(0, 200)}`);
  const more = failed.length - named.length;
  const rest = more > 0 ? [`and ${more} more hosts`] : [];
  return [`${failed.length} of ${total} hosts failed.`, ...named, ...rest].join('\n');
}

function codeOf({ kind }: ImageOperationRecord, failed: readonly Outcome[]): string {
  if (failed.every(({ why }) => why === 'away')) return 'host-unreachable';
  if (failed.every(({ why }) => why !== 'failed')) return 'timeout';
  return kind === 'preheat' ? 'image-not-found' : 'internal';
}

const utf8 = new TextEncoder();

/** Results with the details that there is room for, those of failures first. */
function bounded(outcomes: readonly Outcome[]): HostResult[] {
  const details = new Map<HostId, string>();
  let roomBytes = DETAILS_BYTES_MAX;
  for (const { hostId, detail } of [...outcomes].sort((a, b) => Number(a.ok) - Number(b.ok))) {
    const shortened = detail.slice(0, DETAIL_LENGTH_MAX).toWellFormed();
    const sizeBytes = utf8.encode(JSON.stringify(shortened)).length;
    if (sizeBytes > roomBytes) continue;
    roomBytes -= sizeBytes;
    details.set(hostId, shortened);
  }
  return outcomes.map(({ hostId, ok, bytes }) => ({ hostId, ok, detail: details.get(hostId) ?? '', bytes }));
}
