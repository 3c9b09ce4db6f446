import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { DiskMountFiles } from '../../../agent/adapters/disk-mount-files.ts';
import { mountFilesSuite } from './mount-files.suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'shoal-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
const newFolder = () => join(folder, String(count++));

mountFilesSuite('disk', async () => ({
  files: new DiskMountFiles(newFolder()),
  read: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
  tamper: (path) => writeFileSync(path, 'hacked'),
}));

describe('files for containers on the disk', () => {
  const content = Buffer.from('x');
  const file = { sha256: createHash('sha256').update(content).digest('hex'), mode: '0640' };

  it('have their mode and owner whatever the umask, in a directory for root alone', async () => {
    const directory = newFolder();
    const path = await new DiskMountFiles(directory).put({ ...file, uid: 12, gid: 34 }, content);
    expect(statSync(path)).toMatchObject({ uid: 12, gid: 34, mode: 0o100640 });
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it.each<readonly [what: string, tamper: (path: string) => void]>([
    ['another mode', (path) => chmodSync(path, 0o644)],
    [
      'a directory',
      (path) => {
        rmSync(path);
        mkdirSync(join(path, 'in'), { recursive: true });
      },
    ],
    [
      'a link to the same content',
      (path) => {
        rmSync(path);
        writeFileSync(`${path}.x`, 'x');
        symlinkSync(`${path}.x`, path);
      },
    ],
    ['nothing', (path) => rmSync(path)],
    ['half of it beside', (path) => writeFileSync(`${path}.new`, 'half')],
  ])('with %s in their place are put right', async (_what, tamper) => {
    const directory = newFolder();
    const files = new DiskMountFiles(directory);
    const path = await files.put(file, content);
    tamper(path);
    await files.put(file, content);
    expect(await files.find(file)).toBe(path);
    expect(statSync(path).isFile()).toBe(true);
    await files.retain([file]);
    expect(readdirSync(directory)).toHaveLength(1);
  });

  it('that the disk does not take are refused with its reason', async () => {
    const inTheWay = newFolder();
    writeFileSync(inTheWay, '');
    const files = new DiskMountFiles(inTheWay);
    expect(await files.find(file)).toBeUndefined();
    await expect(files.put(file, content)).rejects.toMatchObject({ code: 'not-stored' });
    await expect(files.retain([])).rejects.toMatchObject({ code: 'not-stored' });
  });
});
