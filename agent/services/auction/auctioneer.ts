import { type ContainerId, type HostId, newId, type OperationId, type ReservationId } from '../../../protocol/ids.ts';
import type { Host } from '../../../protocol/schemas/host.ts';
import type { App, Cluster, Deployment } from '../../../protocol/schemas/model.ts';
import type { Affinity, Version } from '../../../protocol/schemas/version.ts';
import type { Context } from '../../core/context.ts';
import { resolvedSpec } from '../../core/model/versions.ts';
import { Auction } from '../../core/placement/auction.ts';
import type { AuctionEffect, AuctionOutcome, AwardReply } from '../../core/placement/auction-types.ts';
import { chooseCandidates } from '../../core/placement/filter.ts';
import type { Ask, Award, Bid, Requirement } from '../../core/placement/types.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { HostCalls } from '../host/host-calls.ts';
import { hostItem } from '../view/host-item.ts';
import type { MeshView } from '../view/mesh-view.ts';

const TICK_MS = 50;

/** What to place. */
export interface Wanted {
  readonly app: App;
  readonly deployment: Deployment;
  /** The one that the deployment names. */
  readonly version: Version;
  /** The cluster's rules; none for all hosts. */
  readonly selector: Cluster['selector'];
  readonly replicas: readonly number[];
  /** The one host that may have them; undefined: any. */
  readonly home?: HostId | undefined;
  /** Hosts that they leave. */
  readonly avoid?: readonly HostId[];
  /** Containers of the app that are about to go: replicas are spread as if they were gone. */
  readonly leaving?: readonly ContainerId[];
  /** Nothing is awarded until there is room for all. */
  readonly allOrNothing: boolean;
}

export interface AuctioneerParts {
  readonly hostId: HostId;
  readonly view: Pick<MeshView, 'hosts' | 'containersOf'>;
  readonly hosts: Pick<HostCalls, 'ask' | 'quote' | 'award' | 'release'>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Carries out auctions: the core decides what to ask and whom to award, this makes the calls. */
export class Auctioneer {
  readonly #parts: AuctioneerParts;
  readonly #running = new Set<() => void>();
  #isStopped = false;

  constructor(parts: AuctioneerParts) {
    this.#parts = parts;
  }

  /** Places replicas of a deployment. Ends within the core's bounds, whatever the hosts do. */
  place(wanted: Wanted): Promise<AuctionOutcome> {
    return this.#run(this.#open(wanted), headOf(wanted), this.#parts.hosts);
  }

  /** How {@link place} would end now: the same auction with the same hosts, which hold and claim nothing for it. */
  rehearse(wanted: Wanted, signal: AbortSignal): Promise<AuctionOutcome> {
    const given = new Map<HostId, readonly ContainerId[]>();
    const bidders: Bidders = {
      ask: (hostId, ask) => this.#parts.hosts.quote(hostId, { ...ask, given: given.get(hostId) ?? [] }, signal),
      award: async (hostId, { assignments: claims }) => {
        given.set(hostId, [...(given.get(hostId) ?? []), ...claims.map(({ containerId }) => containerId)]);
        return { ok: true, claims };
      },
      release: async () => {},
    };
    return this.#run(this.#open(wanted), headOf(wanted), bidders, signal);
  }

  #open(wanted: Wanted): Auction {
    const { view, hostId, clock } = this.#parts;
    const { app, deployment, version, selector } = wanted;
    const requirement = requirementOf(app, deployment, version, selector);
    const hosts = view.hosts().map((host) => hostItem(host, hostId));
    const limits = { home: wanted.home, avoid: wanted.avoid ?? [] };
    const { candidates, refusals } = chooseCandidates(hosts, requirement, { selector, ...limits }, () =>
      clock.random(),
    );
    const goes = new Set(wanted.leaving);
    const placed = view
      .containersOf(app.group, app.name)
      .filter(({ id }) => !goes.has(id))
      .map(({ hostId: at }) => hosts.find((host) => host.id === at));
    const countBy = (of: (host: Host | undefined) => string): ReadonlyMap<string, number> => {
      const counts = new Map<string, number>();
      for (const host of placed) counts.set(of(host), (counts.get(of(host)) ?? 0) + 1);
      return counts;
    };
    const spread = requirement.spread?.map((target) => ({
      ...target,
      known: countBy((host) => host?.labels[target.label] ?? ''),
    }));
    return new Auction({
      auctionId: newId('reservation', clock.nowMs(), () => clock.random()),
      auctioneer: hostId,
      requirement,
      replicas: wanted.replicas,
      candidates,
      refusals,
      zoneReplicas: countBy((host) => host?.zone ?? ''),
      spread,
      leaving: wanted.leaving,
      allOrNothing: wanted.allOrNothing,
    });
  }

