import { type HostId, newId, type OperationId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { ManifestRecord } from '../../../protocol/schemas/image.ts';
import {
  type ImageOperationRecord,
  isImageOperation,
  type OperationRecord,
} from '../../../protocol/schemas/operation.ts';
import { keys, prefixes } from '../catalog/keys.ts';
import { compareText } from '../order.ts';
import { activeMember } from './members.ts';
import { readOperation } from './operations.ts';
import { type ModelContext, type ModelView, refuse, timestamp, type Verdict } from './verdict.ts';

/** Brings an image to hosts. */
export function preheat(command: CommandOf<'image.preheat'>, view: ModelView, context: ModelContext): Verdict {
  const { repository, digest, image: reference, hosts } = command;
  if (view.get<ManifestRecord>(keys.manifest(repository, digest)) === undefined) {
    const faults = [{ pointer: '/image', detail: 'no such image' }];
    return refuse('not-found', `Repository "${repository}" has no manifest ${digest}.`, faults);
  }
  return start({ kind: 'preheat', image: { reference, repository, digest }, hosts }, view, context);
}

/** Has hosts check the blobs they store. */
export const verify = ({ hosts }: CommandOf<'image.verify'>, view: ModelView, context: ModelContext): Verdict =>
  start({ kind: 'verify', hosts }, view, context);

/** Has hosts drop the blobs that nothing needs. */
export const collect = ({ hosts, graceMs }: CommandOf<'image.gc'>, view: ModelView, context: ModelContext): Verdict =>
  start({ kind: 'collect', hosts, ...(graceMs === undefined ? {} : { graceMs }) }, view, context);

/** Asks for the end of a running operation on images. Asked again, nothing changes. */
export function cancelImageOperation(command: CommandOf<'image-operation.cancel'>, view: ModelView): Verdict {
  const key = keys.operation(command.operationId);
  const before = readOperation(view, command.operationId);
  if (before === undefined || !isImageOperation(before)) {
    return refuse('not-found', `There is no operation ${command.operationId} on images.`);
  }
  if (before.state !== 'running') return refuse('conflict', `Operation ${before.id} has ${before.state} already.`);
  const operation: ImageOperationRecord = { ...before, cancelRequested: true };
  const writes = before.cancelRequested === true ? [] : [{ key, value: operation }];
  return { ok: true, writes, body: operation, primaryKey: key, operation };
}

type Asked = Pick<ImageOperationRecord, 'kind' | 'image' | 'graceMs' | 'hosts'>;

/** A running operation that does the same is joined: the request is answered with it, and nothing is written. */
function start(wish: Asked, view: ModelView, context: ModelContext): Verdict {
  const hosts = [...new Set(wish.hosts)].sort(compareText);
  for (const hostId of hosts) {
    const member = activeMember(view, hostId);
    if (!member.ok) return { ...member, faults: [{ pointer: '/hosts', detail: `${hostId} is no member` }] };
  }
  const asked = { ...wish, hosts };
  const running = runningImageOperations(view);
  const same = running.find((operation) => isSame(operation, asked));
  if (same !== undefined) {
    return { ok: true, writes: [], body: same, primaryKey: keys.operation(same.id), operation: same };
  }
  if (running.length >= limits.imageOperations) {
    const detail = `${running.length} operations on images are running, the most there may be. Wait for one, or cancel one.`;
    return refuse('in-progress', detail);
  }
  const operation: ImageOperationRecord = {
    ...asked,
    id: newId<OperationId>('operation', context.nowMs, context.rng),
    state: 'running',
    results: [],
    createdAt: timestamp(context),
    actor: context.actorId,
    acceptedBy: context.acceptedBy,
  };
  const key = keys.operation(operation.id);
  return { ok: true, writes: [{ key, value: operation }], body: operation, primaryKey: key, operation };
}

/** Those that have not ended, oldest first. */
export const runningImageOperations = (view: Pick<ModelView, 'list'>): readonly ImageOperationRecord[] =>
  view
    .list<OperationRecord>(prefixes.operations)
    .flatMap(({ value }) => (isImageOperation(value) && value.state === 'running' ? [value] : []));

const isSame = (running: ImageOperationRecord, asked: Asked): boolean =>
  running.cancelRequested !== true &&
  running.kind === asked.kind &&
  running.image?.repository === asked.image?.repository &&
  running.image?.digest === asked.image?.digest &&
  running.graceMs === asked.graceMs &&
  isSameList(running.hosts, asked.hosts);

const isSameList = (a: readonly HostId[], b: readonly HostId[]): boolean =>
  a.length === b.length && a.every((hostId, index) => hostId === b[index]);
