import { type ContainerId, type HostId, newId, type ReservationId } from '../../../protocol/ids.ts';
import type { Decision, Refusal } from '../../../protocol/schemas/operation.ts';
import type { Context } from '../context.ts';
import type { AuctionEffect, AuctionOutcome, AuctionSetup, AwardReply, HeldOffer, Placement } from './auction-types.ts';
import { fill } from './fill.ts';
import { CANDIDATES_MAX, type Candidate } from './filter.ts';
import { type AskTarget, describeRound, planAsks } from './rounds.ts';
import type { Assignment, Bid, Offer } from './types.ts';

export const ROUNDS_MAX = 8;
/** A round of asks ends this long after most hosts answered, or {@link ASK_MS} after its start. Milliseconds. */
export const STRAGGLERS_MS = 300;
export const ASK_MS = 2_000;
/** An award without an answer is sent again after this, {@link AWARD_ATTEMPTS} times in all. Milliseconds. */
export const AWARD_MS = 1_500;
export const AWARD_ATTEMPTS = 3;
/** Bounds of the pause after a round that failed for other auctions' reservations. Milliseconds. */
export const BACKOFF_MIN_MS = 50;
export const BACKOFF_MAX_MS = 400;
/** An offer is not awarded when it ends within this. Milliseconds. */
const EXPIRY_MARGIN_MS = 250;

/**
 * What a candidate last said. `more`: gave all it was asked for. `contended`: others' reservations are in the way.
 * `limited`: gave something and has no more. `refused`: has nothing. `silent`: no answer once. `lost`: no answer twice.
 */
type Standing = 'more' | 'contended' | 'limited' | 'refused' | 'silent' | 'lost';

interface PendingAward {
  readonly offer: Offer;
  readonly assignments: readonly Assignment[];
  attempts: number;
  againAtMs: number;
}

type Asking = {
  readonly kind: 'asking';
  readonly asked: ReadonlyMap<HostId, number>;
  readonly waiting: Set<HostId>;
  readonly startedAtMs: number;
  mostAtMs: number | undefined;
};

type Awarding = {
  readonly kind: 'awarding';
  readonly wanted: number;
  readonly offers: readonly Offer[];
  readonly lost: ReadonlyMap<HostId, string>;
  readonly pending: Map<ReservationId, PendingAward>;
};

type Phase =
  | { readonly kind: 'new' }
  | Asking
  | Awarding
  | { readonly kind: 'backing-off'; readonly untilMs: number }
  | { readonly kind: 'ended' };

/**
 * One auction, from the first ask to its outcome, as its auctioneer runs it: asks in rounds, fills the offers, awards.
 *
 * It is not stored. If the auctioneer dies, reservations expire by themselves and claims show in the hosts' records.
 * Two auctions that each hold half of what both need do not wait for each other: one that lacks something releases
 * everything before it pauses, the younger one longer.
 */
export class Auction {
  readonly #setup: AuctionSetup;
  readonly #standings = new Map<HostId, Standing>();
  readonly #held = new Map<HostId, HeldOffer>();
  readonly #refusals: Map<HostId, Refusal>;
  readonly #placed: Placement[] = [];
  readonly #unknown: Placement[] = [];
  readonly #decisions: Decision[] = [];
  #missing: readonly number[];
  #round = 0;
  #phase: Phase = { kind: 'new' };

  constructor(setup: AuctionSetup) {
    this.#setup = setup;
    this.#missing = [...setup.replicas].sort((a, b) => a - b);
    this.#refusals = new Map(setup.refusals.map((refusal) => [refusal.hostId, refusal]));
  }

  get hasEnded(): boolean {
    return this.#phase.kind === 'ended';
  }

