import { assertNever, type Context } from '../../../agent/core/context.ts';
import { ask, type HostFacts } from '../../../agent/core/placement/ask.ts';
import { Auction } from '../../../agent/core/placement/auction.ts';
import type { AuctionEffect, AuctionOutcome, AuctionSetup } from '../../../agent/core/placement/auction-types.ts';
import { type AwardAnswer, award, expire, type Ledger, release } from '../../../agent/core/placement/ledger.ts';
import type { Ask, Award, Bid } from '../../../agent/core/placement/types.ts';
import type { HostId, ReservationId } from '../../../protocol/ids.ts';
import type { Process } from '../framework/world.ts';

type AwardCall = Pick<Award, 'reservationId' | 'appUid' | 'spec' | 'assignments'>;

/** Calls and answers of auctions; answers carry the auction, as a call's answer finds its caller. */
export type Message =
  | { readonly type: 'ask'; readonly ask: Ask }
  | { readonly type: 'bid'; readonly auctionId: string; readonly bid: Bid }
  | { readonly type: 'award'; readonly auctionId: string; readonly award: AwardCall }
  | {
      readonly type: 'award-answer';
      readonly auctionId: string;
      readonly reservationId: ReservationId;
      readonly answer: AwardAnswer;
    }
  | { readonly type: 'release'; readonly reservationId: ReservationId };

export interface HostHooks {
  readonly send: (to: string, message: Message) => void;
  readonly ended: (auctionId: string, outcome: AuctionOutcome) => void;
}

/** The shell of placement on one host, for simulations: its ledger answers, its auctions ask. */
export class HostProcess implements Process<Message> {
  readonly ledger: Ledger;
  readonly #facts: HostFacts;
  readonly #hooks: HostHooks;
  readonly #auctions = new Map<string, { readonly auction: Auction; readonly setup: AuctionSetup }>();

  constructor(ledger: Ledger, facts: HostFacts, hooks: HostHooks) {
    this.ledger = ledger;
    this.#facts = facts;
    this.#hooks = hooks;
  }

  auction(setup: AuctionSetup, context: Context): void {
    const auction = new Auction(setup);
    this.#auctions.set(setup.auctionId, { auction, setup });
    this.#carryOut(setup, auction.start(context));
  }

  tick(context: Context): void {
    expire(this.ledger, context.nowMs);
    for (const { auction, setup } of this.#auctions.values()) this.#carryOut(setup, auction.tick(context));
  }

  receive(from: string, message: Message, context: Context): void {
    switch (message.type) {
      case 'ask': {
        const bid = ask(this.ledger, message.ask, this.#facts, context);
        this.#hooks.send(from, { type: 'bid', auctionId: message.ask.auctionId, bid });
        break;
      }
      case 'award': {
        const { reservationId } = message.award;
        const answer = award(this.ledger, message.award, context.nowMs);
        this.#hooks.send(from, { type: 'award-answer', auctionId: message.auctionId, reservationId, answer });
        break;
      }
      case 'release':
        release(this.ledger, message.reservationId);
        break;
      case 'bid':
        this.#bid(from, message.auctionId, message.bid, context);
        break;
      case 'award-answer': {
        const known = this.#auctions.get(message.auctionId);
        if (known === undefined) break;
        this.#carryOut(known.setup, known.auction.awardAnswered(message.reservationId, message.answer, context));
        break;
      }
      default:
        assertNever(message);
    }
  }

  /** A bid for an auction of an earlier life is given back, as its caller's connection would be gone. */
  #bid(from: string, auctionId: string, bid: Bid, context: Context): void {
    const known = this.#auctions.get(auctionId);
    if (known !== undefined) this.#carryOut(known.setup, known.auction.bid(from as HostId, bid, context));
    else if (bid.ok) this.#hooks.send(from, { type: 'release', reservationId: bid.offer.reservationId });
  }

  #carryOut(setup: AuctionSetup, effects: readonly AuctionEffect[]): void {
    const { auctionId, requirement } = setup;
    const { appUid, image, memoryBytes, cpuMilli, ports } = requirement;
    for (const effect of effects) {
      switch (effect.type) {
        case 'ask':
          this.#hooks.send(effect.hostId, { type: 'ask', ask: effect.ask });
          break;
        case 'award': {
          const { reservationId, assignments } = effect;
          const spec = { image, memoryBytes, cpuMilli, ports: [...ports] };
          const call = { reservationId, appUid, spec, assignments };
          this.#hooks.send(effect.hostId, { type: 'award', auctionId, award: call });
          break;
        }
        case 'release':
          this.#hooks.send(effect.hostId, { type: 'release', reservationId: effect.reservationId });
          break;
        case 'ended':
          this.#auctions.delete(auctionId);
          this.#hooks.ended(auctionId, effect.outcome);
          break;
        default:
          assertNever(effect);
      }
    }
  }
}
