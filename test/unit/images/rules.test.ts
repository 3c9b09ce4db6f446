import { describe, expect, it } from 'vitest';
import { holdersOf } from '../../../agent/core/images/holders.ts';
import { manifestsOf, tagsOf } from '../../../agent/core/images/records.ts';
import { matchesGlob, tagsToDelete } from '../../../agent/core/images/retention.ts';
import { blobsOf, reachedFrom, sizeOfDifferent } from '../../../agent/core/images/sizes.ts';
import type { HostId } from '../../../protocol/ids.ts';
import type { Retention } from '../../../protocol/schemas/image.ts';
import { World } from '../model/world.ts';
import { blob, digestOf, factsOf, indexOf } from './fixtures.ts';

const member = (name: string, zone: string) => ({ hostId: name as HostId, zone });

/** Shows that copies of a blob go to different zones while there are any, and are as many as there can be. */
describe('holders of a blob', () => {
  const members = [member('a1', 'a'), member('a2', 'a'), member('a3', 'a'), member('b1', 'b'), member('b2', 'b')];
  const zoneOf = (hostId: HostId) => members.find((one) => one.hostId === hostId)?.zone;

  it.each([1, 2, 3, 4, 5, 6, 7, 8].map(digestOf))('of %s cover both zones with two copies', (digest) => {
    const holders = holdersOf(digest, members, 3);
    expect(new Set(holders).size).toBe(3);
    expect(new Set(holders.slice(0, 2).map(zoneOf))).toEqual(new Set(['a', 'b']));
    expect(holdersOf(digest, members, 9)).toHaveLength(members.length);
    expect(holdersOf(digest, [...members].reverse(), 3)).toEqual(holders);
  });

  it('are none without members', () => {
    expect(holdersOf(digestOf(1), [], 3)).toEqual([]);
    expect(holdersOf(digestOf(1), members, 0)).toEqual([]);
  });
});

/** Shows which tags a rule deletes. */
describe('retention', () => {
  const tags = ['1.0', '1.1', '2.0-rc1', '2.0', 'latest'].map((tag, day) => ({
    tag,
    pushedAt: `2030-01-0${day + 1}T00:00:00Z`,
  }));
  const rows: [string, Retention | undefined, string[]][] = [
    ['without rules nothing', undefined, []],
    ['with empty rules nothing', {}, []],
    ['all but the newest two', { keepLast: 2 }, ['1.0', '1.1', '2.0-rc1']],
    ['what is like no kept tag', { keepTags: ['latest', '*.0'] }, ['1.1', '2.0-rc1']],
    ['what neither rule keeps', { keepLast: 1, keepTags: ['1.*'] }, ['2.0', '2.0-rc1']],
    ['everything when nothing may stay', { keepTags: [] }, tags.map(({ tag }) => tag)],
  ];
  it.each(rows)('%s', (_name, retention, deleted) => {
    expect([...tagsToDelete(tags, retention)].sort()).toEqual([...deleted].sort());
  });

  it.each([
    ['v1', 'v1', true],
    ['v1', 'v', false],
    ['', '*', true],
    ['a.b-c', 'a*c', true],
    ['ab', 'a*b', true],
    ['aa', 'aa*a', false],
    ['abcabd', '*ab*d', true],
    ['a+b', 'a.b', false],
    ['a'.repeat(128), `${'*a'.repeat(60)}*b`, false],
  ])('%j is like %j: %s', (text, glob, isLike) => {
    expect(matchesGlob(text, glob)).toBe(isLike);
  });
});

/** Shows that what is shared counts once, and that an index brings its images. */
it('sizes count each different blob once', () => {
  const one = factsOf(1, { layers: [blob(50, 1_000), blob(51, 10)] });
  const two = factsOf(2, { layers: [blob(50, 1_000)] });
  const index = indexOf(3, 1, 2, 9);
  const known = new Map([one, two, index].map((facts) => [facts.digest, facts]));
  const reached = reachedFrom(index, (digest) => known.get(digest));
  expect(reached).toEqual([index, one, two]);
  expect(sizeOfDifferent(reached.flatMap(blobsOf))).toBe(3 * 100 + 2 * 100 + 1_010);
});

it('an index that lists itself is read once', () => {
  const index = indexOf(3, 3);
  expect(reachedFrom(index, () => index)).toEqual([index]);
});

/** Shows that repositories whose names begin alike are kept apart. */
it('lists what is in one repository and not what is below it', () => {
  const world = new World();
  const of = (repository: string) => ({ repository });
  for (const key of [
    'tags/a/x',
    'tags/a/b/x',
    'tags/ab/x',
    `manifests/a/${digestOf(1)}`,
    `manifests/a/b/${digestOf(1)}`,
  ]) {
    world.apply([{ key, value: of(key) }]);
  }
  expect(tagsOf(world, 'a')).toEqual([of('tags/a/x')]);
  expect(tagsOf(world, 'a/b')).toEqual([of('tags/a/b/x')]);
  expect(manifestsOf(world, 'a')).toEqual([of(`manifests/a/${digestOf(1)}`)]);
});
