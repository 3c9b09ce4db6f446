import { describe, expect, it } from 'vitest';
import { buildRings, chooseNeighbours } from '../../../agent/core/membership/neighbours.ts';
import { timing } from '../../../agent/core/membership/timing.ts';
import type { HostId } from '../../../protocol/ids.ts';

const idsOf = (count: number): HostId[] => Array.from({ length: count }, (_, i) => `host-${i}` as HostId);

function neighboursOfAll(ids: readonly HostId[], isUsable: (id: HostId) => boolean, part: 'peers' | 'tree') {
  const links = new Map<HostId, readonly HostId[]>();
  for (const id of ids.filter(isUsable)) {
    const others = ids.filter((other) => other !== id);
    links.set(id, chooseNeighbours(buildRings(id, others), isUsable)[part]);
  }
  return links;
}

/** Hops from the first member to the farthest; undefined when somebody can't be reached. */
function depth(links: ReadonlyMap<HostId, readonly HostId[]>): number | undefined {
  const [first] = links.keys();
  if (first === undefined) return undefined;
  let front = [first];
  const reached = new Set(front);
  let hops = 0;
  while (front.length > 0) {
    front = front.flatMap((id) => links.get(id) ?? []).filter((id) => !reached.has(id) && reached.add(id).has(id));
    if (front.length > 0) hops += 1;
  }
  return reached.size === links.size ? hops : undefined;
}

describe('the overlay', () => {
  it('links everybody with everybody up to the limit of a full mesh', () => {
    const ids = idsOf(timing.fullMeshMembers);
    for (const peers of neighboursOfAll(ids, () => true, 'peers').values()) expect(peers).toHaveLength(ids.length - 1);
  });

  it('keeps to a few links above, chosen alike from both ends', () => {
    const links = neighboursOfAll(idsOf(200), () => true, 'peers');
    for (const [id, peers] of links) {
      expect(peers.length).toBeGreaterThanOrEqual(4);
      expect(peers.length).toBeLessThanOrEqual(2 * timing.rings);
      for (const peer of peers) expect(links.get(peer)).toContain(id);
    }
  });

  it.each([
    { name: 'everybody lives', isUsable: () => true },
    { name: 'a third is dead', isUsable: (id: HostId) => Number(id.slice(5)) % 3 !== 0 },
  ])('connects everybody in few hops, the tree links alone too: $name', ({ isUsable }) => {
    expect(depth(neighboursOfAll(idsOf(300), isUsable, 'peers'))).toBeLessThanOrEqual(5);
    expect(depth(neighboursOfAll(idsOf(300), isUsable, 'tree'))).toBeLessThanOrEqual(9);
  });

  it('replaces the dead and leaves other links alone', () => {
    const ids = idsOf(100);
    const before = neighboursOfAll(ids, () => true, 'peers');
    const dead = ids[17];
    const after = neighboursOfAll(ids, (id) => id !== dead, 'peers');
    for (const [id, peers] of after) {
      const lost = (before.get(id) ?? []).filter((peer) => !peers.includes(peer));
      expect(lost.filter((peer) => peer !== dead)).toEqual([]);
    }
  });

  it('leaves nobody alone and needs nobody when there is nobody', () => {
    expect(chooseNeighbours(buildRings('host-0' as HostId, []), () => true)).toEqual({ peers: [], tree: [] });
  });
});
