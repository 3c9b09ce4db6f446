import type { HostId } from '../../../protocol/ids.ts';
import type { OfferView } from '../../../protocol/schemas/operation.ts';
import type { PlannedAuction } from '../../../protocol/schemas/plan.ts';
import type { AuctionOutcome } from './auction-types.ts';

/** A rehearsed auction for people: the last word of every host, and where each replica would go. */
export function plannedAuction(version: number, wanted: readonly number[], outcome: AuctionOutcome): PlannedAuction {
  const { decisions, placed, missing, refusals } = outcome;
  const offers = new Map<HostId, OfferView>();
  for (const offer of decisions.flatMap((round) => round.offers)) {
    const awarded = (offers.get(offer.hostId)?.awarded ?? 0) + offer.awarded;
    offers.set(offer.hostId, { ...offer, awarded });
  }
  // Why a host takes no more than it gets matters only while something is missing.
  const isTold = (hostId: HostId): boolean => missing.length > 0 || (offers.get(hostId)?.awarded ?? 0) === 0;
  const outscored = decisions.at(-1)?.refusals.filter(({ rule }) => rule === 'lower-score') ?? [];
  return {
    version,
    wanted: [...wanted],
    placed: placed
      .map(({ replica, hostId }) => ({ replica, hostId, hostName: offers.get(hostId)?.hostName ?? hostId }))
      .sort((a, b) => a.replica - b.replica),
    offers: [...offers.values()],
    refusals: [...outscored, ...refusals].filter(({ hostId }) => isTold(hostId)),
  };
}
