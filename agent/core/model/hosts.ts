import type { HostId } from '../../../protocol/ids.ts';
import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { HostIntent } from '../../../protocol/schemas/model.ts';
import { keys } from '../catalog/keys.ts';
import { sortedByKey } from '../order.ts';
import { activeMember, evictMember } from './members.ts';
import { type ModelContext, type ModelView, refuse, type Verdict } from './verdict.ts';

/** Merges operators' labels of a host (`null` takes one away) and sets whether it is cordoned. */
export function setHost(command: CommandOf<'host.set'>, view: ModelView): Verdict {
  const found = activeMember(view, command.hostId);
  if (!found.ok) return found;
  const key = keys.host(command.hostId);
  const before = intentOf(view, command.hostId);
  if (before.drain !== undefined && command.cordoned === false) {
    const detail = `Host "${found.member.name}" is being drained by operation ${before.drain.operationId}. Cancel that first.`;
    return refuse('conflict', detail, [{ pointer: '/cordoned', detail: 'is being drained' }]);
  }
  const merged = { ...before.labels, ...command.labels };
  const set = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null);
  const labels = sortedByKey(Object.fromEntries(set));
  if (Object.keys(labels).length > limits.labels) {
    const detail = `A host may have ${limits.labels} labels; with these it would have ${Object.keys(labels).length}.`;
    return refuse('invalid-request', detail, [{ pointer: '/labels', detail: 'too many labels' }]);
  }
  const cordoned = command.cordoned ?? before.cordoned;
  const { drainedAt, ...kept } = before;
  const intent: HostIntent = {
    ...kept,
    labels,
    cordoned,
    ...(cordoned && drainedAt !== undefined ? { drainedAt } : {}),
  };
  return { ok: true, writes: [{ key, value: intent }], body: intent, primaryKey: key };
}

/** What operators want of a host; nothing special unless they said so. */
export const intentOf = (view: Pick<ModelView, 'get'>, hostId: HostId): HostIntent =>
  view.get<HostIntent>(keys.host(hostId)) ?? { hostId, labels: {}, cordoned: false };

/** A host leaves the mesh for good. Unless forced, only one that was drained and has got nothing since. */
export function removeHost(command: CommandOf<'host.remove'>, view: ModelView, context: ModelContext): Verdict {
  const found = activeMember(view, command.hostId);
  if (!found.ok) return found;
  if (intentOf(view, command.hostId).drainedAt === undefined && command.force !== true) {
    const detail = `Host "${found.member.name}" was not drained. Drain it first, or force its removal: what runs there is lost.`;
    return refuse('conflict', detail);
  }
  return evictMember({ hostId: command.hostId, reason: 'removed' }, view, context);
}