  /** Ends running auctions, and every later one at once; what they held is released. */
  stop(): void {
    this.#isStopped = true;
    for (const cancel of this.#running) cancel();
  }

  #run(auction: Auction, head: AwardHead, bidders: Bidders, signal?: AbortSignal): Promise<AuctionOutcome> {
    const { clock } = this.#parts;
    const { promise, resolve } = Promise.withResolvers<AuctionOutcome>();
    // Deadlines must not feel a clock that is set back, and stamps must look like the clock's.
    const startMs = clock.nowMs() - clock.monotonicMs();
    const context = (): Context => ({ nowMs: startMs + clock.monotonicMs(), rng: () => clock.random() });
    const apply = (effects: readonly AuctionEffect[]): void => {
      for (const effect of effects) this.#carryOut(effect, { auction, head, bidders, context, apply, resolve });
    };
    const stopTicks = clock.every(TICK_MS, () => apply(auction.tick(context())));
    const cancel = () => apply(auction.cancel(context()));
    this.#running.add(cancel);
    signal?.addEventListener('abort', cancel);
    apply(this.#isStopped || signal?.aborted === true ? auction.cancel(context()) : auction.start(context()));
    return promise.finally(() => {
      stopTicks();
      this.#running.delete(cancel);
      signal?.removeEventListener('abort', cancel);
    });
  }

  #carryOut(effect: AuctionEffect, { auction, head, bidders, context, apply, resolve }: RunningAuction): void {
    const { log } = this.#parts;
    switch (effect.type) {
      case 'ask':
        // Also after the end: the core then gives back what a late offer holds.
        bidders.ask(effect.hostId, effect.ask).then(
          (bid) => apply(auction.bid(effect.hostId, bid, context())),
          (error: unknown) => {
            log.debug({ hostId: effect.hostId, error }, 'a host did not answer an ask');
            apply(auction.noAnswer(effect.hostId, context()));
          },
        );
        break;
      case 'award': {
        const award: Award = { ...head, reservationId: effect.reservationId, assignments: effect.assignments };
        // A failed call is not an answer: the core sends the award again.
        bidders.award(effect.hostId, award).then(
          (answer) => apply(auction.awardAnswered(effect.reservationId, answer, context())),
          (error: unknown) => log.debug({ hostId: effect.hostId, error }, 'a host did not answer an award'),
        );
        break;
      }
      case 'release':
        bidders
          .release(effect.hostId, effect.reservationId)
          .catch((error: unknown) => log.debug({ hostId: effect.hostId, error }, 'a release was lost; it expires'));
        break;
      case 'ended':
        resolve(effect.outcome);
        break;
    }
  }
}

/** The hosts as one auction meets them. */
interface Bidders {
  ask(hostId: HostId, ask: Ask): Promise<Bid>;
  award(hostId: HostId, award: Award): Promise<AwardReply>;
  release(hostId: HostId, reservationId: ReservationId): Promise<void>;
}

/** What the effects of one auction need. */
interface RunningAuction {
  readonly auction: Auction;
  readonly head: AwardHead;
  readonly bidders: Bidders;
  readonly context: () => Context;
  readonly apply: (effects: readonly AuctionEffect[]) => void;
  readonly resolve: (outcome: AuctionOutcome) => void;
}

type AwardHead = Omit<Award, 'reservationId' | 'assignments'>;

const headOf = ({ app, deployment, version }: Wanted): AwardHead => ({
  operationId: deployment.operationId as OperationId,
  group: app.group,
  app: app.name,
  appUid: app.uid,
  cluster: deployment.cluster,
  version: version.number,
  specHash: version.specHash,
  spec: resolvedSpec(version),
});

/** An app without a group is one of the same group. */
const wholeName = (wish: Affinity, group: string): Affinity =>
  wish.app.includes('/') ? wish : { ...wish, app: `${group}/${wish.app}` };

/** What one replica of a version needs. */
export function requirementOf(
  app: App,
  deployment: Pick<Deployment, 'cluster'>,
  version: Version,
  selector: Cluster['selector'],
): Requirement {
  const { spec } = version;
  return {
    group: app.group,
    app: app.name,
    appUid: app.uid,
    cluster: deployment.cluster,
    image: spec.image,
    ...(version.resolvedImage === undefined ? {} : { resolvedImage: version.resolvedImage }),
    memoryBytes: version.memoryBytes,
    cpuMilli: spec.cpuMilli ?? 0,
    ports: spec.ports ?? [],
    constraints: [...selector, ...(spec.constraints ?? [])],
    ...(spec.maxPerHost === undefined ? {} : { maxPerHost: spec.maxPerHost }),
    ...(spec.affinity === undefined ? {} : { affinity: spec.affinity.map((wish) => wholeName(wish, app.group)) }),
    ...(spec.spread === undefined ? {} : { spread: spec.spread }),
  };
}
