import { Auction } from '../../../agent/core/placement/auction.ts';
import type { AuctionEffect, AuctionOutcome, AuctionSetup } from '../../../agent/core/placement/auction-types.ts';
import type { Award, Bid, Offer } from '../../../agent/core/placement/types.ts';
import type { HostId, ReservationId } from '../../../protocol/ids.ts';
import type { Refusal, RefusalRule } from '../../../protocol/schemas/operation.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { offer, requirement } from './fixtures.ts';

/** An auction under the hands of a test: what it asks, awards and releases, and what the test answers. */
export class Trial {
  readonly auction: Auction;
  nowMs = 0;
  /** Replicas asked of each host in the last step that asked. */
  asked: Record<string, number> = {};
  /** Replica numbers of each award sent, in order. */
  readonly awards: { host: string; reservationId: ReservationId; assignments: Award['assignments'] }[] = [];
  readonly released: string[] = [];
  outcome: AuctionOutcome | undefined;
  readonly #rng = makeRng(7);

  constructor(hosts: readonly string[], rest: Partial<AuctionSetup> = {}) {
    this.auction = new Auction({
      auctionId: 'a',
      auctioneer: 'me' as HostId,
      requirement: requirement(),
      replicas: [0],
      candidates: hosts.map((name) => ({ hostId: name as HostId, hostName: name, zone: '' })),
      refusals: [],
      zoneReplicas: new Map(),
      allOrNothing: true,
      ...rest,
    });
    this.#take(this.auction.start(this.#context()));
  }

  offers(host: string, slots: number, rest: Partial<Offer> = {}): void {
    this.#bid(host, { ok: true, offer: offer(host, { slots, ...rest }) });
  }

  refuses(host: string, rule: RefusalRule = 'insufficient-memory', rest: Partial<Refusal> = {}): void {
    this.#bid(host, { ok: false, refusal: refusal(host, rule, rest) });
  }

  fails(host: string): void {
    this.#take(this.auction.noAnswer(host as HostId, this.#context()));
  }

  /** Answers every award that is not answered yet. */
  claimAll(): void {
    for (const { host } of [...this.awards]) this.claims(host);
  }

  /** The host carries its last award out. */
  claims(host: string): void {
    const award = this.awards.findLast((sent) => sent.host === host);
    if (award === undefined) throw new Error(`nothing was awarded to ${host}`);
    const claims = award.assignments.map(({ containerId }) => {
      return { containerId, app: 'shop/web', appUid: 'ap_web', memoryBytes: 0, cpuMilli: 0, ports: [] };
    });
    this.#take(this.auction.awardAnswered(award.reservationId, { ok: true, claims }, this.#context()));
  }

  expired(host: string): void {
    const answer = { ok: false, reason: 'reservation-expired' } as const;
    this.#take(this.auction.awardAnswered(`rs_${host}` as ReservationId, answer, this.#context()));
  }

  /** Lets time pass in ticks of 50 ms. */
  pass(forMs: number): void {
    for (const untilMs = this.nowMs + forMs; this.nowMs < untilMs; ) {
      this.nowMs += 50;
      this.#take(this.auction.tick(this.#context()));
    }
  }

  cancel(): void {
    this.#take(this.auction.cancel(this.#context()));
  }

  #bid(host: string, bid: Bid): void {
    this.#take(this.auction.bid(host as HostId, bid, this.#context()));
  }

  #context() {
    return { nowMs: this.nowMs, rng: this.#rng };
  }

  #take(effects: readonly AuctionEffect[]): void {
    if (effects.some((effect) => effect.type === 'ask')) this.asked = {};
    for (const effect of effects) {
      if (effect.type === 'ask') this.asked[effect.hostId] = effect.ask.replicas;
      else if (effect.type === 'award') this.awards.push({ ...effect, host: effect.hostId });
      else if (effect.type === 'release') this.released.push(effect.hostId);
      else this.outcome = effect.outcome;
    }
  }
}

export const refusal = (host: string, rule: RefusalRule, rest: Partial<Refusal> = {}): Refusal => ({
  hostId: host as HostId,
  hostName: host,
  rule,
  detail: '',
  numbers: {},
  transient: false,
  ...rest,
});
