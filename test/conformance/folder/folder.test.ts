import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { DiskFolder } from '../../../agent/adapters/disk-folder.ts';
import type { Folder } from '../../../agent/ports/folder.ts';
import { MemoryFolder } from '../../../agent/ports/folder-memory.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const paths: string[] = [];
afterEach(async () => {
  for (const path of paths.splice(0)) await rm(path, { recursive: true });
});
const onDisk = async (): Promise<Folder> => {
  const path = await mkdtemp(join(tmpdir(), 'shoal-folder-'));
  paths.push(path);
  return new DiskFolder(join(path, 'made-when-needed'));
};

describe.each<[string, () => Promise<Folder>]>([
  ['in memory', async () => new MemoryFolder()],
  ['on disk', onDisk],
])('a folder %s', (_where, make) => {
  it('is empty at first', async () => {
    const folder = await make();
    expect(await folder.list()).toEqual([]);
    expect(await folder.read('absent', 0, 10)).toHaveLength(0);
    await folder.remove('absent');
  });

  it('appends, puts, reads parts, lists by name and removes', async () => {
    const folder = await make();
    await folder.append('b.log', Buffer.from('one '));
    await folder.append('b.log', Buffer.from('two'));
    await folder.put('a.json', Buffer.from('first'));
    await folder.put('a.json', Buffer.from('{}'));
    expect(await folder.list()).toEqual([
      { name: 'a.json', sizeBytes: 2 },
      { name: 'b.log', sizeBytes: 7 },
    ]);
    expect(text(await folder.read('b.log', 4, 2))).toBe('tw');
    expect(text(await folder.read('b.log', 4, 100))).toBe('two');
    expect(await folder.read('b.log', 7, 100)).toHaveLength(0);
    await folder.remove('b.log');
    expect((await folder.list()).map(({ name }) => name)).toEqual(['a.json']);
  });
});

describe('a folder on disk', () => {
  it('leaves no way out of it, and does not list what a crash left of a write', async () => {
    const path = await mkdtemp(join(tmpdir(), 'shoal-folder-'));
    paths.push(path);
    const folder = new DiskFolder(path);
    await writeFile(join(path, 'half.json.new'), '{');
    expect(await folder.list()).toEqual([]);
    for (const name of ['../up', '.hidden', 'a/b', '', 'x.new']) {
      await expect(folder.put(name, Buffer.from(''))).rejects.toThrow('no name');
    }
  });

  it('says so when the disk takes nothing', async () => {
    const path = await mkdtemp(join(tmpdir(), 'shoal-folder-'));
    paths.push(path);
    await writeFile(join(path, 'file'), '');
    const folder = new DiskFolder(join(path, 'file'));
    await expect(folder.append('a', Buffer.from('x'))).rejects.toMatchObject({ code: 'not-stored' });
  });
});
