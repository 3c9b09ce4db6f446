import { limits } from '../../../protocol/limits.ts';
import type { CommandOf } from '../../../protocol/schemas/commands.ts';
import type { HostIntent } from '../../../protocol/schemas/model.ts';
import { keys } from '../catalog/keys.ts';
import { sortedByKey } from '../order.ts';
import { activeMember } from './members.ts';
import { type ModelView, refuse, type Verdict } from './verdict.ts';

/** Merges operators' labels of a host (`null` takes one away) and sets whether it is cordoned. */
export function setHost(command: CommandOf<'host.set'>, view: ModelView): Verdict {
  const found = activeMember(view, command.hostId);
  if (!found.ok) return found;
  const key = keys.host(command.hostId);
  const before = view.get<HostIntent>(key) ?? { hostId: command.hostId, labels: {}, cordoned: false };
  const merged = { ...before.labels, ...command.labels };
  const kept = Object.entries(merged).filter((entry): entry is [string, string] => entry[1] !== null);
  const labels = sortedByKey(Object.fromEntries(kept));
  if (Object.keys(labels).length > limits.labels) {
    const detail = `A host may have ${limits.labels} labels; with these it would have ${Object.keys(labels).length}.`;
    return refuse('invalid-request', detail, [{ pointer: '/labels', detail: 'too many labels' }]);
  }
  const intent: HostIntent = { ...before, labels, cordoned: command.cordoned ?? before.cordoned };
  return { ok: true, writes: [{ key, value: intent }], body: intent, primaryKey: key };
}
