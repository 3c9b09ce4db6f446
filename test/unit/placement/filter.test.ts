import { describe, expect, it } from 'vitest';
import { CANDIDATES_MAX, chooseCandidates, type HostView } from '../../../agent/core/placement/filter.ts';
import type { HostId } from '../../../protocol/ids.ts';
import { makeRng } from '../../sim/framework/rng.ts';
import { MiB, requirement } from './fixtures.ts';

const capacity = {
  memoryBytes: 4_096 * MiB,
  reserveBytes: 0,
  unmanagedBytes: 0,
  allocatableBytes: 4_096 * MiB,
  promisedBytes: 0,
  heldBytes: 0,
  cpuMilli: 4_000,
  promisedCpuMilli: 0,
};

const host = (name: string, rest: Partial<HostView> = {}): HostView => ({
  id: name as HostId,
  name,
  status: 'alive',
  zone: '',
  cordoned: false,
  labels: { env: 'prod' },
  engine: { state: 'ready', version: '29' },
  capacity,
  containers: 0,
  ...rest,
});

const hosts = (count: number, make: (index: number) => Partial<HostView> = () => ({})): HostView[] =>
  Array.from({ length: count }, (_, index) => host(`h${String(index).padStart(3, '0')}`, make(index)));

const selector = [{ label: 'env', op: '==' as const, values: ['prod'] }];
const needs = requirement({
  cpuMilli: 1_000,
  cluster: 'prod',
  constraints: [...selector, { label: 'gpu', op: '!=', values: ['old'] }],
});
const choose = (list: readonly HostView[], seed = 1) => chooseCandidates(list, needs, { selector }, makeRng(seed));

describe('a host is left out by gossip', () => {
  it.each([
    { rule: 'not-alive', view: { status: 'dead' }, detail: 'the host is dead' },
    { rule: 'not-alive', view: { status: 'left' }, detail: 'the host is left' },
    { rule: 'cordoned', view: { cordoned: true }, detail: 'the host is cordoned: it gets no new containers' },
    {
      rule: 'not-in-cluster',
      view: { labels: { env: 'test' } },
      detail: 'cluster prod needs env == prod, the host has test',
    },
    {
      rule: 'constraint',
      view: { labels: { env: 'prod', gpu: 'old' } },
      detail: 'needs gpu != old, the host has old',
    },
    {
      rule: 'engine-unreachable',
      view: { engine: { state: 'unreachable', version: '' } },
      detail: 'the Docker engine does not answer',
    },
  ] as const)('$rule: $detail', ({ rule, view, detail }) => {
    const { candidates, refusals } = choose([host('a'), host('b', view)]);
    expect(candidates.map((candidate) => candidate.hostName)).toEqual(['a']);
    expect(refusals).toMatchObject([{ hostName: 'b', rule, detail, transient: false }]);
  });
});

describe('candidates', () => {
  it('are all hosts that may help, suspected ones included', () => {
    const { candidates, refusals } = choose([host('a'), host('b', { status: 'suspect' })]);
    expect(candidates.map((candidate) => candidate.hostName).sort()).toEqual(['a', 'b']);
    expect(refusals).toEqual([]);
  });

  it.each([
    { name: 'memory', full: { capacity: { ...capacity, promisedBytes: 4_000 * MiB } }, rule: 'insufficient-memory' },
    { name: 'CPU', full: { capacity: { ...capacity, promisedCpuMilli: 3_500 } }, rule: 'insufficient-cpu' },
    { name: 'places', full: { containers: 1_000 }, rule: 'too-many-containers' },
  ])('come last when they look full of $name, for gossip may be behind', ({ full, rule }) => {
    const { candidates, refusals } = choose([host('a', full), host('b'), host('c', full)]);
    expect(candidates[0]?.hostName).toBe('b');
    expect(candidates).toHaveLength(3);
    expect(refusals).toMatchObject([
      { hostName: 'a', rule },
      { hostName: 'c', rule },
    ]);
  });

  it('that look full for what is merely held are asked as any other', () => {
    const { refusals } = choose([host('a', { capacity: { ...capacity, heldBytes: 4_096 * MiB } })]);
    expect(refusals).toEqual([]);
  });

  it('that look full are few in a large mesh', () => {
    const full = hosts(200, () => ({ capacity: { ...capacity, promisedBytes: 4_096 * MiB } }));
    expect(choose(full).candidates).toHaveLength(CANDIDATES_MAX);
  });

  it('of a small zone are among the first asked in a large mesh', () => {
    const uneven = hosts(200, (index) => ({ zone: index < 2 ? 'small' : 'large' }));
    const first = choose(uneven).candidates.slice(0, CANDIDATES_MAX);
    expect(first.filter((candidate) => candidate.zone === 'small')).toHaveLength(2);
  });

  it('with memory to spare tend to come first, and differ from one auctioneer to the next', () => {
    const half = hosts(200, (index) => ({
      capacity: { ...capacity, promisedBytes: index % 2 === 0 ? 3_000 * MiB : 0 },
    }));
    const roomy = (seed: number) => {
      const first = choose(half, seed).candidates.slice(0, CANDIDATES_MAX);
      return first.filter((candidate) => Number(candidate.hostName.slice(1)) % 2 === 1);
    };
    expect(roomy(1).length).toBeGreaterThan(CANDIDATES_MAX / 2);
    expect(roomy(1)).not.toEqual(roomy(2));
  });
});
