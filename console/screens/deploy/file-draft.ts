import type { FileSpec } from '../../../protocol/schemas/file.ts';

/** A configuration file as the form shows it. */
export interface FileDraft {
  /** Tells it from others while paths are typed. */
  readonly key: string;
  readonly path: string;
  /** Octal; empty: what is usual. */
  readonly mode: string;
  /** Undefined: the content that the version has, which is not at hand here, or no text. */
  readonly content: string | undefined;
  readonly before: FileSpec | undefined;
}

export const fileDraftOf = (file: FileSpec, index: number): FileDraft => ({
  key: `file-${index}`,
  path: file.path,
  mode: file.mode ?? '',
  content: file.content,
  before: file,
});

export const newFile = (key: string): FileDraft => ({ key, path: '', mode: '', content: '', before: undefined });

/** The file as the API takes it. The owner stays, and the content where none was typed. */
export function fileOf({ path, mode, content, before }: FileDraft): FileSpec {
  const { path: _p, mode: _m, ...kept } = before ?? { path };
  const { content: _c, contentBase64: _b, sha256: _s, sizeBytes: _z, ...owner } = kept;
  return {
    path: path.trim(),
    ...(mode.trim() === '' ? {} : { mode: mode.trim() }),
    ...(content === undefined ? kept : { ...owner, content }),
  };
}
