import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { ConsoleFiles } from './api/routes/console.ts';

/** From a chunk of the bundle it is two folders up, from a source one. */
const LEVELS_MAX = 3;

/** Reads the built console into memory, a few hundred kilobytes. Empty when it was not built: the API goes without. */
export async function readConsoleFiles(): Promise<ConsoleFiles> {
  const folder = findBuild();
  if (folder === undefined) return new Map();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return new Map(await Promise.all(paths.map(async (path) => [relative(folder, path), await readFile(path)] as const)));
}

function findBuild(): string | undefined {
  let folder = import.meta.dirname;
  for (let level = 0; level < LEVELS_MAX; level++) {
    const build = join(folder, 'console/dist');
    if (existsSync(join(build, 'index.html'))) return build;
    folder = dirname(folder);
  }
  return undefined;
}
