import { describe, expect, it } from 'vitest';
import { outlineRollout } from '../../../agent/core/rollout/outline.ts';
import { type Start, startRollout } from '../../../agent/core/rollout/rollout.ts';

/** What people are told of a rollout before it begins. */
describe('the outline of a rollout', () => {
  const outline = (replicas: number, change: Partial<Start> = {}) => {
    const start = { from: { version: 3, replicas }, replicas, policy: {}, nowMs: 0, ...change };
    return outlineRollout(
      startRollout(start),
      Array.from({ length: replicas }, (_, replica) => replica),
    );
  };

  it.each<{ name: string; replicas: number; change?: Partial<Start>; batches: number[][]; why: RegExp[] }>([
    {
      name: 'a quarter at once',
      replicas: 8,
      batches: [
        [0, 1],
        [2, 3],
        [4, 5],
        [6, 7],
      ],
      why: [/rolling: 2 of 8 replicas at once/, /start first/, /goes back to v3 .* within 5 min/],
    },
    {
      name: 'a batch that does not divide',
      replicas: 5,
      change: { policy: { batch: 3, onFailure: 'pause' } },
      batches: [
        [0, 1, 2],
        [3, 4],
      ],
      why: [/3 of 5/, /pauses/],
    },
    {
      name: 'a canary',
      replicas: 4,
      change: { canary: { count: 1 }, policy: { batch: 2 } },
      batches: [[0], [1, 2], [3]],
      why: [/first 0 as canary, then it waits for continue/],
    },
    {
      name: 'blue-green that waits',
      replicas: 3,
      change: { policy: { strategy: 'blue-green' }, hold: true },
      batches: [[0, 1, 2]],
      why: [/all 3 new replicas start beside/, /until somebody says continue/],
    },
    {
      name: 'old containers first',
      replicas: 2,
      change: { policy: { maxSurge: 0 } },
      batches: [[0], [1]],
      why: [/stop first: no replica may run in excess \(maxSurge 0\); at most 1 missing/],
    },
  ])('$name', ({ replicas, change, batches, why }) => {
    const planned = outline(replicas, change);
    expect(planned.batches).toEqual(batches);
    for (const sentence of why) expect(planned.why.join('\n')).toMatch(sentence);
  });
});
