import { isUtf8 } from 'node:buffer';
import type { FileSpec } from '../../../protocol/schemas/file.ts';
import { usage } from '../failure.ts';

/** Reads a file of this machine. */
export type ReadFile = (path: string) => Uint8Array;

/** Bytes that people can read: UTF-8 without NUL. */
export const isText = (bytes: Uint8Array): boolean => isUtf8(bytes) && !bytes.includes(0);

/** `LOCAL:/path/in/container`, `LOCAL:/path/in/container:0640`. */
export function parseConfigFile(text: string, readFile: ReadFile): FileSpec {
  const [, local = '', path = '', mode] = /^(.+):(\/[^:]*)(?::([^:/]*))?$/.exec(text) ?? [];
  if (local === '' || (mode !== undefined && !/^0[0-7]{3}$/.test(mode))) {
    throw usage(`'${text}' is not a file: write it as LOCAL:/path/in/container, with a mode like :0640 if need be`);
  }
  return { path, ...contentOf(readFile(local)), ...(mode === undefined ? {} : { mode }) };
}

/** Files of the base with those of the flags laid over them: one for the same path takes its place. */
export function mergeFiles(base: readonly FileSpec[], added: readonly FileSpec[]): FileSpec[] {
  const paths = new Set(added.map(({ path }) => path));
  return [...base.filter(({ path }) => !paths.has(path)), ...added];
}

/**
 * The files of a spec file: `source` names a file of this machine whose content is sent. Everything else is left to the server.
 *
 * @param readFile relative paths are meant from where the spec file is
 */
export function filesOfSpec(files: unknown, name: string, readFile: ReadFile): unknown {
  if (!Array.isArray(files)) return files;
  return files.map((file: unknown) => {
    if (typeof file !== 'object' || file === null) return file;
    // YAML reads 0644 as the number 644, and 0o644 as 420: no telling what was meant.
    if ('mode' in file && typeof file.mode === 'number') throw usage(`${name}: write modes in quotes, like "0644"`);
    if (!('source' in file)) return file;
    const { source, ...rest } = file;
    if (typeof source !== 'string') throw usage(`${name}: the source of a file is a path`);
    return { ...rest, ...contentOf(readFile(source)) };
  });
}

const contentOf = (bytes: Uint8Array): Pick<FileSpec, 'content' | 'contentBase64'> => {
  const buffer = Buffer.from(bytes);
  return isText(bytes) ? { content: buffer.toString('utf8') } : { contentBase64: buffer.toString('base64') };
};
