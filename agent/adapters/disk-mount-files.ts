import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, lstat, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ShoalError } from '../../protocol/errors.ts';
import { limits } from '../../protocol/limits.ts';
import { type MountFile, type MountFiles, mountFileName } from '../ports/mount-files.ts';
import { makePrivateDirectory } from './local-files.ts';

const MODE_BITS = 0o7777;

/**
 * Files for containers in a directory that only root can enter: an engine mounts a file itself, so its container needs no way
 * through the directory.
 */
export class DiskMountFiles implements MountFiles {
  readonly #directory: string;

  /** @param directory absolute, made when it is needed; nothing else may be in it */
  constructor(directory: string) {
    this.#directory = directory;
  }

  async find(file: MountFile): Promise<string | undefined> {
    const path = this.#pathOf(file);
    try {
      // Not through a link, which could lead to any file of the host.
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      try {
        return (await isWhole(handle, file)) ? path : undefined;
      } finally {
        await handle.close();
      }
    } catch {
      // Whatever stands in the way of reading it, it is written anew.
      return undefined;
    }
  }

  put(file: MountFile, content: Uint8Array): Promise<string> {
    return translated(async () => {
      await makePrivateDirectory(this.#directory);
      const path = this.#pathOf(file);
      const beside = `${path}.new`;
      await rm(beside, { force: true, recursive: true });
      const handle = await open(beside, 'wx', 0o600);
      try {
        await handle.writeFile(content);
        await handle.chmod(Number.parseInt(file.mode, 8));
        // Last: who gives a file away can't change its mode any more, unless the kernel lets it do everything.
        await handle.chown(file.uid ?? 0, file.gid ?? 0);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await this.#replace(beside, path);
      return path;
    });
  }

  retain(files: readonly MountFile[]): Promise<void> {
    return translated(async () => {
      const kept = new Set(files.map(mountFileName));
      for (const name of await this.#names()) {
        if (!kept.has(name)) await rm(join(this.#directory, name), { force: true, recursive: true });
      }
    });
  }

  async #replace(beside: string, path: string): Promise<void> {
    // An engine of an older kind makes a directory where a file to mount is missing; a file can't be renamed over it.
    const before = await lstat(path).catch(() => undefined);
    if (before?.isDirectory() === true) await rm(path, { recursive: true });
    await rename(beside, path);
    const folder = await open(this.#directory, 'r');
    try {
      await folder.sync();
    } finally {
      await folder.close();
    }
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#directory);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }

  #pathOf(file: MountFile): string {
    return join(this.#directory, mountFileName(file));
  }
}

async function isWhole(handle: FileHandle, { sha256, mode, uid = 0, gid = 0 }: MountFile): Promise<boolean> {
  const seen = await handle.stat();
  if (!seen.isFile() || seen.size > limits.fileBytes) return false;
  if ((seen.mode & MODE_BITS) !== Number.parseInt(mode, 8) || seen.uid !== uid || seen.gid !== gid) return false;
  return (
    createHash('sha256')
      .update(await handle.readFile())
      .digest('hex') === sha256
  );
}

async function translated<T>(act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new ShoalError('not-stored', `a file for containers could not be written: ${words}`, { cause });
  }
}
