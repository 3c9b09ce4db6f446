import type { Upstream } from '../../../../test/framework/upstream.ts';

/** One way of getting an image of the upstream registry onto hosts. */
export interface Contestant {
  readonly name: string;
  /** What an engine is asked to pull. */
  reference(upstream: Upstream, repository: string): string;
}

const all: readonly Contestant[] = [
  { name: 'direct', reference: ({ address }, repository) => `${address}/${repository}` },
  { name: 'shoal', reference: ({ host }, repository) => `127.0.0.1:5000/${host}/${repository}` },
];

/** Those of BENCH_CONTESTANTS, or all. */
export const contestants = all.filter(({ name }) =>
  (process.env.BENCH_CONTESTANTS ?? 'direct,shoal').split(',').includes(name),
);
