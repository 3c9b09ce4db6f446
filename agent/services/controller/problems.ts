import type { HostId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { App, Deployment } from '../../../protocol/schemas/model.ts';
import type { AppOperationRecord } from '../../../protocol/schemas/operation.ts';
import type { AuctionOutcome } from '../../core/placement/auction-types.ts';

const MAX_HOSTS_NAMED = 20;

/** Says how many replicas are too many, and names the rule that failed on each host with its numbers. */
export function unplaceableProblem(outcome: AuctionOutcome, operation: AppOperationRecord): Problem {
  const room = roomLeft(outcome);
  const lacking = Math.max(1, outcome.missing.length - sum(room.values()));
  const refusals = outcome.refusals.toSorted((a, b) => a.hostName.localeCompare(b.hostName, 'en', { numeric: true }));
  const named = refusals.slice(0, MAX_HOSTS_NAMED).map(({ hostId, hostName, detail }) => {
    const slots = room.get(hostId) ?? 0;
    return slots === 0 ? `${hostName}: ${detail}` : `${hostName}: takes ${slots} and no more: ${detail}`;
  });
  const more = refusals.length - named.length;
  const wanted = operation.replicas ?? outcome.missing.length;
  const detail = [
    `${lacking} of ${wanted} replicas fit on no host; nothing was kept.`,
    ...named,
    ...(more > 0 ? [`and ${more} more hosts`] : []),
    ...(refusals.length === 0 ? ['No host is alive in this cluster.'] : []),
  ].join('\n');
  return problemOf('unplaceable', detail, operation.id);
}

/** Replicas that each host offered to take in the last round and was not given, for all of them did not fit. */
function roomLeft({ decisions }: AuctionOutcome): ReadonlyMap<HostId, number> {
  const offers = decisions.at(-1)?.offers ?? [];
  return new Map(offers.map(({ hostId, slots, awarded }) => [hostId, slots - awarded]));
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, each) => total + each, 0);

/** One sentence for the timeline on replicas that should run and can't. */
export function whyUnplaced(app: App, deployment: Deployment, outcome: AuctionOutcome): string {
  const why = outcome.refusals.map((r) => `${r.hostName}: ${r.detail}`).join('; ');
  const missing = `${outcome.missing.length} of ${deployment.replicas} replicas of ${app.group}/${app.name}`;
  return `${missing} fit nowhere now. ${why}`.slice(0, 2_048);
}
