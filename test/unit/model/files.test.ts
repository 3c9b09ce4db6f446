import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import type { FileRecord, FileSpec } from '../../../protocol/schemas/file.ts';
import type { Version, VersionSpec } from '../../../protocol/schemas/version.ts';
import { newWorld, type World } from './world.ts';

const sha256 = (content: string | Uint8Array) => createHash('sha256').update(content).digest('hex');
const app = { group: 'web', app: 'shop' };

let world: World;
beforeEach(() => {
  world = newWorld();
  world.do({ kind: 'app.put', ...app });
});

const make = (files: readonly FileSpec[], more: Partial<VersionSpec> = {}) =>
  world.do({ kind: 'version.create', ...app, spec: { image: 'x:1', ...more, files: [...files] } }).body as Version;
const contents = () => world.list<FileRecord>('files/web/shop/').map(({ value }) => value.contentBase64);

describe('the files of a version', () => {
  it('are kept by digest, in the order of their paths; contents are records of their own', () => {
    const version = make([
      { path: '/etc/b', content: 'höhe = 1\n', mode: '0600', uid: 7 },
      { path: '/etc/a', contentBase64: 'AP8=', uid: 0, gid: 0 },
    ]);
    expect(version.spec.files).toEqual([
      { path: '/etc/a', sha256: sha256(Buffer.from([0, 255])), sizeBytes: 2, mode: '0444' },
      { path: '/etc/b', sha256: sha256('höhe = 1\n'), sizeBytes: 10, mode: '0600', uid: 7 },
    ]);
    expect(world.get(`files/web/shop/${sha256('höhe = 1\n')}`)).toEqual({
      ...app,
      sizeBytes: 10,
      contentBase64: Buffer.from('höhe = 1\n').toString('base64'),
    });
  });

  it('make the same version again when they are the same, however they are written', () => {
    const first = make([
      { path: '/a', content: 'x' },
      { path: '/b', content: 'y' },
    ]);
    const again = make([
      { path: '/b', contentBase64: 'eQ==', mode: '0444' },
      { path: '/a', sha256: sha256('x'), sizeBytes: 1 },
    ]);
    expect(again).toEqual(first);
    expect(make([{ path: '/a', content: 'x' }]).number).toBe(2);
    expect(make([{ path: '/a', content: 'z' }]).number).toBe(3);
    expect(make([{ path: '/a', content: 'z', mode: '0400' }]).number).toBe(4);
  });

  it('leave the hash of a version without files as it was', () => {
    const create = (spec: VersionSpec) => world.do({ kind: 'version.create', ...app, spec }).body as Version;
    const without = create({ image: 'x:1' });
    expect(without.specHash).toBe(sha256(`{"image":"x:1","memoryBytes":${64 * 1024 ** 2}}`).slice(0, 16));
    expect(create({ image: 'x:1', files: [] })).toEqual(without);
  });

  it('keep one content once, whatever mounts it', () => {
    make([
      { path: '/a', content: 'same' },
      { path: '/b', content: 'same', mode: '0400' },
    ]);
    make([{ path: '/c', content: 'same' }]);
    expect(contents()).toEqual(['c2FtZQ==']);
  });

  it('may be named by their digest only when the app has them', () => {
    const files = [{ path: '/a', sha256: sha256('x') }];
    const verdict = world.try({ kind: 'version.create', ...app, spec: { image: 'x:1', files } });
    expect(verdict).toMatchObject({ ok: false, faults: [{ pointer: '/spec/files/0/sha256' }] });
  });
});

describe('files that are refused', () => {
  const file = (path: string): FileSpec => ({ path, content: '' });
  const volume = { name: 'data', target: '/data/' };
  const cases: readonly (readonly [what: string, files: readonly FileSpec[], pointer: string])[] = [
    ['a way up', [file('/etc/../a')], '/spec/files/0/path'],
    ['the root', [file('/')], '/spec/files/0/path'],
    ['a path that is not plain', [file('/etc//a')], '/spec/files/0/path'],
    ['a path that ends like a directory', [file('/etc/')], '/spec/files/0/path'],
    ['a name that no disk takes', [file(`/etc/${'ü'.repeat(128)}`)], '/spec/files/0/path'],
    ['one path twice', [file('/a'), file('/b'), file('/a')], '/spec/files/2/path'],
    ['a path under a file', [file('/a/b'), file('/a')], '/spec/files/0/path'],
    ['a path under a volume', [file('/data/x')], '/spec/files/0/path'],
    ['the path of a volume', [file('/data')], '/spec/files/0/path'],
    ['what belongs to the kernel', [file('/proc/x')], '/spec/files/0/path'],
    ['no content', [{ path: '/a' }], '/spec/files/0'],
    ['two contents', [{ path: '/a', content: '', contentBase64: '' }], '/spec/files/0'],
    ['what is not base64', [{ path: '/a', contentBase64: 'a' }], '/spec/files/0/contentBase64'],
    ['what is not Unicode', [{ path: '/a', content: '\ud800' }], '/spec/files/0/content'],
    ['a file too large', [{ path: '/a', content: 'ü'.repeat(limits.fileBytes / 2 + 1) }], '/spec/files/0/content'],
    [
      'too much in all',
      ['/a', '/b', '/c', '/d', '/e'].map((path) => ({ path, content: 'x'.repeat(limits.fileBytes) })),
      '/spec/files',
    ],
  ];
  it.each(cases)('%s', (_what, files, pointer) => {
    const spec = { image: 'x:1', volumes: [volume], files: [...files] };
    const verdict = world.try({ kind: 'version.create', ...app, spec });
    expect(verdict).toMatchObject({ ok: false, code: 'invalid-request', faults: [{ pointer }] });
    expect(contents()).toEqual([]);
  });

  it('a volume under a file', () => {
    const spec = { image: 'x:1', volumes: [{ name: 'v', target: '/a/b' }], files: [file('/a')] };
    expect(world.try({ kind: 'version.create', ...app, spec })).toMatchObject({ ok: false });
  });

  it('more than an app may have, all versions together', () => {
    const versions = limits.appFileBytes / limits.versionFileBytes;
    const filesOf = (version: number) =>
      [0, 1, 2, 3].map((part) => ({ path: `/${part}`, content: `${version}.${part}.`.padEnd(limits.fileBytes, 'x') }));
    for (let version = 1; version <= versions; version++) make(filesOf(version));
    const more = { image: 'x:1', files: [{ path: '/a', content: 'one more' }] };
    const verdict = world.try({ kind: 'version.create', ...app, spec: more });
    expect(verdict).toMatchObject({ ok: false, code: 'too-large', faults: [{ pointer: '/spec/files' }] });
    expect(make(filesOf(1)).number).toBe(versions + 1);
  });
});
