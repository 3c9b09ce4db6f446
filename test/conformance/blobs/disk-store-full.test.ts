import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const run = promisify(execFile);

describe('DiskStore on a full disk', () => {
  let disk: string;
  beforeEach(async () => {
    disk = await mkdtemp(join(tmpdir(), 'shoal-disk-'));
  });
  afterEach(() => rm(disk, { recursive: true, force: true }));

  it('refuses with not-stored, spoils nothing, goes on once there is space, and evicts to make some', async () => {
    const script = join(import.meta.dirname, 'write-on-full-disk.ts');
    // A disk of its own, in a namespace that ends with the process.
    const command = 'mount -t tmpfs -o size=8m tmpfs "$2" && exec "$0" "$@"';
    const { stdout } = await run('unshare', ['-rm', 'sh', '-c', command, process.execPath, script, disk]);
    expect(stdout.trim().split('\n')).toEqual([
      'a piece on the full disk: not-stored',
      'the end of a blob on the full disk: not-stored',
      'a push on the full disk: not-stored',
      'a manifest on the full disk: not-stored',
      'a new blob on the full disk: not-stored',
      'the pieces with space again: ok',
      'the end of a blob with space again: ok',
      'the end of the other: ok',
      'the rest of the push: ok',
      'a blob that is larger than the disk: not-stored',
      'a blob for which others must go: ok',
      'the pinned blob afterwards: sound',
    ]);
  });
});
