import type { HostId } from '../../../protocol/ids.ts';
import { compareHash, hash64 } from '../hash.ts';
import { timing } from './timing.ts';

/**
 * All members in several circles, each in its own pseudo-random order. Neighbours are those next to oneself: everyone
 * who has the same view chooses the same links, from both ends, without a word; each circle alone connects everybody,
 * and a few together make a random regular graph, whose diameter is logarithmic. When a member goes, its two
 * neighbours on a circle become each other's, and nothing else changes.
 */
export interface Rings {
  readonly self: HostId;
  readonly circles: readonly { readonly order: readonly HostId[]; readonly selfAt: number }[];
}

/** Links a member keeps open, and those of them that carry the broadcast tree until it prunes itself. */
export interface Neighbours {
  readonly peers: readonly HostId[];
  readonly tree: readonly HostId[];
}

/** Puts everybody on the circles. O(n log n); done when members are admitted or evicted. */
export function buildRings(self: HostId, others: readonly HostId[]): Rings {
  const circles = Array.from({ length: timing.rings }, (_, ring) => {
    const places = [self, ...others].sort().map((hostId) => ({ hostId, at: hash64(hostId, ring) }));
    places.sort((a, b) => compareHash(a.at, b.at));
    const order = places.map((place) => place.hostId);
    return { order, selfAt: order.indexOf(self) };
  });
  return { self, circles };
}

/** The next usable member on a circle in one direction, or undefined when there is none. */
function nextOn(
  order: readonly HostId[],
  from: number,
  step: 1 | -1,
  isUsable: (hostId: HostId) => boolean,
): HostId | undefined {
  for (let steps = 1; steps < order.length; steps++) {
    const candidate = order[(from + step * steps + order.length * steps) % order.length];
    if (candidate !== undefined && isUsable(candidate)) return candidate;
  }
  return undefined;
}

/** Both neighbours on each of the first `count` circles. */
function onRings(rings: Rings, isUsable: (hostId: HostId) => boolean, count: number): HostId[] {
  const found = new Set<HostId>();
  for (const { order, selfAt } of rings.circles.slice(0, count)) {
    for (const step of [1, -1] as const) {
      const next = nextOn(order, selfAt, step, isUsable);
      if (next !== undefined) found.add(next);
    }
  }
  return [...found];
}

/**
 * Everybody usable in a mesh of up to `timing.fullMeshMembers`, the ring neighbours in a larger one. The number of
 * admitted members decides, not that of the living, so that a death does not make everybody dial everybody.
 */
export function chooseNeighbours(rings: Rings, isUsable: (hostId: HostId) => boolean): Neighbours {
  const tree = onRings(rings, isUsable, timing.treeRings);
  const everybody = rings.circles[0]?.order ?? [];
  const peers =
    everybody.length <= timing.fullMeshMembers
      ? everybody.filter((hostId) => hostId !== rings.self && isUsable(hostId))
      : onRings(rings, isUsable, timing.rings);
  return { peers: peers.sort(), tree };
}
