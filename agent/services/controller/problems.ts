import type { HostId } from '../../../protocol/ids.ts';
import { problemOf } from '../../../protocol/problem.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { OperationRecord } from '../../../protocol/schemas/operation.ts';
import type { AuctionOutcome } from '../../core/placement/auction-types.ts';

const MAX_HOSTS_NAMED = 20;

/** Says how many replicas are too many, and names the rule that failed on each host with its numbers. */
export function unplaceableProblem(outcome: AuctionOutcome, operation: OperationRecord): Problem {
  const room = roomLeft(outcome);
  const lacking = Math.max(1, outcome.missing.length - sum(room.values()));
  const named = outcome.refusals.slice(0, MAX_HOSTS_NAMED).map(({ hostId, hostName, detail }) => {
    const slots = room.get(hostId) ?? 0;
    return slots === 0 ? `${hostName}: ${detail}` : `${hostName}: takes ${slots} and no more: ${detail}`;
  });
  const more = outcome.refusals.length - named.length;
  const wanted = operation.replicas ?? outcome.missing.length;
  const detail = [
    `${lacking} of ${wanted} replicas fit on no host; nothing was kept.`,
    ...named,
    ...(more > 0 ? [`and ${more} more hosts`] : []),
    ...(outcome.refusals.length === 0 ? ['No host is alive in this cluster.'] : []),
  ].join('\n');
  return problemOf('unplaceable', detail, operation.id);
}

/** Replicas that each host offered to take in the last round and was not given, for all of them did not fit. */
function roomLeft({ decisions }: AuctionOutcome): ReadonlyMap<HostId, number> {
  const offers = decisions.at(-1)?.offers ?? [];
  return new Map(offers.map(({ hostId, slots, awarded }) => [hostId, slots - awarded]));
}

const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, each) => total + each, 0);
