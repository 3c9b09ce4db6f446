import { compareText } from '../core/order.ts';
import type { Folder, FolderFile } from './folder.ts';

/** A folder in memory. */
export class MemoryFolder implements Folder {
  readonly #files = new Map<string, Buffer>();

  async list(): Promise<readonly FolderFile[]> {
    return [...this.#files]
      .map(([name, content]) => ({ name, sizeBytes: content.length }))
      .sort((a, b) => compareText(a.name, b.name));
  }

  async read(name: string, offset: number, maxBytes: number): Promise<Uint8Array> {
    return (this.#files.get(name) ?? Buffer.alloc(0)).subarray(offset, offset + maxBytes);
  }

  async put(name: string, content: Uint8Array): Promise<void> {
    this.#files.set(name, Buffer.from(content));
  }

  async append(name: string, content: Uint8Array): Promise<void> {
    this.#files.set(name, Buffer.concat([this.#files.get(name) ?? Buffer.alloc(0), content]));
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
  }
}
