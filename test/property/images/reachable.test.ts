import fc from 'fast-check';
import { expect, it } from 'vitest';
import { reachable } from '../../../agent/core/images/reachable.ts';
import { matchesGlob } from '../../../agent/core/images/retention.ts';
import { blobsOf } from '../../../agent/core/images/sizes.ts';
import { upstreamOf } from '../../../protocol/image-reference.ts';
import type { ManifestRecord } from '../../../protocol/schemas/image.ts';
import { blob, digestOf, factsOf, recordOf } from '../../unit/images/fixtures.ts';

const nowMs = Date.parse('2030-02-01T00:00:00Z');
const graceMs = 7_200_000;
const number = fc.integer({ min: 1, max: 9 });
const repository = fc.constantFrom('team/app', 'team', 'docker.io/library/nginx');

const manifest = fc
  .record({
    number,
    repository,
    children: fc.array(number, { maxLength: 3 }),
    layers: fc.array(fc.integer({ min: 50, max: 55 }), { maxLength: 2 }),
    subject: fc.option(number, { nil: undefined }),
    ageMs: fc.constantFrom(0, graceMs, graceMs + 1, 8 * 86_400_000),
  })
  .map(({ number: own, children, layers, subject, ageMs, ...where }) =>
    recordOf(
      factsOf(own, {
        manifests: children.map((child) => blob(child)),
        layers: layers.map((layer) => blob(layer)),
        ...(subject === undefined ? {} : { subject: digestOf(subject) }),
      }),
      { ...where, pushedAt: new Date(nowMs - ageMs).toISOString() },
    ),
  );

const scene = fc.record({
  manifests: fc.uniqueArray(manifest, { maxLength: 12, selector: (m) => `${m.repository} ${m.digest}` }),
  tags: fc.array(
    fc.record({
      repository,
      digest: number.map(digestOf),
      pushedAt: fc.constantFrom(1, 29, 31).map((days) => new Date(nowMs - days * 86_400_000).toISOString()),
    }),
    { maxLength: 3 },
  ),
  uses: fc.array(
    number.map((used) => ({ image: 'x', imageDigest: digestOf(used) })),
    { maxLength: 2 },
  ),
});
type Scene = typeof scene extends fc.Arbitrary<infer T> ? T : never;

/** The rule again, in the plainest way: keeps adding what something kept leads to until nothing is added. */
function kept({ manifests, tags: all, uses }: Scene): ReadonlySet<ManifestRecord> {
  const tags = all.filter(
    ({ repository: of, pushedAt }) => upstreamOf(of) === undefined || nowMs - Date.parse(pushedAt) <= 30 * 86_400_000,
  );
  const isRoot = (m: ManifestRecord): boolean =>
    tags.some((tag) => tag.repository === m.repository && tag.digest === m.digest) ||
    uses.some((use) => use.imageDigest === m.digest) ||
    nowMs - Date.parse(m.pushedAt) <= (upstreamOf(m.repository) === undefined ? graceMs : 7 * 86_400_000);
  const found = new Set(manifests.filter(isRoot));
  const names = (): Set<string> =>
    new Set([
      ...tags.map((tag) => `${tag.repository} ${tag.digest}`),
      ...[...found].flatMap((m) => [m.digest, ...m.manifests.map((c) => c.digest)].map((d) => `${m.repository} ${d}`)),
    ]);
  for (let before = -1; before < found.size; ) {
    before = found.size;
    const reached = names();
    for (const m of manifests) {
      if (reached.has(`${m.repository} ${m.digest}`) || reached.has(`${m.repository} ${m.subject}`)) found.add(m);
    }
  }
  return found;
}

/** Shows that garbage collection never takes what is needed, and leaves nothing that is not. */
it('lists as unreachable what is not reached, and all of that', () => {
  fc.assert(
    fc.property(scene, (input) => {
      const { unreachable, blobs } = reachable({ ...input, nowMs, graceMs });
      const stays = kept(input);
      expect(new Set(unreachable)).toEqual(new Set(input.manifests.filter((m) => !stays.has(m))));
      for (const m of stays) {
        for (const { digest } of blobsOf(m)) expect(blobs.get(digest)?.has(m.repository)).toBe(true);
      }
    }),
    { numRuns: 500 },
  );
});

/** Shows that the glob means what a regular expression would, which could take very long. */
it('matches tags as a regular expression does', () => {
  const text = fc.stringMatching(/^[ab.]{0,8}$/);
  const glob = fc.stringMatching(/^[ab.*]{0,6}$/);
  fc.assert(
    fc.property(text, glob, (tag, pattern) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*');
      expect(matchesGlob(tag, pattern)).toBe(new RegExp(`^${source}$`).test(tag));
    }),
    { numRuns: 500 },
  );
});
