import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { ShoalError } from '../../protocol/errors.ts';
import { compareText } from '../core/order.ts';
import type { Folder, FolderFile } from '../ports/folder.ts';
import { makePrivateDirectory, writePrivateFile } from './local-files.ts';

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
/** Left by a write that a crash interrupted. */
const HALF = '.new';

/** Files in a directory that only their owner can enter. */
export class DiskFolder implements Folder {
  readonly #path: string;

  /** @param path made when it is needed; nothing else may be in it */
  constructor(path: string) {
    this.#path = path;
  }

  list(): Promise<readonly FolderFile[]> {
    return translated(async () => {
      const names = await readdir(this.#path).catch(absentIs<string[]>([]));
      const files: FolderFile[] = [];
      for (const name of names.filter((name) => NAME.test(name) && !name.endsWith(HALF))) {
        const found = await stat(join(this.#path, name)).catch(absentIs(undefined));
        if (found?.isFile() === true) files.push({ name, sizeBytes: found.size });
      }
      return files.sort((a, b) => compareText(a.name, b.name));
    });
  }

  async read(name: string, offset: number, maxBytes: number): Promise<Uint8Array> {
    const path = this.#pathOf(name);
    return translated(async () => {
      const file = await open(path, 'r').catch(absentIs(undefined));
      if (file === undefined) return new Uint8Array(0);
      try {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(maxBytes), 0, maxBytes, offset);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    });
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    const path = this.#pathOf(name);
    return translated(async () => {
      await makePrivateDirectory(this.#path);
      await writePrivateFile(path, content);
    });
  }

  async append(name: string, content: Uint8Array): Promise<void> {
    const path = this.#pathOf(name);
    return translated(async () => {
      await makePrivateDirectory(this.#path);
      const file = await open(path, 'a', 0o600);
      try {
        await file.writeFile(content);
        await file.datasync();
      } finally {
        await file.close();
      }
    });
  }

  async remove(name: string): Promise<void> {
    const path = this.#pathOf(name);
    return translated(() => rm(path, { force: true }));
  }

  #pathOf(name: string): string {
    if (!NAME.test(name) || name.endsWith(HALF)) throw new RangeError(`"${name}" is no name of a file`);
    return join(this.#path, name);
  }
}

const absentIs =
  <T>(value: T) =>
  (error: unknown): T => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return value;
    throw error;
  };

async function translated<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new ShoalError('not-stored', `the disk of this host failed: ${words}`, { cause });
  }
}
