import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

const HASHED = /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/;

/** What lies in a folder, files of all levels. A file that is deleted meanwhile does not count. */
async function filesIn(folder: string): Promise<readonly { readonly name: string; readonly path: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => ({ name, path: join(parentPath, name) }));
}

/** Bytes on the disk of all files in a folder. */
export async function bytesIn(folder: string): Promise<number> {
  const sizes = (await filesIn(folder)).map(({ path }) =>
    stat(path).then(
      ({ blocks }) => blocks * 512,
      () => 0,
    ),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Reads every complete blob of an agent's store past the agent: its name has to be the hash of its bytes. */
export async function wrongBlobs(folder: string): Promise<{ blobs: number; wrong: readonly string[] }> {
  const blobs = (await filesIn(join(folder, 'blobs'))).filter(({ name }) => HASHED.test(name));
  const wrong: string[] = [];
  for (const { name, path } of blobs)
    if ((await hashOf(path, name.length === 64 ? 'sha256' : 'sha512')) !== name) wrong.push(path);
  return { blobs: blobs.length, wrong };
}

async function hashOf(path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  return hash.digest('hex');
}
