import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffVersions } from '../../../agent/core/model/version-diff.ts';
import type { FileRecord, FileSpec } from '../../../protocol/schemas/file.ts';
import type { Version, VersionSpec } from '../../../protocol/schemas/version.ts';
import { newWorld, type World } from '../../unit/model/world.ts';

const app = { group: 'web', app: 'shop' };
const segment = fc.constantFrom('a', 'b', 'c', 'etc', '..', '.', '', 'ü~1');
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => `/${parts.join('/')}`);
const bytes = fc.uint8Array({ maxLength: 40 });
const file: fc.Arbitrary<FileSpec> = fc.record({
  path,
  contentBase64: bytes.map((content) => Buffer.from(content).toString('base64')),
  mode: fc.constantFrom('0444', '0600'),
});
const files = fc.array(file, { maxLength: 6 });

function newApp(): World {
  const world = newWorld();
  world.do({ kind: 'app.put', ...app });
  return world;
}

function make(world: World, spec: Partial<VersionSpec>): Version | undefined {
  const verdict = world.try({ kind: 'version.create', ...app, spec: { image: 'x:1', ...spec } });
  return verdict.ok ? (verdict.body as Version) : undefined;
}

describe('files of any version', () => {
  it('that are accepted can all be mounted at once, and every content comes back as it was', () => {
    fc.assert(
      fc.property(files, (asked) => {
        const world = newApp();
        const version = make(world, { files: asked });
        const kept = version?.spec.files ?? [];
        for (const one of kept) {
          expect(one.path).toMatch(/^(\/[^/]+)+$/);
          expect(one.path.split('/')).not.toContain('..');
          expect(kept.filter((other) => `${other.path}/`.startsWith(`${one.path}/`))).toEqual([one]);
          const record = world.get<FileRecord>(`files/web/shop/${one.sha256}`);
          expect(record?.contentBase64).toBe(asked.find((spec) => spec.path === one.path)?.contentBase64);
        }
        if (version !== undefined) expect(kept).toHaveLength(asked.length);
      }),
    );
  });

  it('are the same version in any order, and when they are named by digest', () => {
    fc.assert(
      fc.property(files, (asked) => {
        const world = newApp();
        const version = make(world, { files: asked });
        fc.pre(version !== undefined);
        expect(make(world, { files: asked.toReversed() })).toEqual(version);
        expect(make(world, version.spec)).toEqual(version);
      }),
    );
  });

  it('a difference of two versions is empty only when they are the same, and turned round it is the other way', () => {
    const spec = fc.record({ files, env: fc.dictionary(fc.constantFrom('A', 'B'), fc.string({ maxLength: 2 })) });
    fc.assert(
      fc.property(spec, spec, (one, other) => {
        const world = newApp();
        const from = make(world, one);
        const to = make(world, other);
        fc.pre(from !== undefined && to !== undefined);
        const { changes } = diffVersions(from, to);
        expect(changes.length === 0).toBe(from.specHash === to.specHash);
        const turned = changes.map(({ path: at, ...sides }) => ({
          path: at,
          ...('to' in sides ? { from: sides.to } : {}),
          ...('from' in sides ? { to: sides.from } : {}),
        }));
        expect(diffVersions(to, from).changes).toEqual(turned);
      }),
    );
  });
});
