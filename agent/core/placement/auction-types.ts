import type { ContainerId, HostId, ReservationId } from '../../../protocol/ids.ts';
import type { Decision, Refusal } from '../../../protocol/schemas/operation.ts';
import type { SpreadTarget } from './fill.ts';
import type { Candidate } from './filter.ts';
import type { AwardAnswer } from './ledger.ts';
import type { Ask, Assignment, Claim, Offer, Requirement } from './types.ts';

export interface AuctionSetup {
  /** Sorts by age: contending auctions give way to the one whose id is lower. An id of `newId` does. */
  readonly auctionId: string;
  readonly auctioneer: HostId;
  readonly requirement: Requirement;
  /** Numbers of the replicas to place, each once. */
  readonly replicas: readonly number[];
  /** In the order to ask, and why others are left out: `chooseCandidates`. */
  readonly candidates: readonly Candidate[];
  readonly refusals: readonly Refusal[];
  /** Replicas of the app in each zone as gossip has them, those of hosts that are no candidates included. */
  readonly zoneReplicas: ReadonlyMap<string, number>;
  /** The same for labels that the requirement spreads over, in its order; undefined: it spreads over zones. */
  readonly spread?: readonly SpreadTarget[] | undefined;
  /** Containers of the app that are about to go, `limits.leavingContainers` at most; the counts above are without them. */
  readonly leaving?: readonly ContainerId[] | undefined;
  /** Award nothing until there is room for every replica: a first deploy. Otherwise place what fits: healing. */
  readonly allOrNothing: boolean;
}

/** What the shell carries out. Calls may fail silently: the auction's deadlines cover that. */
export type AuctionEffect =
  | { readonly type: 'ask'; readonly hostId: HostId; readonly ask: Ask }
  /** May come again with the same content; hosts answer it alike. */
  | {
      readonly type: 'award';
      readonly hostId: HostId;
      readonly reservationId: ReservationId;
      readonly assignments: readonly Assignment[];
    }
  | { readonly type: 'release'; readonly hostId: HostId; readonly reservationId: ReservationId }
  | { readonly type: 'ended'; readonly outcome: AuctionOutcome };

/** The answer to an award, as far as an auction looks. */
export type AwardReply =
  | { readonly ok: true; readonly claims: readonly Pick<Claim, 'containerId'>[] }
  | Extract<AwardAnswer, { ok: false }>;

export interface Placement {
  readonly replica: number;
  readonly containerId: ContainerId;
  readonly hostId: HostId;
}

export interface AuctionOutcome {
  /** `placed`: nothing is missing. `unplaceable`: see `refusals`. */
  readonly kind: 'placed' | 'unplaceable' | 'cancelled';
  /** Claimed by their hosts. With `allOrNothing` an unplaceable auction has some only when a host broke its offer. */
  readonly placed: readonly Placement[];
  /**
   * Awarded without an answer: the host may have claimed them, so this auction gave them to nobody else. An award can't be
   * carried out once its reservation has expired: `RESERVATION_MS` after the outcome the host's record tells the truth.
   */
  readonly unknown: readonly Placement[];
  readonly missing: readonly number[];
  /** The last word of every host that took no (more) replicas. */
  readonly refusals: readonly Refusal[];
  /** Other auctions' reservations were in the way: another auction soon may do better. */
  readonly isTransient: boolean;
  /** One for each round, oldest first. */
  readonly decisions: readonly Decision[];
}

/** An offer that is held, and until when it may be awarded by this member's clock. */
export interface HeldOffer {
  readonly offer: Offer;
  readonly expiresAtMs: number;
}