  /** new -> asking, or ended when there is nothing to place or nobody to ask. */
  start(ctx: Context): AuctionEffect[] {
    if (this.#phase.kind !== 'new') throw new Error('an auction starts once');
    return this.#next(ctx);
  }

  /** A host answered an ask. asking -> awarding, asking, backing-off or ended when it was the last one. */
  bid(hostId: HostId, bid: Bid, ctx: Context): AuctionEffect[] {
    const phase = this.#phase;
    if (phase.kind !== 'asking' || !phase.asked.has(hostId)) return this.#releaseLate(hostId, bid);
    if (bid.ok) this.#hold(hostId, bid.offer, phase.startedAtMs);
    else this.#refuse(hostId, bid.refusal);
    phase.waiting.delete(hostId);
    return this.#closeWhenAnswered(phase, ctx);
  }

  /** An ask failed: no need to wait for its deadline. The same edges as {@link bid}. */
  noAnswer(hostId: HostId, ctx: Context): AuctionEffect[] {
    const phase = this.#phase;
    if (phase.kind !== 'asking' || !phase.waiting.delete(hostId)) return [];
    this.#silent(hostId);
    return this.#closeWhenAnswered(phase, ctx);
  }

  /**
   * A host answered an award. awarding -> asking, backing-off or ended when it was the last one.
   * Replicas without a claim are missing again. A failed call is not an answer: say nothing, the award is sent again.
   */
  awardAnswered(reservationId: ReservationId, answer: AwardReply, ctx: Context): AuctionEffect[] {
    const phase = this.#phase;
    const award = phase.kind === 'awarding' ? phase.pending.get(reservationId) : undefined;
    if (phase.kind !== 'awarding' || award === undefined) return [];
    phase.pending.delete(reservationId);
    const claimed = new Set(answer.ok ? answer.claims.map((claim) => claim.containerId) : []);
    const { hostId } = award.offer;
    for (const { replica, containerId } of award.assignments) {
      if (claimed.has(containerId)) this.#placed.push({ replica, containerId, hostId });
      else this.#missing = [...this.#missing, replica].sort((a, b) => a - b);
    }
    if (!answer.ok) this.#standings.set(hostId, answer.reason === 'reservation-expired' ? 'more' : 'refused');
    return this.#closeWhenAwarded(phase, ctx);
  }

  /** Deadlines: to be called every 100 ms or so. Any phase -> the next. */
  tick(ctx: Context): AuctionEffect[] {
    const phase = this.#phase;
    if (phase.kind === 'asking') {
      const lateAtMs = Math.min(
        phase.startedAtMs + ASK_MS,
        (phase.mostAtMs ?? Number.POSITIVE_INFINITY) + STRAGGLERS_MS,
      );
      return ctx.nowMs >= lateAtMs ? this.#closeAsking(phase, ctx) : [];
    }
    if (phase.kind === 'awarding') return this.#remindAwards(phase, ctx);
    if (phase.kind === 'backing-off' && ctx.nowMs >= phase.untilMs) return this.#openRound(ctx);
    return [];
  }

  /** Somebody no longer wants it. Any phase -> ended; awards on their way become `unknown`. */
  cancel(ctx: Context): AuctionEffect[] {
    if (this.#phase.kind === 'ended') return [];
    if (this.#phase.kind === 'awarding') {
      for (const award of this.#phase.pending.values()) this.#giveUpAward(award);
      this.#record(this.#phase, ctx);
    }
    return this.#end('cancelled');
  }

  /** asking | awarding -> asking again, backing-off or ended. */
  #next(ctx: Context): AuctionEffect[] {
    if (this.#missing.length === 0) return this.#end('placed');
    if (this.#round >= ROUNDS_MAX) return this.#giveUp(ctx);
    const standings = this.#setup.candidates.map(({ hostId }) => this.#standings.get(hostId));
    const hasHope = standings.some((said) => said === undefined || said === 'more' || said === 'silent');
    if (hasHope) return this.#openRound(ctx);
    return standings.includes('contended') ? this.#backOff(ctx) : this.#giveUp(ctx);
  }

  /** new | asking | awarding | backing-off -> asking. Each round looks at twice as many candidates as the one before. */
  #openRound(ctx: Context): AuctionEffect[] {
    const width = CANDIDATES_MAX * 2 ** this.#round;
    this.#round++;
    const { auctionId, requirement, candidates, leaving } = this.#setup;
    const targets = candidates.slice(0, width).flatMap((candidate) => this.#target(candidate));
    const asked = planAsks(targets, this.#missing.length - this.#slots(), this.#round);
    if (asked.size === 0) return this.#giveUp(ctx);
    const waiting = new Set(asked.keys());
    this.#phase = { kind: 'asking', asked, waiting, startedAtMs: ctx.nowMs, mostAtMs: undefined };
    return [...asked].map(([hostId, replicas]) => {
      const ask = { auctionId, requirement, replicas, ...(leaving === undefined ? {} : { leaving }) };
      return { type: 'ask', hostId, ask };
    });
  }

  #target({ hostId, zone }: Candidate): AskTarget[] {
    const said = this.#standings.get(hostId);
    if (said === 'refused' || said === 'lost') return [];
    const held = this.#held.get(hostId)?.offer.slots ?? 0;
    return [{ hostId, zone, held, mayGiveMore: held === 0 || said !== 'limited' }];
  }

  #closeWhenAnswered(phase: Asking, ctx: Context): AuctionEffect[] {
    if (phase.waiting.size === 0) return this.#closeAsking(phase, ctx);
    if (phase.waiting.size * 2 < phase.asked.size) phase.mostAtMs ??= ctx.nowMs;
    return [];
  }

  /** asking -> awarding when the offers will do, otherwise whatever is next. */
  #closeAsking(phase: Asking, ctx: Context): AuctionEffect[] {
    for (const hostId of phase.waiting) this.#silent(hostId);
    for (const [hostId, { expiresAtMs }] of this.#held) {
      if (expiresAtMs - EXPIRY_MARGIN_MS <= ctx.nowMs) this.#held.delete(hostId);
    }
    const slots = this.#slots();
    const isEnough = this.#setup.allOrNothing ? slots >= this.#missing.length : slots > 0;
    if (isEnough) return this.#award(ctx);
    const offers = [...this.#held.values()].map(({ offer }) => offer);
    this.#record({ wanted: this.#missing.length, offers, lost: new Map() }, ctx);
    return this.#next(ctx);
  }

  /** asking -> awarding: the best offers get the replicas, the others are released. */
  #award(ctx: Context): AuctionEffect[] {
    const { requirement, zoneReplicas, spread } = this.#setup;
    const offers = [...this.#held.values()].map(({ offer }) => offer);
    const wanted = this.#missing.length;
    const zones = new Map(zoneReplicas);
    for (const { hostId } of [...this.#placed, ...this.#unknown]) {
      const zone = this.#setup.candidates.find((candidate) => candidate.hostId === hostId)?.zone ?? '';
      zones.set(zone, (zones.get(zone) ?? 0) + 1);
    }
    const { memoryBytes } = requirement;
    const { hosts, lost } = fill({
      ...{ offers, replicas: wanted, memoryBytes, zoneReplicas: zones, rng: ctx.rng },
      ...(spread === undefined ? {} : { spread }),
    });
    const assignments = new Map<HostId, Assignment[]>();
    for (const [index, hostId] of hosts.entries()) {
      const containerId = newId<ContainerId>('container', ctx.nowMs, ctx.rng);
      const replica = this.#missing[index];
      if (replica === undefined) break;
      assignments.set(hostId, [...(assignments.get(hostId) ?? []), { containerId, replica }]);
    }
    this.#missing = this.#missing.slice(hosts.length);

    const pending = new Map<ReservationId, PendingAward>();
    for (const offer of offers) {
      const assigned = assignments.get(offer.hostId);
      if (assigned === undefined) continue;
      pending.set(offer.reservationId, { offer, assignments: assigned, attempts: 1, againAtMs: ctx.nowMs + AWARD_MS });
      this.#held.delete(offer.hostId);
    }
    this.#phase = { kind: 'awarding', wanted, offers, lost, pending };
    return [...[...pending.values()].map(toAward), ...this.#releaseAll()];
  }

  /** Sends unanswered awards again; gives up those that stay so. An award is ambiguous until it is answered. */
  #remindAwards(phase: Awarding, ctx: Context): AuctionEffect[] {
    const effects: AuctionEffect[] = [];
    for (const [reservationId, award] of phase.pending) {
      if (ctx.nowMs < award.againAtMs) continue;
      if (award.attempts >= AWARD_ATTEMPTS) {
        phase.pending.delete(reservationId);
        this.#giveUpAward(award);
        continue;
      }
      award.attempts++;
      award.againAtMs = ctx.nowMs + AWARD_MS;
      effects.push(toAward(award));
    }
    return [...effects, ...this.#closeWhenAwarded(phase, ctx)];
  }

  #giveUpAward({ offer: { hostId }, assignments }: PendingAward): void {
    this.#standings.set(hostId, 'lost');
    for (const { replica, containerId } of assignments) this.#unknown.push({ replica, containerId, hostId });
  }

  #closeWhenAwarded(phase: Awarding, ctx: Context): AuctionEffect[] {
    if (phase.pending.size > 0) return [];
    this.#record(phase, ctx);
    return this.#next(ctx);
  }

  /** asking | awarding -> backing-off, holding nothing. An auction that met an older one waits longer. */
  #backOff(ctx: Context): AuctionEffect[] {
    const isYounger = [...this.#refusals.values()].some(({ numbers }) => (numbers.olderAuctions ?? 0) > 0);
    const half = (BACKOFF_MAX_MS - BACKOFF_MIN_MS) / 2;
    const pauseMs = BACKOFF_MIN_MS + (isYounger ? half : 0) + ctx.rng() * half;
    this.#phase = { kind: 'backing-off', untilMs: ctx.nowMs + pauseMs };
    return this.#releaseAll();
  }

  /** Any phase -> ended. When nobody was worth asking, that is the decision. */
  #giveUp(ctx: Context): AuctionEffect[] {
    if (this.#decisions.length === 0) {
      this.#record({ wanted: this.#missing.length, offers: [], lost: new Map() }, ctx);
    }
    return this.#end('unplaceable');
  }

  #end(kind: AuctionOutcome['kind']): AuctionEffect[] {
    this.#phase = { kind: 'ended' };
    const refusals = [...this.#refusals.values()];
    const outcome: AuctionOutcome = {
      kind,
      placed: this.#placed,
      unknown: this.#unknown,
      missing: this.#missing,
      refusals,
      isTransient: refusals.some((refusal) => refusal.transient),
      decisions: this.#decisions,
    };
    return [...this.#releaseAll(), { type: 'ended', outcome }];
  }

  /** Notes a round; what it awarded is what has been placed since the last one. */
  #record({ wanted, offers, lost }: Pick<Awarding, 'wanted' | 'offers' | 'lost'>, ctx: Context): void {
    const before = new Set(this.#decisions.flatMap(({ placed }) => placed.map(({ containerId }) => containerId)));
    const placed = [...this.#placed, ...this.#unknown].filter(({ containerId }) => !before.has(containerId));
    const refusals = [...this.#refusals.values()];
    const { auctioneer } = this.#setup;
    this.#decisions.push(describeRound({ nowMs: ctx.nowMs, auctioneer, wanted, offers, refusals, lost, placed }));
  }

  /** The reservation may be as old as the ask. */
  #hold(hostId: HostId, offer: Offer, askedAtMs: number): void {
    this.#held.set(hostId, { offer: { ...offer, hostId }, expiresAtMs: askedAtMs + offer.expiresInMs });
    const { limitedBy } = offer;
    this.#standings.set(hostId, limitedBy === undefined ? 'more' : limitedBy.transient ? 'contended' : 'limited');
    if (limitedBy === undefined) this.#refusals.delete(hostId);
    else this.#refusals.set(hostId, limitedBy);
  }

  #refuse(hostId: HostId, refusal: Refusal): void {
    this.#held.delete(hostId);
    this.#standings.set(hostId, refusal.transient ? 'contended' : 'refused');
    this.#refusals.set(hostId, { ...refusal, hostId });
  }

  #silent(hostId: HostId): void {
    this.#standings.set(hostId, this.#standings.get(hostId) === 'silent' ? 'lost' : 'silent');
    const hostName = this.#setup.candidates.find((candidate) => candidate.hostId === hostId)?.hostName ?? '';
    const detail = 'the host did not answer in time';
    // A busy host may answer next time; one that is dead is known as such before long.
    this.#refusals.set(hostId, { hostId, hostName, rule: 'no-answer', detail, numbers: {}, transient: true });
  }

  /** A bid that came too late, or twice: what it reserved is given back unless it is the reservation in use. */
  #releaseLate(hostId: HostId, bid: Bid): AuctionEffect[] {
    if (!bid.ok) return [];
    const { reservationId } = bid.offer;
    const isHeld = this.#held.get(hostId)?.offer.reservationId === reservationId;
    const isAwarded = this.#phase.kind === 'awarding' && this.#phase.pending.has(reservationId);
    return isHeld || isAwarded ? [] : [{ type: 'release', hostId, reservationId }];
  }

  #releaseAll(): AuctionEffect[] {
    const releases = [...this.#held].map(
      ([
        hostId,
        {
          offer: { reservationId },
        },
      ]): AuctionEffect => {
        return { type: 'release', hostId, reservationId };
      },
    );
    this.#held.clear();
    return releases;
  }

  #slots(): number {
    return [...this.#held.values()].reduce((sum, { offer }) => sum + offer.slots, 0);
  }
}

const toAward = ({ offer: { hostId, reservationId }, assignments }: PendingAward): AuctionEffect => {
  return { type: 'award', hostId, reservationId, assignments };
};
