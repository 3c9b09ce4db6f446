/**
 * Writes everything in the repository that is made from something else. `--check` writes nothing and fails when a file
 * is not what it would write.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cliReference } from './generate/cli-reference.ts';
import { openApi } from './generate/openapi.ts';
import { protobuf } from './generate/protobuf.ts';

/** One file to write; `path` is relative to the repository. */
export interface Generated {
  readonly path: string;
  readonly text: string;
}

const generators: readonly ((root: string) => Promise<readonly Generated[]>)[] = [protobuf, openApi, cliReference];

const root = join(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');
const stale: string[] = [];

for (const generate of generators) {
  for (const { path, text } of await generate(root)) {
    const current = await readFile(join(root, path), 'utf8').catch(() => undefined);
    if (current === text) continue;
    stale.push(path);
    if (!isCheck) await writeFile(join(root, path), text);
  }
}

for (const path of stale) process.stdout.write(`${isCheck ? 'not current' : 'written'}: ${path}\n`);
if (isCheck && stale.length > 0) process.exitCode = 1;
