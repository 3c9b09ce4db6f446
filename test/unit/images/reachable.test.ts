import { describe, expect, it } from 'vitest';
import { type ReachableInput, reachable } from '../../../agent/core/images/reachable.ts';
import type { ManifestRecord } from '../../../protocol/schemas/image.ts';
import { blob, digestOf, factsOf, indexOf, recordOf } from './fixtures.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const nowMs = Date.parse('2030-02-01T00:00:00Z');
const pushed = (agoMs: number) => ({ pushedAt: new Date(nowMs - agoMs).toISOString() });

/** Numbers of the manifests that can go; all were pushed 31 days ago unless the row says otherwise. */
function unreachable(manifests: readonly ManifestRecord[], more: Partial<ReachableInput> = {}): number[] {
  const input = { manifests, tags: [], uses: [], nowMs, graceMs: 2 * HOUR_MS, ...more };
  return reachable(input).unreachable.map(({ digest }) => Number(`0x${digest.slice('sha256:'.length)}`));
}

const tag = (number: number, repository = 'team/app', agoMs = DAY_MS) => ({
  repository,
  digest: digestOf(number),
  ...pushed(agoMs),
});
const referrer = recordOf(factsOf(7, { subject: digestOf(1) }));
const upstream = { repository: 'docker.io/library/nginx' };

describe('what can go', () => {
  const rows: { name: string; manifests: ManifestRecord[]; more?: Partial<ReachableInput>; goes: number[] }[] = [
    { name: 'an untagged image', manifests: [recordOf(factsOf(1))], goes: [1] },
    { name: 'not a tagged one', manifests: [recordOf(factsOf(1))], more: { tags: [tag(1)] }, goes: [] },
    { name: 'one tagged elsewhere', manifests: [recordOf(factsOf(1))], more: { tags: [tag(1, 'team')] }, goes: [1] },
    { name: 'not a young one', manifests: [recordOf(factsOf(1), pushed(HOUR_MS))], goes: [] },
    {
      name: 'a young one without grace',
      manifests: [recordOf(factsOf(1), pushed(HOUR_MS))],
      more: { graceMs: 0 },
      goes: [1],
    },
    {
      name: 'not the images of a tagged index, nor of an index in it',
      manifests: [recordOf(indexOf(1, 2, 3)), recordOf(indexOf(2, 4)), ...[3, 4, 5].map((n) => recordOf(factsOf(n)))],
      more: { tags: [tag(1)] },
      goes: [5],
    },
    {
      name: 'not what a young index lists, however old',
      manifests: [recordOf(indexOf(1, 2), pushed(1)), recordOf(factsOf(2))],
      goes: [],
    },
    { name: 'a signature goes with its image', manifests: [recordOf(factsOf(1)), referrer], goes: [1, 7] },
    { name: 'and stays with it', manifests: [recordOf(factsOf(1)), referrer], more: { tags: [tag(1)] }, goes: [] },
    { name: 'a signature of what never came', manifests: [referrer], goes: [7] },
    {
      name: 'not what a version runs, in whatever repository',
      manifests: [recordOf(factsOf(1)), recordOf(factsOf(1), upstream), recordOf(factsOf(2))],
      more: { uses: [{ image: 'team/app:1', imageDigest: digestOf(1) }] },
      goes: [2],
    },
    {
      name: 'not what a container names by digest',
      manifests: [recordOf(factsOf(1))],
      more: { uses: [{ image: `team/app:1@${digestOf(1)}` }] },
      goes: [],
    },
    {
      name: 'an image of another registry after seven days',
      manifests: [
        recordOf(factsOf(1), { ...upstream, ...pushed(6 * DAY_MS) }),
        recordOf(factsOf(2), { ...upstream, ...pushed(8 * DAY_MS) }),
      ],
      goes: [2],
    },
  ];
  it('what a tag of another registry stood for, a month after it was asked for', () => {
    const manifests = [1, 2].map((number) => recordOf(factsOf(number), upstream));
    const tags = [tag(1, upstream.repository, 29 * DAY_MS), tag(2, upstream.repository, 31 * DAY_MS)];
    expect(unreachable(manifests, { tags })).toEqual([2]);
  });

  it.each(rows)('$name', ({ manifests, more, goes }) => {
    expect(unreachable(manifests, more)).toEqual(goes);
  });
});

it('names every blob that stays, and through which repositories', () => {
  const shared = blob(50);
  const manifests = [
    recordOf(indexOf(1, 2)),
    recordOf(factsOf(2, { layers: [shared] })),
    recordOf(factsOf(3, { layers: [shared, blob(51)] }), upstream),
    recordOf(factsOf(4, { layers: [blob(52)] })),
  ];
  const tags = [tag(1), tag(3, upstream.repository)];
  const { blobs } = reachable({ manifests, tags, uses: [{ image: `x@${digestOf(99)}` }], nowMs, graceMs: 0 });
  const own = new Set(['team/app']);
  const cached = new Set([upstream.repository]);
  expect(blobs).toEqual(
    new Map([
      [digestOf(1), own],
      [digestOf(2), own],
      [digestOf(1_002), own],
      [digestOf(50), new Set(['team/app', upstream.repository])],
      [digestOf(3), cached],
      [digestOf(1_003), cached],
      [digestOf(51), cached],
      [digestOf(99), new Set()],
    ]),
  );
});
