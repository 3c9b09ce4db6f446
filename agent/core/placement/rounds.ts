import type { HostId } from '../../../protocol/ids.ts';
import type { Decision, Refusal } from '../../../protocol/schemas/operation.ts';
import { compareText } from '../order.ts';
import type { Placement } from './auction-types.ts';
import type { Offer } from './types.ts';

/** Refusals kept in one decision, so that its record stays small in a large mesh. */
const DECISION_REFUSALS_MAX = 64;

export interface AskTarget {
  readonly hostId: HostId;
  readonly zone: string;
  /** Slots this auction holds there. */
  readonly held: number;
  /** False when it said already that it has no more than it offered. */
  readonly mayGiveMore: boolean;
}

/**
 * How many replicas to ask each host for, including what is held there: asking again renews that.
 *
 * First its share of its zone's share, and one to spare, so that a small demand does not lock up every host for others; twice
 * that in the second round, everything from the third on. Hosts with nothing to give or renew are left out.
 *
 * @param lacking replicas for which nothing is held yet
 */
export function planAsks(targets: readonly AskTarget[], lacking: number, round: number): Map<HostId, number> {
  const perZone = new Map<string, number>();
  for (const { zone, mayGiveMore } of targets) if (mayGiveMore) perZone.set(zone, (perZone.get(zone) ?? 0) + 1);
  const asks = new Map<HostId, number>();
  for (const { hostId, zone, held, mayGiveMore } of targets) {
    const share = Math.ceil(lacking / perZone.size / (perZone.get(zone) ?? 1)) + 1;
    const more = round >= 3 ? lacking : Math.min(lacking, share * round);
    const replicas = held + (mayGiveMore ? more : 0);
    if (replicas > 0) asks.set(hostId, replicas);
  }
  return asks;
}

export interface RoundRecord {
  readonly nowMs: number;
  readonly auctioneer: HostId;
  readonly wanted: number;
  readonly offers: readonly Offer[];
  readonly refusals: readonly Refusal[];
  /** Why hosts that offered got nothing. */
  readonly lost: ReadonlyMap<HostId, string>;
  /** What was awarded and not refused. */
  readonly placed: readonly Placement[];
}

/** The record of one round as people read it. */
export function describeRound({ nowMs, auctioneer, wanted, offers, refusals, lost, placed }: RoundRecord): Decision {
  const byName = [...offers].sort((a, b) => compareText(a.hostName, b.hostName));
  const outscored = byName.flatMap((offer): Refusal[] => {
    const detail = lost.get(offer.hostId);
    if (detail === undefined) return [];
    const { hostId, hostName } = offer;
    return [{ hostId, hostName, rule: 'lower-score', detail, numbers: {}, transient: false }];
  });
  return {
    at: new Date(nowMs).toISOString(),
    auctioneer,
    wanted,
    offers: byName.map(({ reservationId: _, expiresInMs: __, limitedBy: ___, ...offer }) => {
      return { ...offer, awarded: placed.filter(({ hostId }) => hostId === offer.hostId).length };
    }),
    refusals: [...outscored, ...refusals].slice(0, DECISION_REFUSALS_MAX),
    placed: [...placed],
  };
}
