import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LevelStore } from '../../../agent/adapters/level/level-store.ts';
import { storeSuite } from './store.suite.ts';

const run = promisify(execFile);
const newDirectory = () => mkdtemp(join(tmpdir(), 'shoal-store-'));
const remove = (directory: string) => rm(directory, { recursive: true, force: true });

storeSuite('LevelStore', async () => {
  const directory = await newDirectory();
  const store = await LevelStore.open(directory);
  const dispose = async () => {
    await store.close();
    await remove(directory);
  };
  return { store, dispose };
});

describe('LevelStore on disk', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await newDirectory();
  });
  afterEach(() => remove(directory));

  it('has everything again after it was closed and opened', async () => {
    const before = await LevelStore.open(directory);
    await before.write([{ type: 'put', key: 'a', value: Uint8Array.of(7) }]);
    await before.close();
    const after = await LevelStore.open(directory);
    expect([...((await after.get('a')) ?? [])]).toEqual([7]);
    await after.close();
  });

  it('says so when another agent has the directory open', async () => {
    const first = await LevelStore.open(directory);
    await expect(LevelStore.open(directory)).rejects.toMatchObject({
      code: 'conflict',
      message: 'Another agent uses this data directory',
    });
    await first.close();
  });

  it('answers with an error of the table when the directory can not be used', async () => {
    const file = join(directory, 'a-file');
    await writeFile(file, 'not a directory');
    await expect(LevelStore.open(file)).rejects.toMatchObject({ name: 'ShoalError', code: 'internal' });
  });

  it('loses no acknowledged batch that came after one that the disk had no room for', async () => {
    const script = join(import.meta.dirname, 'write-on-full-disk.ts');
    const command = 'ulimit -f 256 && exec "$0" "$@"';
    const { stdout } = await run('sh', ['-c', command, process.execPath, script, directory]);
    const acknowledged = stdout.trim().split('\n');
    expect(acknowledged.length).toBeGreaterThan(100);
    const store = await LevelStore.open(directory);
    const stored = await entriesOf(store, '');
    await store.close();
    expect(acknowledged.filter((key) => !stored.has(key))).toEqual([]);
  });

  it('loses no acknowledged batch and tears none when the process is killed while it writes', async () => {
    const rounds = 3;
    const acknowledged = new Set<string>();
    for (let round = 1; round <= rounds; round++) {
      for (const number of await writeAndKill(directory, round * 100_000)) acknowledged.add(number);
      const store = await LevelStore.open(directory);
      const [left, right] = [await entriesOf(store, 'left/'), await entriesOf(store, 'right/')];
      await store.close();
      expect(acknowledged.size).toBeGreaterThanOrEqual(40 * round);
      expect([...acknowledged].filter((number) => !left.has(number))).toEqual([]);
      expect(right).toEqual(left);
    }
  });
});

/** Numbers and first bytes of the entries below a prefix. */
async function entriesOf(store: LevelStore, prefix: string): Promise<Map<string, number | undefined>> {
  const found = new Map<string, number | undefined>();
  for await (const [key, value] of store.entries(prefix)) found.set(key.slice(prefix.length), value[0]);
  return found;
}

/** Lets a process of its own write, kills it once it has acknowledged 40 batches, and gives back all it acknowledged. */
async function writeAndKill(directory: string, first: number): Promise<readonly string[]> {
  const script = join(import.meta.dirname, 'write-until-killed.ts');
  const child: ChildProcess = spawn(process.execPath, [script, directory, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const acknowledged: string[] = [];
  if (child.stdout === null) throw new Error('no output');
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === 40) child.kill('SIGKILL');
  }
  const [, signal] = await exited;
  expect(signal).toBe('SIGKILL');
  return acknowledged;
}
