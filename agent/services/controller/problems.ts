import { problemOf } from '../../../protocol/problem.ts';
import type { Problem } from '../../../protocol/schemas/common.ts';
import type { OperationRecord } from '../../../protocol/schemas/operation.ts';
import type { AuctionOutcome } from '../../core/placement/auction-types.ts';

const MAX_HOSTS_NAMED = 20;

/** Names the rule that failed on each host, with its numbers. */
export function unplaceableProblem(outcome: AuctionOutcome, operation: OperationRecord): Problem {
  const named = outcome.refusals.slice(0, MAX_HOSTS_NAMED).map((r) => `${r.hostName}: ${r.detail}`);
  const more = outcome.refusals.length - named.length;
  const wanted = operation.replicas ?? outcome.missing.length;
  const detail = [
    `${outcome.missing.length} of ${wanted} replicas fit on no host; nothing was kept.`,
    ...named,
    ...(more > 0 ? [`and ${more} more hosts`] : []),
    ...(outcome.refusals.length === 0 ? ['No host is alive in this cluster.'] : []),
  ].join('\n');
  return problemOf('unplaceable', detail, operation.id);
}
