import { describe, expect, it } from 'vitest';
import { match } from '../../../agent/core/placement/constraints.ts';
import { fill, type SpreadTarget } from '../../../agent/core/placement/fill.ts';
import { planRebalance, type RebalanceContainer, type RebalanceHost } from '../../../agent/core/placement/rebalance.ts';
import type { ContainerId, HostId } from '../../../protocol/ids.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { MiB, offer } from './fixtures.ts';

/** How many of `replicas` each value of the label gets. */
function shares(values: readonly string[], replicas: number, target: Partial<SpreadTarget> = {}) {
  const offers = values.map((value, index) => offer(`h${index}`, { slots: 100, spreadValues: [value] }));
  const spread = [{ label: 'class', known: new Map(), ...target }];
  const zoneReplicas = new Map();
  const { hosts } = fill({ offers, replicas, memoryBytes: MiB, zoneReplicas, spread, rng: makeRng(1) });
  const counts: Record<string, number> = {};
  for (const host of hosts) {
    const value = values[Number(host.slice(1))] ?? '';
    counts[value] = (counts[value] ?? 0) + 1;
  }
  return counts;
}

describe('spread over a label', () => {
  it('is even, however many hosts each value has', () => {
    expect(shares(['a', 'a', 'a', 'b'], 8)).toEqual({ a: 4, b: 4 });
  });
  it('follows weights', () => {
    expect(shares(['big', 'small'], 8, { weights: { big: 3, small: 1 } })).toEqual({ big: 6, small: 2 });
  });
  it('counts what runs already', () => {
    expect(shares(['a', 'b'], 2, { known: new Map([['a', 4]]) })).toEqual({ b: 2 });
  });
  it('uses a value without a weight only when there is no other', () => {
    expect(shares(['a', 'b'], 4, { weights: { a: 1 } })).toEqual({ a: 4 });
    expect(shares(['b'], 2, { weights: { a: 1 } })).toEqual({ b: 2 });
  });
});

describe('a comparison of labels', () => {
  it.each([
    ['cores >= 16', '16', true],
    ['cores >= 16', '9', false],
    ['cores > 9', '16', true],
    ['cores < 16', '9', true],
    ['cores <= 16', '17', false],
    ['cores >= 16', undefined, false],
    ['cores >= 16', 'many', false],
  ] as const)('%s with %s', (rule, value, isFit) => {
    const [label = '', op, wanted = ''] = rule.split(' ');
    const labels: Record<string, string> = value === undefined ? {} : { cores: value };
    expect(match(labels, [{ label, op: op as '>=', values: [wanted] }]).ok).toBe(isFit);
  });
});

describe('planRebalance', () => {
  const host = (name: string, promised: number, zone = ''): RebalanceHost => ({
    hostId: name as HostId,
    hostName: name,
    zone,
    allocatableBytes: 1_000,
    promisedBytes: promised,
  });
  const of = (id: string, at: string, app: string, memoryBytes: number): RebalanceContainer => ({
    containerId: id as ContainerId,
    hostId: at as HostId,
    spreadKey: app,
    memoryBytes,
    fits: () => true,
  });
  const ids = (moves: readonly { containerId: ContainerId }[]) => moves.map(({ containerId }) => containerId);

  it('leaves alone what is even', () => {
    expect(
      planRebalance([host('a', 100), host('b', 100)], [of('1', 'a', 'x', 100), of('2', 'b', 'x', 100)], 10),
    ).toEqual([]);
  });
  it('spreads an app over zones before hosts', () => {
    const hosts = [host('a', 200, 'z1'), host('b', 200, 'z1'), host('c', 0, 'z2')];
    const containers = ['1', '2']
      .map((id) => of(id, 'a', 'x', 100))
      .concat(['3', '4'].map((id) => of(id, 'b', 'x', 100)));
    const moves = planRebalance(hosts, containers, 10);
    expect(moves.slice(0, 1).map(({ why }) => why)).toEqual([expect.stringMatching(/zone z1 runs 4/)]);
    expect(moves).toHaveLength(2);
  });
  it('evens memory out when apps are spread, and leaves it at that', () => {
    const hosts = [host('a', 900), host('b', 100)];
    const containers = [of('1', 'a', 'x', 300), of('2', 'a', 'y', 300), of('3', 'a', 'z', 300), of('4', 'b', 'w', 100)];
    expect(planRebalance(hosts, containers, 10)).toHaveLength(1);
  });
  it('moves nothing where its rules do not let it, nor where there is no room, nor more than asked', () => {
    const hosts = [host('a', 400), host('b', 0)];
    const all = ['1', '2', '3', '4'].map((id) => of(id, 'a', 'x', 100));
    expect(
      planRebalance(
        hosts,
        all.map((c) => ({ ...c, fits: () => false })),
        10,
      ),
    ).toEqual([]);
    expect(planRebalance([host('a', 400), host('b', 950)], all, 10)).toEqual([]);
    expect(ids(planRebalance(hosts, all, 1))).toEqual(['1']);
    expect(planRebalance(hosts, all, 10)).toHaveLength(2);
  });
});
