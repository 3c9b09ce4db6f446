import { createHash } from 'node:crypto';
import { type MountFile, type MountFiles, mountFileName } from './mount-files.ts';

const FOLDER = '/files/';

/** The twin: files in memory, which tests can tamper with. */
export class MemoryMountFiles implements MountFiles {
  /** By path. */
  readonly files = new Map<string, Uint8Array>();

  async find(file: MountFile): Promise<string | undefined> {
    const path = FOLDER + mountFileName(file);
    const content = this.files.get(path);
    const isWhole = content !== undefined && createHash('sha256').update(content).digest('hex') === file.sha256;
    return isWhole ? path : undefined;
  }

  async put(file: MountFile, content: Uint8Array): Promise<string> {
    const path = FOLDER + mountFileName(file);
    this.files.set(path, content);
    return path;
  }

  async retain(files: readonly MountFile[]): Promise<void> {
    const kept = new Set(files.map((file) => FOLDER + mountFileName(file)));
    for (const path of this.files.keys()) if (!kept.has(path)) this.files.delete(path);
  }

  /** For the engine's twin. */
  read(path: string): string | undefined {
    const content = this.files.get(path);
    return content === undefined ? undefined : new TextDecoder().decode(content);
  }
}
