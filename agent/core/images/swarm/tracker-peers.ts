import type { HostId } from '../../../../protocol/ids.ts';
import { compareText, pickSome } from '../../order.ts';
import { trackerBounds } from './bounds.ts';
import { holdersOf, type Participant, type Swarm, type TrackerState } from './tracker-state.ts';

/**
 * Peers for one participant: a few that have it whole, the host that fetches for a bounded number of them, then participants,
 * those first that were named least, so that all get about as many neighbours; of its zone first, but always some of others:
 * otherwise each zone would wait for pieces of the other one.
 */
export function peersFor(state: TrackerState, swarm: Swarm, asker: Participant, rng: () => number): readonly HostId[] {
  const { peers, holdersNamed } = trackerBounds;
  const { hostId } = asker;
  const holders = holdersOf(state, swarm).filter((holder) => holder !== hostId && !swarm.participants.has(holder));
  const named = pickSome([...holders].sort(compareText), holdersNamed, rng);
  if (isNeighbourOfSeed(state, swarm, hostId)) named.push(state.self);
  const others = [...swarm.participants.values()].filter((one) => one.hostId !== hostId && !named.includes(one.hostId));
  const isSeedFull = swarm.lease !== undefined;
  const wanted = others.filter((one) => one.hostId !== state.self || !isSeedFull);
  const chosen = leastNamed(wanted, asker.zone, peers - named.length, rng);
  for (const participant of chosen) participant.named += 1;
  return [...named, ...chosen.map((participant) => participant.hostId)];
}

/** The same ones always, so that the fetching host is not asked by more and more. */
function isNeighbourOfSeed(state: TrackerState, swarm: Swarm, hostId: HostId): boolean {
  if (swarm.lease === undefined || hostId === state.self) return false;
  if (swarm.seedNeighbours.has(hostId)) return true;
  if (swarm.seedNeighbours.size >= trackerBounds.seedNeighbours) return false;
  swarm.seedNeighbours.add(hostId);
  return true;
}

function leastNamed(all: readonly Participant[], zone: string, count: number, rng: () => number): Participant[] {
  const order = all
    .map((participant) => ({ participant, chance: rng() }))
    .sort((a, b) => a.participant.named - b.participant.named || a.chance - b.chance)
    .map(({ participant }) => participant);
  const near = order.filter((participant) => participant.zone === zone);
  const far = order.filter((participant) => participant.zone !== zone);
  const farCount = Math.max(count - near.length, Math.min(far.length, trackerBounds.otherZonesNamed));
  return [...near.slice(0, Math.max(0, count - farCount)), ...far.slice(0, farCount)];
}
