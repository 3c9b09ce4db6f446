import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, open, readdir, readFile, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DiskStore } from '../../../agent/adapters/blobs/disk-store.ts';
import { Layout } from '../../../agent/adapters/blobs/layout.ts';
import { PieceSet } from '../../../agent/core/images/pieces.ts';
import { VirtualClock } from '../../../agent/ports/clock-virtual.ts';
import { silentLog } from '../../../agent/ports/log.ts';
import { isDigest } from '../../../protocol/digest.ts';
import { bodyOf, cut, digestOf, fill, MiB, randomBytes, readAll } from './content.ts';

const never = new AbortController().signal;
const PIECE = 256 * 1024;

describe('DiskStore after an end', () => {
  let directory: string;
  let layout: Layout;
  let clock: VirtualClock;
  const stores: DiskStore[] = [];
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'shoal-blobs-'));
    layout = new Layout(directory);
    clock = new VirtualClock();
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  /** One that was opened before and not closed stands for a process that was killed. */
  const openStore = async (): Promise<DiskStore> => {
    const store = await DiskStore.open({ directory, quotaBytes: 200 * MiB, reserveBytes: 0, clock, log: silentLog });
    stores.push(store);
    return store;
  };
  const held = async (store: DiskStore, bytes: Uint8Array): Promise<number[]> => {
    const { have } = await store.open(digestOf(bytes), bytes.length);
    return [...new PieceSet(cut(bytes).length, have)];
  };

  it('knows its blobs, their pieces, pins and last uses', async () => {
    const before = await openStore();
    const bytes = randomBytes(700_000);
    const [used, pinned] = [await before.write(bytes), await before.write(randomBytes(5))];
    const long = randomBytes(600_000);
    await before.finishUpload((await pushed(before, long)).id, digestOf(long, 'sha512'));
    await before.pin([pinned], true);
    await clock.advance(3_600_000);
    before.touch([used]);
    const list = before.list();
    const { sha256 } = await before.open(used, bytes.length);
    await before.close();
    const after = await openStore();
    expect(new Set(after.list())).toEqual(new Set(list));
    expect(after.stat(used)?.usedAtMs).toBe(clock.nowMs());
    expect(after.stat(pinned)).toMatchObject({ isPinned: true, usedAtMs: clock.nowMs() - 3_600_000 });
    expect((await after.open(used, bytes.length)).sha256).toEqual(sha256);
    expect((await readAll(after, used)).equals(bytes)).toBe(true);
  });

  it.each(['closed', 'killed'])('goes on with a partial blob when it was %s', async (end) => {
    const bytes = randomBytes(4 * PIECE);
    const before = await openStore();
    await fill(before, digestOf(bytes), bytes, [3, 1]);
    await before.pin([digestOf(bytes)], true);
    if (end === 'closed') await before.close();
    const after = await openStore();
    expect(after.stat(digestOf(bytes))).toMatchObject({ isComplete: false, isPinned: true, heldBytes: 2 * PIECE });
    expect(await held(after, bytes)).toEqual([1, 3]);
    await fill(after, digestOf(bytes), bytes);
    expect(await after.complete(digestOf(bytes))).toEqual({ ok: true });
    expect((await readAll(after, digestOf(bytes))).equals(bytes)).toBe(true);
    expect(await readdir(layout.partial)).toEqual([]);
  });

  it('takes no piece for granted that was not synced, and forgets those whose bytes did not reach the disk', async () => {
    const bytes = randomBytes(4 * PIECE);
    const before = await openStore();
    await fill(before, digestOf(bytes), bytes, [0, 2]);
    const file = await open(layout.partialBlob(digestOf(bytes)), 'r+');
    await file.write(Buffer.alloc(4_096), 0, 4_096, 2 * PIECE + 8_192);
    await file.close();
    const after = await openStore();
    expect(await held(after, bytes)).toEqual([0]);
    await after.close();
    const again = await openStore();
    expect(await held(again, bytes)).toEqual([0]);
    await fill(again, digestOf(bytes), bytes);
    expect(await again.complete(digestOf(bytes))).toEqual({ ok: true });
  });

  it('reads a journal as far as it is whole, and goes on behind that', async () => {
    const bytes = randomBytes(4 * PIECE);
    const [before, journal] = [await openStore(), layout.journal(digestOf(bytes))];
    await fill(before, digestOf(bytes), bytes, [0, 1]);
    await before.close();
    await appendFile(journal, '2 0123abc');
    const torn = await openStore();
    expect(await held(torn, bytes)).toEqual([0, 1]);
    await fill(torn, digestOf(bytes), bytes, [3]);
    await torn.close();
    expect(await held(await openStore(), bytes)).toEqual([0, 1, 3]);
    await writeFile(journal, 'not a journal\n');
    expect((await openStore()).list()).toEqual([]);
    expect(await readdir(layout.partial)).toEqual([]);
  });

  it('removes what interrupted pushes and writes left', async () => {
    const before = await openStore();
    const digest = await before.write(randomBytes(10));
    await pushed(before, randomBytes(MiB));
    await writeFile(join(layout.blobFolder(digest), 'half.meta.new'), 'x');
    await writeFile(layout.partialBlob(digest), 'no journal');
    const after = await openStore();
    expect(await after.usage()).toMatchObject({ blobs: 1, usedBytes: 10 });
    expect(await readdir(layout.uploads)).toEqual([]);
    expect(await readdir(layout.partial)).toEqual([]);
    expect(await readdir(layout.blobFolder(digest))).toHaveLength(2);
  });

  it('hashes a blob without metadata again, and drops metadata without a blob and a file that is cut short', async () => {
    const before = await openStore();
    const bytes = [randomBytes(600_000), randomBytes(600_001), randomBytes(600_002)] as const;
    const [bare, lost, short] = await Promise.all(bytes.map((each) => before.write(each)));
    if (bare === undefined || lost === undefined || short === undefined) throw new Error('three blobs');
    const { sha256 } = await before.open(bare, bytes[0].length);
    await before.close();
    await writeFile(layout.metadata(bare), '{"version":1}');
    await rm(layout.blob(lost));
    await truncate(layout.blob(short), 5);
    const after = await openStore();
    expect(after.list().map((blob) => blob.digest)).toEqual([bare]);
    expect((await after.open(bare, bytes[0].length)).sha256).toEqual(sha256);
    expect(await readFile(layout.metadata(lost)).catch(() => 'gone')).toBe('gone');
    expect(await readFile(layout.blob(short)).catch(() => 'gone')).toBe('gone');
  });

  it('notices while it reads that a file is gone or cut short', async () => {
    const store = await openStore();
    const removed: string[] = [];
    store.onEvent((event) => event.type === 'removed' && removed.push(event.digest));
    const [short, gone] = [await store.write(randomBytes(600_000)), await store.write(randomBytes(600_001))];
    await truncate(layout.blob(short), 300_000);
    await rm(layout.blob(gone));
    await expect(readAll(store, short)).rejects.toMatchObject({ code: 'not-found' });
    await expect(store.readPiece(gone, 0)).rejects.toMatchObject({ code: 'not-found' });
    expect(removed).toEqual([short, gone]);
    expect(store.list()).toEqual([]);
  });

  it('leaves the reserve of the disk free', async () => {
    const options = { directory, quotaBytes: 200 * MiB, clock, log: silentLog };
    const store = await DiskStore.open({ ...options, reserveBytes: 2 ** 50 });
    stores.push(store);
    await expect(store.open(digestOf(randomBytes(2)), MiB)).rejects.toMatchObject({
      code: 'not-stored',
      message: expect.stringContaining('are to stay free'),
    });
    expect(store.list()).toEqual([]);
  });

  it('works on more partial blobs than it keeps files open', async () => {
    const store = await openStore();
    const blobs = Array.from({ length: 100 }, () => randomBytes(300_000));
    for (const bytes of blobs) await fill(store, digestOf(bytes), bytes, [1]);
    const files = await readdir('/proc/self/fd');
    const open = await Promise.all(files.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    expect(open.filter((path) => path.startsWith(layout.partial)).length).toBeLessThanOrEqual(128);
    await Promise.all(blobs.map((bytes) => fill(store, digestOf(bytes), bytes)));
    const completed = await Promise.all(blobs.map((bytes) => store.complete(digestOf(bytes))));
    expect(completed.every(({ ok }) => ok)).toBe(true);
  });

  it('loses nothing acknowledged when the process is killed while it writes', async () => {
    for (let round = 0; round < 3; round++) {
      const said = await writeAndKill(directory, 30 + 15 * round);
      const store = await openStore();
      expect(await readdir(layout.uploads)).toEqual([]);
      for (const [what, digest = '', piece] of said) {
        if (!isDigest(digest)) throw new Error(`not a digest: ${digest}`);
        const blob = store.stat(digest);
        if (what === 'piece') expect(await store.readPiece(digest, Number(piece))).toBeDefined();
        else expect(blob).toMatchObject({ isComplete: true, isPinned: what === 'pinned' });
      }
      const verdicts = await Promise.all(store.list().map(({ digest }) => store.verify(digest, never)));
      expect(verdicts.filter((verdict) => verdict !== 'sound')).toEqual([]);
      await store.close();
    }
  });
});

async function pushed(store: DiskStore, bytes: Uint8Array): Promise<{ id: string }> {
  const { id } = await store.beginUpload();
  await store.append(id, bodyOf(bytes), undefined);
  return { id };
}

/** Lets a process of its own write, kills it once it has acknowledged so much, and gives back all it acknowledged. */
async function writeAndKill(directory: string, lines: number): Promise<readonly string[][]> {
  const script = join(import.meta.dirname, 'write-until-killed.ts');
  const child = spawn(process.execPath, [script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  const said: string[][] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line.split(' '));
    if (said.length === lines) child.kill('SIGKILL');
  }
  expect((await exited)[1]).toBe('SIGKILL');
  return said;
}
